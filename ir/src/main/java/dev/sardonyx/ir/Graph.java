package dev.sardonyx.ir;

import java.util.List;

/**
 * A computation: nodes in topological order, from inputs and constants to outputs. Immutable; what
 * a file says is held even if it is wrong, and the checker tells.
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
