package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/** Gemm, and MatMul with or without an Add behind it: fully connected layers. */
final class Dense {
  private Dense() {}

  static void gemm(Node node, NetworkBuilder network) {
    requireMatrix(node, network);
    if (node.intAttribute("transA", 0) != 0) {
      throw new NodeRefusal(node, "DL4J does not transpose a layer's input (transA)");
    }
    boolean transposed = node.intAttribute("transB", 0) != 0;
    Tensor weights = matrix(node, network);
    long inputs = weights.dim(transposed ? 1 : 0);
    long outputs = weights.dim(transposed ? 0 : 1);
    float alpha = factor(node, "alpha", network);
    float beta = factor(node, "beta", network);
    boolean hasBias = node.hasInput(2) && beta != 0;
    if (hasBias) {
      requireBias(node, node, 2, outputs, network);
    }
    Layer layer = new Layer(node, network, inputs, outputs, hasBias ? node : null, 2);
    String name = layer.add(node);
    ParameterBinding w = weightBinding(node, weights, transposed, name);
    network.bind(node, w.scaled(alpha));
    if (hasBias) {
      network.bind(
          node,
          ParameterBinding.plain(node.input(2), new long[] {outputs}, name, "b").scaled(beta));
    }
  }

  /** What DL4J's weights are multiplied by, and divided by on the way back from training. */
  private static float factor(Node node, String attribute, NetworkBuilder network) {
    float factor = node.floatAttribute(attribute, 1);
    boolean leavesOutBias = attribute.equals("beta") && factor == 0;
    float size = Math.abs(factor);
    if (network.isTraining() && !leavesOutBias && !(size >= 1e-6f && size <= 1e6f)) {
      throw new NodeRefusal(
          node,
          "no weights come back from training through its %s %s".formatted(attribute, factor));
    }
    return factor;
  }

  static void matMul(Node node, NetworkBuilder network) {
    requireRows(node, network);
    Tensor weights = matrix(node, network);
    long outputs = weights.dim(1);
    Node add = biasBehind(node, network, outputs).orElse(null);
    int biasInput = add == null ? -1 : network.isConstant(add, 0) ? 0 : 1;
    if (add != null) {
      requireFrozenAlike(node, add, biasInput, network);
      network.markDone(add);
    }
    Layer layer = new Layer(node, network, weights.dim(0), outputs, add, biasInput);
    String name = layer.add(add == null ? node : add);
    network.bind(node, weightBinding(node, weights, false, name));
    if (add != null) {
      network.bind(
          add, ParameterBinding.plain(add.input(biasInput), new long[] {outputs}, name, "b"));
    }
  }

  /** A layer is frozen with all its parameters. */
  private static void requireFrozenAlike(
      Node product, Node add, int biasInput, NetworkBuilder network) {
    if (network.isFrozen(product) && !network.isFrozen(add)) {
      throw new NodeRefusal(
          add,
          "its bias '%s' would be frozen with the weights '%s' of '%s', for they are one layer; freeze until '%s', or until a value before '%s'"
              .formatted(
                  add.input(biasInput),
                  product.input(1),
                  product.label(),
                  add.output(0).name(),
                  product.output(0).name()));
    }
  }

  private static ParameterBinding weightBinding(
      Node node, Tensor weights, boolean transposed, String layer) {
    ParameterBinding w = ParameterBinding.plain(node.input(1), weights.dims(), layer, "W");
    return transposed ? w.permuted(1, 0) : w;
  }

  /** A fully connected layer to be added, with or without a bias. */
  private record Layer(
      Node node,
      NetworkBuilder network,
      long inputs,
      long outputs,
      @Nullable Node biasNode,
      int biasInput) {

    /** Adds the layer with the activation behind its last node; returns the layer's name. */
    String add(Node last) {
      Activations.Fused fused = Activations.following(last, network);
      if (fused != null) {
        network.markDone(fused.node());
      }
      String value = fused == null ? last.output(0).name() : fused.value();
      IActivation function = fused == null ? new ActivationIdentity() : fused.function();
      int rank = network.rank(node, node.input(0));
      OutputLayer.Builder output = rank == 2 ? network.losses().outputLayer(value) : null;
      org.deeplearning4j.nn.conf.layers.Layer layer =
          output != null
              ? output
                  .nIn(inputs)
                  .nOut(outputs)
                  .hasBias(biasNode != null)
                  .activation(function)
                  .build()
              : new DenseLayer.Builder()
                  .nIn(inputs)
                  .nOut(outputs)
                  .hasBias(biasNode != null)
                  .activation(function)
                  .build();
      if (rank == 2) {
        network.layer(value, layer, network.vertex(node, 0));
        return value;
      }
      // All axes but the last are rows of a matrix on the way through the layer.
      String rows =
          network.helperVertex(value, "rows", AxisOrder.matrix(inputs), network.vertex(node, 0));
      String name = network.helperLayer(value, "layer", layer, rows);
      long[] example = network.example(node, node.input(0));
      example[example.length - 1] = outputs;
      network.vertex(value, AxisOrder.reshape(example), name);
      return name;
    }
  }

  private static Optional<Node> biasBehind(Node node, NetworkBuilder network, long outputs) {
    String product = node.output(0).name();
    return network
        .fusible(node)
        .filter(n -> n.is("Add"))
        .filter(
            n -> {
              int other = n.input(0).equals(product) ? 1 : 0;
              return network.isConstant(n, other) && isVector(network.constant(n, other), outputs);
            });
  }

  private static boolean isVector(Tensor tensor, long size) {
    return tensor.size() == size
        && (tensor.rank() == 1 || (tensor.rank() == 2 && tensor.dim(0) == 1));
  }

  private static void requireBias(
      Node node, Node owner, int input, long outputs, NetworkBuilder network) {
    Tensor bias = network.weights(owner, input);
    if (!isVector(bias, outputs)) {
      throw new NodeRefusal(
          node,
          "its bias '%s' is %s where DL4J takes one number for each of %d outputs"
              .formatted(owner.input(input), bias.shape(), outputs));
    }
  }

  private static Tensor matrix(Node node, NetworkBuilder network) {
    Tensor weights = network.weights(node, 1);
    if (weights.rank() != 2) {
      throw new NodeRefusal(
          node, "its weights '%s' are %s, not a matrix".formatted(node.input(1), weights.shape()));
    }
    return weights;
  }

  private static void requireRows(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    if (rank < 2) {
      throw new NodeRefusal(
          node,
          "its input '%s' is %s where a fully connected layer takes [N,...,features]"
              .formatted(node.input(0), network.shape(node.input(0))));
    }
  }

  private static void requireMatrix(Node node, NetworkBuilder network) {
    Shape shape = network.shape(node.input(0));
    if (shape.isRanked() && shape.rank() != 2) {
      throw new NodeRefusal(
          node,
          "its input '%s' is %s where a fully connected layer takes [N,features]"
              .formatted(node.input(0), shape));
    }
  }
}
