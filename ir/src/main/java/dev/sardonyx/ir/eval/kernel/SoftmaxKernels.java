package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Softmax and its kin: along an axis, and before opset 13 over all axes from one on. */
final class SoftmaxKernels {
  private SoftmaxKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Softmax", c -> apply(c, softmax(c.type(0))));
    kernels.one("LogSoftmax", c -> apply(c, SoftmaxKernels::logSoftmax));
    kernels.one("Hardmax", c -> apply(c, SoftmaxKernels::hardmax));
  }

  private static Tensor apply(KernelContext c, Rows.RowFunction change) {
    Tensor x = c.tensor(0);
    if (c.since() >= 13) {
      return Rows.along(x, c.intAttribute("axis", -1), change, c.parallel());
    }
    int axis = Math.toIntExact(c.intAttribute("axis", 1));
    axis = axis < 0 ? axis + x.rank() : axis;
    return Rows.trailing(x, Dims.product(x.dims(), axis, x.rank()), change, c.parallel());
  }

  /**
   * Softmax of rows of a type. Floats of 16 bits are rounded after each step, as ONNX's reference
   * does; bfloat16 even within the sum.
   */
  static Rows.RowFunction softmax(ElementType type) {
    if (type == ElementType.FLOAT) {
      return SoftmaxKernels::softmaxForFloat;
    }
    if (type.bits() > 16) {
      return SoftmaxKernels::softmax;
    }
    DoubleUnaryOperator round = Elements.rounding(type);
    DoubleUnaryOperator roundSum =
        type == ElementType.BFLOAT16 ? round : Elements.rounding(ElementType.FLOAT);
    return (values, from, count) -> {
      double max = ReductionKernels.max(values, from, count);
      double sum = 0;
      for (int i = from; i < from + count; i++) {
        values[i] = round.applyAsDouble(Math.exp(round.applyAsDouble(values[i] - max)));
        sum = roundSum.applyAsDouble(sum + values[i]);
      }
      sum = round.applyAsDouble(sum);
      for (int i = from; i < from + count; i++) {
        values[i] /= sum;
      }
    };
  }

  private static void softmax(double[] values, int from, int count) {
    double max = largest(values, from, count);
    for (int i = from; i < from + count; i++) {
      values[i] = Math.exp(values[i] - max);
    }
    divide(values, from, count, ReductionKernels.sum(values, from, count));
  }

  private static void softmaxForFloat(double[] values, int from, int count) {
    double max = largest(values, from, count);
    for (int i = from; i < from + count; i++) {
      values[i] = SpecialFunctions.expForFloat(values[i] - max);
    }
    divide(values, from, count, ReductionKernels.sum(values, from, count));
  }

  /** A NaN makes the sum one anyway. */
  private static double largest(double[] values, int from, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      max = values[i] > max ? values[i] : max;
    }
    return max;
  }

  private static void divide(double[] values, int from, int count, double divisor) {
    for (int i = from; i < from + count; i++) {
      values[i] /= divisor;
    }
  }

  static void logSoftmax(double[] values, int from, int count) {
    double max = largest(values, from, count);
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(values[i] - max);
    }
    double shift = max + Math.log(sum);
    for (int i = from; i < from + count; i++) {
      values[i] -= shift;
    }
  }

  /** One for the first largest, zero for the others. */
  private static void hardmax(double[] values, int from, int count) {
    int best = from;
    for (int i = from + 1; i < from + count; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    Arrays.fill(values, from, from + count, 0);
    values[best] = 1;
  }
}
