package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A computation: nodes in topological order, from inputs and initializers to outputs. Immutable;
 * what a file says is held even if it is wrong, and the checker tells.
 *
 * @param inputs in the order callers give them
 * @param outputs in the order callers get them
 * @param nodes each after the nodes it depends on
 * @param constants ONNX's initializers, dense and sparse
 * @param quantization annotations that name the quantisation parameters of values
 */
public record Graph(
    String name,
    List<Input> inputs,
    List<Output> outputs,
    List<Node> nodes,
    List<Constant> constants,
    List<QuantizationAnnotation> quantization,
    Metadata metadata) {
  public Graph {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    nodes = List.copyOf(nodes);
    constants = List.copyOf(constants);
    quantization = List.copyOf(quantization);
  }

  public static Graph of(
      String name,
      List<Input> inputs,
      List<Output> outputs,
      List<Node> nodes,
      List<Constant> constants) {
    return new Graph(name, inputs, outputs, nodes, constants, List.of(), Metadata.EMPTY);
  }

  /**
   * How often the graph, with its subgraphs, uses each value that is not its own, by name in the
   * order of first use. Those of a subgraph are values of the graphs around it.
   */
  public Map<String, Integer> captures() {
    Map<String, Integer> uses = new LinkedHashMap<>();
    for (Node node : nodes) {
      node.inputs().forEach(input -> uses.merge(input, 1, Integer::sum));
      for (Graph inner : node.subgraphs()) {
        inner.captures().forEach((value, count) -> uses.merge(value, count, Integer::sum));
      }
    }
    outputs.forEach(o -> uses.merge(o.name(), 1, Integer::sum));
    inputs.forEach(i -> uses.remove(i.name()));
    constants.forEach(c -> uses.remove(c.name()));
    nodes.forEach(n -> n.outputs().forEach(r -> uses.remove(r.name())));
    uses.remove(Node.ABSENT);
    return uses;
  }

  public Graph withName(String changed) {
    return new Graph(changed, inputs, outputs, nodes, constants, quantization, metadata);
  }

  public Graph withInputs(List<Input> changed) {
    return new Graph(name, changed, outputs, nodes, constants, quantization, metadata);
  }

  public Graph withOutputs(List<Output> changed) {
    return new Graph(name, inputs, changed, nodes, constants, quantization, metadata);
  }

  public Graph withNodes(List<Node> changed) {
    return new Graph(name, inputs, outputs, changed, constants, quantization, metadata);
  }

  /** The graph with another node in the place of the one at a position. */
  public Graph withNode(int position, Node changed) {
    List<Node> all = new ArrayList<>(nodes);
    all.set(position, changed);
    return withNodes(all);
  }

  /** The graph without the node at a position. */
  public Graph withoutNode(int position) {
    List<Node> rest = new ArrayList<>(nodes);
    rest.remove(position);
    return withNodes(rest);
  }

  public Graph withConstants(List<Constant> changed) {
    return new Graph(name, inputs, outputs, nodes, changed, quantization, metadata);
  }

  public Graph withMetadata(Metadata changed) {
    return new Graph(name, inputs, outputs, nodes, constants, quantization, changed);
  }

  public Graph withQuantization(List<QuantizationAnnotation> changed) {
    return new Graph(name, inputs, outputs, nodes, constants, changed, metadata);
  }
}
