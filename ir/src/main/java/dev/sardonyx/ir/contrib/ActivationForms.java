package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
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
