package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.internal.NameIndex;
import java.util.Arrays;
import java.util.List;

/**
 * How often each value that a graph sees is used, by nodes and as an output, subgraphs included. A
 * subgraph's own values are not counted, though they may have the same names.
 */
final class UseCounts {
  private final NameIndex values;
  private int[] counts;

  private UseCounts(int expected) {
    values = NameIndex.of(expected);
    counts = new int[Math.max(expected, 8)];
  }

  static UseCounts of(Graph graph) {
    return of(graph.nodes(), graph.outputs().stream().map(Output::name).toList());
  }

  static UseCounts of(List<Node> nodes, List<String> outputs) {
    UseCounts uses = new UseCounts(nodes.size());
    for (Node node : nodes) {
      for (String input : node.inputs()) {
        uses.add(input, 1);
      }
      for (Graph body : node.subgraphs()) {
        uses.body(body);
      }
    }
    outputs.forEach(value -> uses.add(value, 1));
    return uses;
  }

  private void body(Graph body) {
    UseCounts inner = of(body);
    body.inputs().forEach(i -> inner.remove(i.name()));
    body.constants().forEach(c -> inner.remove(c.name()));
    body.nodes().forEach(n -> n.outputs().forEach(o -> inner.remove(o.name())));
    for (int i = 0; i < inner.values.size(); i++) {
      if (inner.counts[i] > 0) {
        add(inner.values.name(i), inner.counts[i]);
      }
    }
  }

  int of(String value) {
    int number = values.find(value);
    return number == NameIndex.NONE ? 0 : counts[number];
  }

  /** So many uses more, or less. */
  void add(String value, int uses) {
    int number = values.add(value);
    if (number == counts.length) {
      counts = Arrays.copyOf(counts, 2 * number);
    }
    counts[number] += uses;
  }

  /** A value is used no more; how often it was. */
  int remove(String value) {
    int number = values.find(value);
    if (number == NameIndex.NONE) {
      return 0;
    }
    int uses = counts[number];
    counts[number] = 0;
    return uses;
  }
}
