package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A computation: nodes in topological order, from inputs and initializers to outputs. Immutable,
 * and equal to a graph that holds the same; what a file says is held even if it is wrong, and the
 * checker tells.
 */
public final class Graph {
  private final String name;
  private final List<Input> inputs;
  private final List<Output> outputs;
  private final List<Node> nodes;
  private final List<Constant> constants;
  private final List<QuantizationAnnotation> quantization;
  private final Metadata metadata;

  /** Made when first asked for; see {@link GraphIndex#of(Graph)}. */
  private volatile @Nullable GraphIndex index;

  /** Found out when first asked for. */
  private volatile @Nullable NodeOperators operators;

  /**
   * A graph of all its parts.
   *
   * @param inputs in the order callers give them
   * @param outputs in the order callers get them
   * @param nodes each after the nodes it depends on
   * @param constants ONNX's initializers, dense and sparse
   * @param quantization annotations that name the quantisation parameters of values
   */
  public Graph(
      String name,
      List<Input> inputs,
      List<Output> outputs,
      List<Node> nodes,
      List<Constant> constants,
      List<QuantizationAnnotation> quantization,
      Metadata metadata) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.nodes = List.copyOf(nodes);
    this.constants = List.copyOf(constants);
    this.quantization = List.copyOf(quantization);
    this.metadata = metadata;
  }

  public static Graph of(
      String name,
      List<Input> inputs,
      List<Output> outputs,
      List<Node> nodes,
      List<Constant> constants) {
    return new Graph(name, inputs, outputs, nodes, constants, List.of(), Metadata.EMPTY);
  }

  public String name() {
    return name;
  }

  /** In the order callers give them. */
  public List<Input> inputs() {
    return inputs;
  }

  /** In the order callers get them. */
  public List<Output> outputs() {
    return outputs;
  }

  /** Each after the nodes it depends on. */
  public List<Node> nodes() {
    return nodes;
  }

  /** ONNX's initializers, dense and sparse. */
  public List<Constant> constants() {
    return constants;
  }

  /** Annotations that name the quantisation parameters of values. */
  public List<QuantizationAnnotation> quantization() {
    return quantization;
  }

  public Metadata metadata() {
    return metadata;
  }

  /** The operators of the nodes, those of subgraphs aside, each once and in order of first use. */
  public List<OperatorName> operators() {
    return nodeOperators().names();
  }

  /** Which of {@link #operators} the node at a position is of. */
  public int operatorNumber(int position) {
    return nodeOperators().numbers()[position];
  }

  /** Whether any of the nodes has a subgraph. */
  public boolean hasSubgraphs() {
    return nodeOperators().hasSubgraphs();
  }

  private NodeOperators nodeOperators() {
    NodeOperators found = operators;
    if (found == null) {
      found = NodeOperators.of(nodes);
      operators = found;
    }
    return found;
  }

  /** The graph's own index, with no graph around it. */
  GraphIndex index() {
    GraphIndex made = index;
    if (made == null) {
      made = new GraphIndex(this, null);
      index = made;
    }
    return made;
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

  @Override
  public boolean equals(@Nullable Object o) {
    return o == this
        || o instanceof Graph other
            && name.equals(other.name)
            && inputs.equals(other.inputs)
            && outputs.equals(other.outputs)
            && nodes.equals(other.nodes)
            && constants.equals(other.constants)
            && quantization.equals(other.quantization)
            && metadata.equals(other.metadata);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, inputs, outputs, nodes, constants, quantization, metadata);
  }

  @Override
  public String toString() {
    return "Graph[name=%s, inputs=%s, outputs=%s, nodes=%s, constants=%s, quantization=%s, metadata=%s]"
        .formatted(name, inputs, outputs, nodes, constants, quantization, metadata);
  }
}
