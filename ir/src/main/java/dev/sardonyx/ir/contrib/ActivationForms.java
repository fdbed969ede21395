package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;

/** Activations, alone and with a bias. */
final class ActivationForms {
  private ActivationForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("Gelu", n -> n.to().gelu(n.in(0)));
    operators.one("BiasGelu", n -> n.to().gelu(n.to().add(n.in(0), n.in(1))));
    operators.one("FastGelu", ActivationForms::fastGelu);
    operators.one("QuickGelu", n -> n.to().swish(n.in(0), n.number("alpha", 1.702f)));
    operators.one("BiasSoftmax", ActivationForms::biasSoftmax);
  }

  private static Value fastGelu(ContribNode n) {
    StandardOps to = n.to();
    Value x = n.has(1) ? to.add(n.in(0), n.in(1)) : n.in(0);
    if (to.opset() >= 20) {
      return to.node("Gelu", List.of(x), Attribute.ofString("approximate", "tanh"));
    }
    Value cube = to.mul(to.mul(x, x), x);
    Value sum = to.add(x, to.mul(cube, to.scalarLike(x, 0.044715)));
    Value inner = to.tanh(to.mul(sum, to.scalarLike(x, Math.sqrt(2 / Math.PI))));
    return to.mul(to.mul(x, to.scalarLike(x, 0.5)), to.add(inner, to.scalarLike(x, 1)));
  }

  /** The axes from the given one on are one row each. */
  private static Value biasSoftmax(ContribNode n) {
    StandardOps to = n.to();
    Value x = n.in(0);
    int rank = n.rank(0);
    int axis = Math.toIntExact(n.integer("axis", 1));
    axis = axis < 0 ? axis + rank : axis;
    Value bias = n.in(1);
    if (n.integer("is_inner_broadcast", 1) == 0) {
      bias = outer(n, axis);
    }
    Value sum = to.add(x, bias);
    if (axis == rank - 1) {
      return to.softmax(sum, -1);
    }
    long[] rows = new long[axis + 1];
    rows[axis] = -1;
    return to.reshape(to.softmax(to.reshape(sum, rows), -1), to.shape(x));
  }

  /** A bias whose leading axes are fewer stands for the last of the leading ones. */
  private static Value outer(ContribNode n, int axis) {
    Shape data = OperatorBuilder.shapeOf(n.in(0));
    if (data.rank() != n.rank(1)) {
      throw new NoStandardFormException("its bias is of another rank at axis " + axis);
    }
    return n.in(1);
  }

  /**
   * The activation that a fused operator ends with.
   *
   * @param name ONNX's name of it; empty for none
   */
  static Value apply(StandardOps to, String name, Value x, float[] parameters) {
    return switch (name) {
      case "" -> x;
      case "Relu" -> to.relu(x);
      case "Tanh" -> to.tanh(x);
      case "Sigmoid" -> to.sigmoid(x);
      case "Softplus" -> to.softplus(x);
      case "Softsign" -> to.softsign(x);
      case "HardSwish" -> to.hardSwish(x);
      case "LeakyRelu" -> to.leakyRelu(x, parameter(parameters, 0, 0.01f));
      case "Elu" -> to.elu(x, parameter(parameters, 0, 1));
      case "ThresholdedRelu" -> to.thresholdedRelu(x, parameter(parameters, 0, 1));
      case "Clip" ->
          to.clip(
              x,
              parameter(parameters, 0, -Float.MAX_VALUE),
              parameter(parameters, 1, Float.MAX_VALUE));
      case "HardSigmoid" ->
          to.hardSigmoid(x, parameter(parameters, 0, 0.2f), parameter(parameters, 1, 0.5f));
      default -> throw new NoStandardFormException("its activation " + name + " is not known");
    };
  }

  private static float parameter(float[] parameters, int i, float otherwise) {
    return i < parameters.length ? parameters[i] : otherwise;
  }
}
