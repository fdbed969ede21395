package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Running sums and products, and ranges. */
final class CumulativeKernels {
  private CumulativeKernels() {}

  static void register(Kernels kernels) {
    kernels.one("CumSum", c -> cumulate(c, 0, Double::sum, Long::sum));
    kernels.one("CumProd", c -> cumulate(c, 1, (a, b) -> a * b, (a, b) -> a * b));
    kernels.one("Range", CumulativeKernels::range);
  }

  private static Tensor cumulate(
      KernelContext c, long neutral, DoubleBinaryOperator reals, LongBinaryOperator integers) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.longInput(1, 0), x.rank());
    boolean exclusive = c.flag("exclusive");
    boolean reverse = c.flag("reverse");
    int stride = Dims.strides(x.dims())[axis];
    int n = (int) x.dim(axis);
    boolean floats = x.elementType().isFloat();
    double[] doubles = floats ? Elements.doubles(x) : new double[0];
    long[] longs = floats ? new long[0] : Elements.longs(x);
    for (int i = 0; i < x.length(); i++) {
      if (i / stride % n != 0) {
        continue;
      }
      double sum = neutral;
      long whole = neutral;
      for (int k = 0; k < n; k++) {
        int at = i + (reverse ? n - 1 - k : k) * stride;
        if (floats) {
          double next = reals.applyAsDouble(sum, doubles[at]);
          doubles[at] = exclusive ? sum : next;
          sum = next;
        } else {
          long next = integers.applyAsLong(whole, longs[at]);
          longs[at] = exclusive ? whole : next;
          whole = next;
        }
      }
    }
    return floats
        ? Elements.of(x.elementType(), doubles, x.dims())
        : Elements.of(x.elementType(), longs, x.dims());
  }

  private static Tensor range(KernelContext c) {
    ElementType type = c.type(0);
    if (type.isFloat()) {
      double start = c.doubleInput(0, 0);
      double delta = c.doubleInput(2, 1);
      double[] values = new double[steps((c.doubleInput(1, 0) - start) / delta)];
      for (int i = 0; i < values.length; i++) {
        values[i] = start + i * delta;
      }
      return Elements.of(type, values, values.length);
    }
    long start = c.longInput(0, 0);
    long delta = c.longInput(2, 1);
    long distance = c.longInput(1, 0) - start;
    if (delta == 0) {
      throw new EvaluationException("delta is 0");
    }
    long count = distance / delta + (distance % delta != 0 ? 1 : 0);
    boolean forward = distance > 0 == delta > 0 && distance != 0;
    long[] values = new long[forward ? Math.toIntExact(count) : 0];
    for (int i = 0; i < values.length; i++) {
      values[i] = start + i * delta;
    }
    return Elements.of(type, values, values.length);
  }

  private static int steps(double quotient) {
    if (Double.isNaN(quotient) || Double.isInfinite(quotient)) {
      throw new EvaluationException("the range never ends");
    }
    return Math.toIntExact(Math.max(0, (long) Math.ceil(quotient)));
  }
}
