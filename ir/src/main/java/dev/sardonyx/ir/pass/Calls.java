package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Which nodes call functions of the model. */
final class Calls {
  private Calls() {}

  private static Map<OperatorName, Function> byOperator(List<Function> functions) {
    Map<OperatorName, Function> byOperator = new HashMap<>();
    functions.forEach(f -> byOperator.put(OperatorName.of(f), f));
    return byOperator;
  }

  /** The operators of functions that a graph calls, directly or through others. */
  static Set<OperatorName> reachable(Graph graph, List<Function> functions) {
    Set<OperatorName> reached = new HashSet<>();
    if (functions.isEmpty()) {
      return reached;
    }
    Map<OperatorName, Function> byOperator = byOperator(functions);
    Deque<List<Node>> open = new ArrayDeque<>();
    open.push(graph.nodes());
    while (!open.isEmpty()) {
      for (OperatorName operator : among(open.pop(), byOperator.keySet())) {
        if (reached.add(operator)) {
          open.push(Objects.requireNonNull(byOperator.get(operator)).nodes());
        }
      }
    }
    return reached;
  }

  /** The operators of functions that nodes call, or nodes of their subgraphs. */
  static Set<OperatorName> among(List<Node> nodes, Set<OperatorName> functions) {
    Set<OperatorName> called = new LinkedHashSet<>();
    Deque<List<Node>> open = new ArrayDeque<>();
    open.push(nodes);
    while (!open.isEmpty()) {
      for (Node node : open.pop()) {
        OperatorName operator = OperatorName.of(node);
        if (functions.contains(operator)) {
          called.add(operator);
        }
        node.subgraphs().forEach(g -> open.push(g.nodes()));
      }
    }
    return called;
  }
}
