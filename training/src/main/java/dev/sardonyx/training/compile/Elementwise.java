package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;

/** Arithmetic between values, and between a value and a constant. */
final class Elementwise {
  private Elementwise() {}

  static void add(Node node, NetworkBuilder network) {
    int constant = constantOperand(node, network);
    if (constant < 0) {
      combine(node, network, ElementWiseVertex.Op.Add);
    } else if (isScalar(node, constant, network)) {
      shift(node, network, 1 - constant, scalar(node, constant, network));
    } else {
      affine(node, network, constant, "beta", 1);
    }
  }

  static void multiply(Node node, NetworkBuilder network) {
    int constant = constantOperand(node, network);
    if (constant < 0) {
      combine(node, network, ElementWiseVertex.Op.Product);
    } else if (isScalar(node, constant, network)) {
      scale(node, network, 1 - constant, scalar(node, constant, network));
    } else {
      affine(node, network, constant, "gamma", 1);
    }
  }

  static void subtract(Node node, NetworkBuilder network) {
    int constant = constantOperand(node, network);
    if (constant < 0) {
      requireSameShapes(node, network);
      combine(node, network, ElementWiseVertex.Op.Subtract);
    } else if (constant == 0) {
      double minuend = scalarOrRefuse(node, 0, network);
      String value = node.output(0).name();
      String negative =
          network.helperVertex(value, "negative", new ScaleVertex(-1), network.vertex(node, 1));
      network.vertex(value, new ShiftVertex(minuend), negative);
    } else if (isScalar(node, 1, network)) {
      shift(node, network, 0, -scalar(node, 1, network));
    } else {
      affine(node, network, 1, "beta", -1);
    }
  }

  static void divide(Node node, NetworkBuilder network) {
    if (constantOperand(node, network) != 1) {
      throw new NodeRefusal(node, "DL4J divides by constants only");
    }
    double divisor = scalarOrRefuse(node, 1, network);
    if (divisor == 0) {
      throw new NodeRefusal(node, "it divides by 0");
    }
    scale(node, network, 0, 1 / divisor);
  }

  static void negate(Node node, NetworkBuilder network) {
    scale(node, network, 0, -1);
  }

  static void sum(Node node, NetworkBuilder network) {
    combine(node, network, ElementWiseVertex.Op.Add);
  }

  static void mean(Node node, NetworkBuilder network) {
    requireSameShapes(node, network);
    combine(node, network, ElementWiseVertex.Op.Average);
  }

  static void max(Node node, NetworkBuilder network) {
    requireSameShapes(node, network);
    combine(node, network, ElementWiseVertex.Op.Max);
  }

  private static void combine(Node node, NetworkBuilder network, ElementWiseVertex.Op op) {
    String[] inputs = new String[node.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = network.vertex(node, i);
    }
    if (inputs.length == 1) {
      network.alias(node.output(0).name(), node, 0);
    } else {
      network.vertex(node.output(0).name(), new ElementWiseVertex(op), inputs);
    }
  }

  private static void requireSameShapes(Node node, NetworkBuilder network) {
    Shape first = network.shape(node.input(0));
    for (String input : node.inputs()) {
      if (!network.shape(input).isCompatibleWith(first)) {
        throw new NodeRefusal(
            node,
            "DL4J does it between equal shapes only, and '%s' is %s but '%s' is %s"
                .formatted(node.input(0), first, input, network.shape(input)));
      }
    }
  }

  /** Which of two operands is a constant; -1 if neither. */
  private static int constantOperand(Node node, NetworkBuilder network) {
    return network.isConstant(node, 0) ? 0 : network.isConstant(node, 1) ? 1 : -1;
  }

  private static boolean isScalar(Node node, int input, NetworkBuilder network) {
    return network.constant(node, input).size() == 1;
  }

  private static double scalar(Node node, int input, NetworkBuilder network) {
    return network.number(node, input);
  }

  private static double scalarOrRefuse(Node node, int input, NetworkBuilder network) {
    if (!isScalar(node, input, network)) {
      throw new NodeRefusal(
          node,
          "DL4J does it with a single number only, and '%s' is %s"
              .formatted(node.input(input), network.constant(node, input).shape()));
    }
    return scalar(node, input, network);
  }

  private static void scale(Node node, NetworkBuilder network, int input, double factor) {
    network.elementwise(node.output(0).name(), new ScaleVertex(factor), node, input);
  }

  private static void shift(Node node, NetworkBuilder network, int input, double summand) {
    network.elementwise(node.output(0).name(), new ShiftVertex(summand), node, input);
  }

  /** A number for each channel: a batch normalisation of mean 0 and variance 1. */
  private static void affine(
      Node node, NetworkBuilder network, int constant, String parameter, float sign) {
    Tensor tensor = network.weights(node, constant);
    String name = node.input(constant);
    String other = node.input(1 - constant);
    Shape shape = network.shape(other);
    if (!shape.isRanked()
        || !shape.dim(1).isFixed(tensor.size())
        || !isChannelVector(tensor, shape.rank())) {
      throw new NodeRefusal(
          node,
          "the constant '%s' %s has not one number for each channel of '%s' %s"
              .formatted(name, tensor.shape(), other, shape));
    }
    if (network.isTraining()) {
      throw new NodeRefusal(
          node,
          "DL4J has no layer that trains the constant '%s'; fold it into the layer before"
              .formatted(name));
    }
    String value = node.output(0).name();
    BatchNormalization layer =
        new BatchNormalization.Builder()
            .nIn(tensor.size())
            .nOut(tensor.size())
            .eps(0)
            .useLogStd(false)
            .build();
    network.layer(value, layer, network.vertex(node, 1 - constant));
    network.bind(
        node,
        ParameterBinding.plain(name, new long[] {tensor.size()}, value, parameter).scaled(sign));
  }

  /** Whether all of the tensor lies on axis 1 once it is aligned with a value of the rank. */
  private static boolean isChannelVector(Tensor tensor, int rank) {
    int axis = 1 - (rank - tensor.rank());
    return axis >= 0 && axis < tensor.rank() && tensor.dim(axis) == tensor.size();
  }
}
