package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How often each value is used, by nodes and as an output, subgraphs included. */
final class UseCounts {
  private final Map<String, Integer> counts = new HashMap<>();

  static UseCounts of(Graph graph) {
    UseCounts uses = new UseCounts();
    uses.graph(graph);
    return uses;
  }

  static UseCounts of(List<Node> nodes, List<String> outputs) {
    UseCounts uses = new UseCounts();
    uses.nodes(nodes);
    outputs.forEach(uses::add);
    return uses;
  }

  private void graph(Graph graph) {
    nodes(graph.nodes());
    for (Output output : graph.outputs()) {
      add(output.name());
    }
  }

  private void nodes(List<Node> nodes) {
    for (Node node : nodes) {
      node.inputs().forEach(this::add);
      if (!node.attributes().isEmpty()) {
        node.subgraphs().forEach(this::graph);
      }
    }
  }

  private void add(String value) {
    counts.merge(value, 1, Integer::sum);
  }

  int of(String value) {
    return counts.getOrDefault(value, 0);
  }

  /** One use of a value is no more. */
  void remove(String value) {
    counts.computeIfPresent(value, (v, count) -> count - 1);
  }

  /** All uses of one value become uses of another. */
  void move(String from, String to) {
    Integer moved = counts.remove(from);
    if (moved != null) {
      counts.merge(to, moved, Integer::sum);
    }
  }
}
