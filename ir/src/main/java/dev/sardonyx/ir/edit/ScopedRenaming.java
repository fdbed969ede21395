package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.QuantizationAnnotation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values of one graph under other names, and the same values where subgraphs use them. A subgraph
 * that has a value of its own by an old name means that one, which stays.
 */
final class ScopedRenaming {
  private ScopedRenaming() {}

  /** The graph with its own values renamed, in it and in its subgraphs. */
  static Graph graph(Graph graph, Map<String, String> names) {
    if (names.isEmpty()) {
      return graph;
    }
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      nodes.add(
          uses(node, names)
              .withOutputs(
                  node.outputs().stream()
                      .map(r -> r.withName(names.getOrDefault(r.name(), r.name())))
                      .toList()));
    }
    return border(graph, names).withNodes(nodes);
  }

  private static Graph border(Graph graph, Map<String, String> names) {
    return graph
        .withInputs(
            graph.inputs().stream()
                .map(i -> i.withName(names.getOrDefault(i.name(), i.name())))
                .toList())
        .withOutputs(
            graph.outputs().stream()
                .map(o -> o.withName(names.getOrDefault(o.name(), o.name())))
                .toList())
        .withConstants(
            graph.constants().stream()
                .map(c -> c.withName(names.getOrDefault(c.name(), c.name())))
                .toList())
        .withQuantization(graph.quantization().stream().map(q -> annotation(q, names)).toList());
  }

  private static QuantizationAnnotation annotation(
      QuantizationAnnotation annotation, Map<String, String> names) {
    Map<String, String> parameters = new LinkedHashMap<>();
    annotation
        .parameters()
        .forEach((key, value) -> parameters.put(key, names.getOrDefault(value, value)));
    String value = annotation.value();
    return new QuantizationAnnotation(
        names.getOrDefault(value, value), parameters, annotation.metadata());
  }

  /** The node with what it uses renamed: its inputs, and what its subgraphs take from around. */
  static Node uses(Node node, Map<String, String> names) {
    Node changed = node;
    if (node.inputs().stream().anyMatch(names::containsKey)) {
      changed = node.withInputs(node.inputs().stream().map(i -> names.getOrDefault(i, i)).toList());
    }
    return changed.withSubgraphs(body -> body(body, names));
  }

  private static Graph body(Graph body, Map<String, String> names) {
    Map<String, String> seen = new HashMap<>(names);
    seen.keySet().removeAll(Values.of(body));
    if (seen.isEmpty()) {
      return body;
    }
    return border(body, seen).withNodes(body.nodes().stream().map(n -> uses(n, seen)).toList());
  }
}
