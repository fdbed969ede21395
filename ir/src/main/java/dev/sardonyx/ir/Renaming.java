package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values under other names, in nodes and in the subgraphs that see them. */
public final class Renaming {
  private final Map<String, String> names;

  private Renaming(Map<String, String> names) {
    this.names = names;
  }

  /** From old names to new ones; all others stay. The map is looked at, not copied. */
  public static Renaming of(Map<String, String> names) {
    return new Renaming(names);
  }

  public String name(String value) {
    return names.getOrDefault(value, value);
  }

  public List<Node> nodes(List<Node> nodes) {
    List<Node> changed = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      changed.add(node(node));
    }
    return changed;
  }

  /** The node with its inputs, results and subgraphs renamed; itself if none is. */
  public Node node(Node node) {
    Node changed = uses(node);
    if (node.outputs().stream().anyMatch(r -> names.containsKey(r.name()))) {
      changed =
          changed.withOutputs(
              node.outputs().stream().map(r -> r.withName(name(r.name()))).toList());
    }
    return changed;
  }

  /** The node with only what it uses renamed: its inputs, and all of its subgraphs. */
  public Node uses(Node node) {
    Node changed = node;
    if (node.inputs().stream().anyMatch(names::containsKey)) {
      changed = changed.withInputs(node.inputs().stream().map(this::name).toList());
    }
    return node.subgraphs().isEmpty() ? changed : changed.withSubgraphs(this::graph);
  }

  /** A graph with all its values renamed, its inputs, outputs and initializers included. */
  public Graph graph(Graph graph) {
    return new Graph(
        graph.name(),
        graph.inputs().stream().map(i -> i.withName(name(i.name()))).toList(),
        graph.outputs().stream().map(o -> o.withName(name(o.name()))).toList(),
        nodes(graph.nodes()),
        graph.constants().stream().map(c -> c.withName(name(c.name()))).toList(),
        graph.quantization().stream().map(this::annotation).toList(),
        graph.metadata());
  }

  private QuantizationAnnotation annotation(QuantizationAnnotation annotation) {
    Map<String, String> parameters = new LinkedHashMap<>();
    annotation.parameters().forEach((key, value) -> parameters.put(key, name(value)));
    return new QuantizationAnnotation(name(annotation.value()), parameters, annotation.metadata());
  }
}
