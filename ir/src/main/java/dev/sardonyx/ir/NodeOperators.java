package dev.sardonyx.ir;

import dev.sardonyx.ir.internal.NameIndex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The operators that nodes are of, each once, and the number of that of each node.
 *
 * @param names in the order of first use
 * @param numbers of each node, by position
 * @param hasSubgraphs whether any of the nodes has one
 */
record NodeOperators(List<OperatorName> names, int[] numbers, boolean hasSubgraphs) {
  static NodeOperators of(List<Node> nodes) {
    Map<OperatorName, Integer> known = new HashMap<>();
    // Most operators are ONNX's own, and need no other key than their type.
    NameIndex types = NameIndex.of();
    List<Integer> ofTypes = new ArrayList<>();
    int[] numbers = new int[nodes.size()];
    boolean hasSubgraphs = false;
    int position = 0;
    for (Node node : nodes) {
      boolean isPlain = node.domain().isEmpty() && node.overload().isEmpty();
      int type = isPlain ? types.find(node.opType()) : NameIndex.NONE;
      if (type == NameIndex.NONE) {
        int number = known.computeIfAbsent(OperatorName.of(node), name -> known.size());
        if (isPlain) {
          types.add(node.opType());
          ofTypes.add(number);
        }
        numbers[position++] = number;
      } else {
        numbers[position++] = ofTypes.get(type);
      }
      hasSubgraphs |= !node.attributes().isEmpty() && !node.subgraphs().isEmpty();
    }
    OperatorName[] names = new OperatorName[known.size()];
    known.forEach((name, number) -> names[number] = name);
    return new NodeOperators(List.of(names), numbers, hasSubgraphs);
  }
}
