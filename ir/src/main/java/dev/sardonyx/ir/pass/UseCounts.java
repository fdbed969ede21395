package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often each value that a graph sees is used, by nodes and as an output, subgraphs included. A
 * subgraph's own values are not counted, though they may have the same names.
 */
final class UseCounts {
  private final Map<String, Integer> counts = new HashMap<>();

  static UseCounts of(Graph graph) {
    return of(graph.nodes(), graph.outputs().stream().map(Output::name).toList());
  }

  static UseCounts of(List<Node> nodes, List<String> outputs) {
    UseCounts uses = new UseCounts();
    for (Node node : nodes) {
      node.inputs().forEach(value -> uses.add(value, 1));
      if (!node.attributes().isEmpty()) {
        node.subgraphs().forEach(uses::body);
      }
    }
    outputs.forEach(value -> uses.add(value, 1));
    return uses;
  }

  private void body(Graph body) {
    UseCounts inner = of(body);
    body.inputs().forEach(i -> inner.counts.remove(i.name()));
    body.constants().forEach(c -> inner.counts.remove(c.name()));
    body.nodes().forEach(n -> n.outputs().forEach(o -> inner.counts.remove(o.name())));
    inner.counts.forEach(this::add);
  }

  int of(String value) {
    return counts.getOrDefault(value, 0);
  }

  /** So many uses more, or less. */
  void add(String value, int uses) {
    counts.merge(value, uses, Integer::sum);
  }

  /** A value is used no more; how often it was. */
  int remove(String value) {
    Integer uses = counts.remove(value);
    return uses == null ? 0 : uses;
  }
}
