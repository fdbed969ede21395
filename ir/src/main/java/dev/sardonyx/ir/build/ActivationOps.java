package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import java.util.stream.LongStream;

/** Activation functions; the result has the shape of {@code x}. */
public interface ActivationOps extends OperatorBuilder {
  /** {@code max(0, x)} (ONNX {@code Relu}). */
  default Value relu(Value x) {
    return node("Relu", x);
  }

  /** {@code 1 / (1 + exp(-x))} (ONNX {@code Sigmoid}). */
  default Value sigmoid(Value x) {
    return node("Sigmoid", x);
  }

  /** Hyperbolic tangent (ONNX {@code Tanh}). */
  default Value tanh(Value x) {
    return node("Tanh", x);
  }

  /** {@code log(1 + exp(x))} (ONNX {@code Softplus}). */
  default Value softplus(Value x) {
    return node("Softplus", x);
  }

  /** {@code x / (1 + |x|)} (ONNX {@code Softsign}). */
  default Value softsign(Value x) {
    return node("Softsign", x);
  }

  /**
   * {@code x} if positive, else {@code alpha * x} (ONNX {@code LeakyRelu}; its default is 0.01).
   */
  default Value leakyRelu(Value x, float alpha) {
    return node("LeakyRelu", OperatorBuilder.operands(x), Attribute.ofFloat("alpha", alpha));
  }

  /** {@code x} if not negative, else {@code slope * x} (ONNX {@code PRelu}). */
  default Value pRelu(Value x, Value slope) {
    return node("PRelu", x, slope);
  }

  /** {@code x} if positive, else {@code alpha * (exp(x) - 1)} (ONNX {@code Elu}; default 1). */
  default Value elu(Value x, float alpha) {
    return node("Elu", OperatorBuilder.operands(x), Attribute.ofFloat("alpha", alpha));
  }

  /** The self-normalising unit with its usual constants (ONNX {@code Selu}). */
  default Value selu(Value x) {
    return node("Selu", x);
  }

  /** {@code max(0,x) + min(0, alpha * (exp(x/alpha) - 1))} (ONNX {@code Celu}; float only). */
  default Value celu(Value x, float alpha) {
    return node("Celu", OperatorBuilder.operands(x), Attribute.ofFloat("alpha", alpha));
  }

  /**
   * {@code x * P(normal <= x)}, exactly, with the error function (ONNX {@code Gelu} of opset 20;
   * made of older operators before).
   */
  default Value gelu(Value x) {
    if (opset() >= 20) {
      return node("Gelu", x);
    }
    OperatorBuilder inside = inside();
    Value scaled = inside.node("Mul", x, scalarLike(x, Math.sqrt(0.5)));
    Value twice = inside.node("Add", inside.node("Erf", scaled), scalarLike(x, 1));
    return node("Mul", inside.node("Mul", x, scalarLike(x, 0.5)), twice);
  }

  /** {@code min(1, max(0, alpha * x + beta))} (ONNX {@code HardSigmoid}; defaults 0.2, 0.5). */
  default Value hardSigmoid(Value x, float alpha, float beta) {
    return hardSigmoid(this, x, alpha, beta);
  }

  private static Value hardSigmoid(OperatorBuilder b, Value x, float alpha, float beta) {
    return b.node(
        "HardSigmoid",
        OperatorBuilder.operands(x),
        Attribute.ofFloat("alpha", alpha),
        Attribute.ofFloat("beta", beta));
  }

  /**
   * {@code x * min(1, max(0, x/6 + 0.5))} (ONNX {@code HardSwish}; before 14 of older operators).
   */
  default Value hardSwish(Value x) {
    return opset() >= 14
        ? node("HardSwish", x)
        : node("Mul", x, hardSigmoid(inside(), x, 1f / 6, 0.5f));
  }

  /** {@code x * sigmoid(alpha * x)} (ONNX {@code Swish}; before 24 of older operators). */
  default Value swish(Value x, float alpha) {
    if (opset() >= 24) {
      return node("Swish", OperatorBuilder.operands(x), Attribute.ofFloat("alpha", alpha));
    }
    OperatorBuilder inside = inside();
    Value inner = alpha == 1 ? x : inside.node("Mul", x, scalarLike(x, alpha));
    return node("Mul", x, inside.node("Sigmoid", inner));
  }

  /** {@code x * tanh(softplus(x))} (ONNX {@code Mish}; before 18 of older operators). */
  default Value mish(Value x) {
    if (opset() >= 18) {
      return node("Mish", x);
    }
    OperatorBuilder inside = inside();
    return node("Mul", x, inside.node("Tanh", inside.node("Softplus", x)));
  }

  /** {@code x} where it is above alpha, else 0 (ONNX {@code ThresholdedRelu}; opset 10 on). */
  default Value thresholdedRelu(Value x, float alpha) {
    return node("ThresholdedRelu", OperatorBuilder.operands(x), Attribute.ofFloat("alpha", alpha));
  }

  /** Elements kept between two numbers (ONNX {@code Clip}). */
  default Value clip(Value x, double min, double max) {
    return opset() >= 11
        ? node("Clip", x, scalarLike(x, min), scalarLike(x, max))
        : node(
            "Clip",
            OperatorBuilder.operands(x),
            Attribute.ofFloat("min", (float) min),
            Attribute.ofFloat("max", (float) max));
  }

  /** {@code exp(x)} divided by its sum along an axis (ONNX {@code Softmax}). */
  default Value softmax(Value x, long axis) {
    return alongAxis("Softmax", x, axis);
  }

  /** Softmax along the last axis. */
  default Value softmax(Value x) {
    return softmax(x, -1);
  }

  /** The logarithm of {@link #softmax(Value, long)} (ONNX {@code LogSoftmax}). */
  default Value logSoftmax(Value x, long axis) {
    return alongAxis("LogSoftmax", x, axis);
  }

  /** 1 at the first largest element along an axis, else 0 (ONNX {@code Hardmax}). */
  default Value hardmax(Value x, long axis) {
    return alongAxis("Hardmax", x, axis);
  }

  /** Before opset 13 these took all axes from the given one on as one, so only the last is safe. */
  private Value alongAxis(String operator, Value x, long axis) {
    if (opset() >= 13) {
      return node(operator, OperatorBuilder.operands(x), Attribute.ofInt("axis", axis));
    }
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked()) {
      throw GraphBuildException.here(operator + " before opset 13 needs the rank of " + x.name());
    }
    int last = shape.rank() - 1;
    int positive = Math.toIntExact(axis < 0 ? axis + shape.rank() : axis);
    if (positive < 0 || positive > last) {
      throw GraphBuildException.here(
          operator + ": axis " + axis + " is outside the shape " + shape + " of " + x.name());
    }
    Attribute lastAxis = Attribute.ofInt("axis", last);
    if (positive == last) {
      return node(operator, OperatorBuilder.operands(x), lastAxis);
    }
    long[] swap = LongStream.rangeClosed(0, last).toArray();
    swap[positive] = last;
    swap[last] = positive;
    Attribute perm = Attribute.ofInts("perm", swap);
    OperatorBuilder inside = inside();
    Value swapped = inside.node("Transpose", OperatorBuilder.operands(x), perm);
    Value result = inside.node(operator, OperatorBuilder.operands(swapped), lastAxis);
    return node("Transpose", OperatorBuilder.operands(result), perm);
  }
}
