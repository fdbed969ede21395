package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Reductions over axes. Sums of floats are kept in double and rounded once. */
final class ReductionKernels {
  private ReductionKernels() {}

  /** What becomes of {@code count} reals that stand together. */
  @FunctionalInterface
  interface Reals {
    double reduce(double[] values, int from, int count);
  }

  /** What becomes of {@code count} integers that stand together. */
  @FunctionalInterface
  interface Integers {
    long reduce(long[] values, int from, int count);
  }

  static void register(Kernels kernels) {
    reduction(kernels, "ReduceSum", ReductionKernels::sum, ReductionKernels::sum);
    reduction(kernels, "ReduceMean", ReductionKernels::mean, null);
    reduction(kernels, "ReduceProd", ReductionKernels::product, ReductionKernels::product);
    reduction(kernels, "ReduceL1", ReductionKernels::l1, ReductionKernels::l1);
    reduction(kernels, "ReduceL2", ReductionKernels::l2, null);
    reduction(kernels, "ReduceSumSquare", ReductionKernels::squares, ReductionKernels::squares);
    reduction(kernels, "ReduceLogSum", (v, from, n) -> Math.log(sum(v, from, n)), null);
    reduction(kernels, "ReduceLogSumExp", ReductionKernels::logSumExp, null);
    kernels.one("ReduceMax", c -> reduce(c, ReductionKernels::max, fold(c.type(0), true)));
    kernels.one("ReduceMin", c -> reduce(c, ReductionKernels::min, fold(c.type(0), false)));
    kernels.one("ArgMax", c -> arg(c, 1));
    kernels.one("ArgMin", c -> arg(c, -1));
  }

  /** Without a function of integers, they are reduced as reals and truncated. */
  private static void reduction(
      Kernels kernels, String operator, Reals reals, @Nullable Integers integers) {
    kernels.one(operator, c -> reduce(c, reals, integers));
  }

  private static Tensor reduce(KernelContext c, Reals reals, @Nullable Integers integers) {
    Tensor x = c.tensor(0);
    int rank = x.rank();
    long[] axes = c.intsInputOrAttribute(1, "axes");
    int[] reduced;
    if (axes != null && axes.length > 0) {
      reduced = Dims.axes(axes, rank);
    } else {
      reduced = c.flag("noop_with_empty_axes") ? new int[0] : Dims.identity(rank);
    }
    boolean keep = c.intAttribute("keepdims", 1) != 0;
    return reduce(x, reduced, keep, reals, integers);
  }

  static Tensor reduce(
      Tensor x, int[] axes, boolean keepDims, Reals reals, @Nullable Integers integers) {
    long[] dims = x.dims();
    boolean[] gone = new boolean[dims.length];
    for (int axis : axes) {
      gone[axis] = true;
    }
    int[] perm = new int[dims.length];
    int kept = 0;
    for (int i = 0; i < dims.length; i++) {
      if (!gone[i]) {
        perm[kept++] = i;
      }
    }
    int last = kept;
    long[] result = dims.clone();
    for (int i = 0; i < dims.length; i++) {
      if (gone[i]) {
        perm[last++] = i;
        result[i] = 1;
      }
    }
    int count = Dims.product(Dims.permute(dims, perm), kept, dims.length);
    Tensor rows = Rows.permuted(x, perm);
    Tensor reduced = reduceRows(rows, Dims.size(result), count, reals, integers);
    return reduced.reshape(keepDims ? result : Dims.permute(dims, Arrays.copyOf(perm, kept)));
  }

  private static Tensor reduceRows(
      Tensor x, int rows, int count, Reals reals, @Nullable Integers integers) {
    ElementType type = x.elementType();
    if (type.isFloat() || integers == null) {
      double[] values = Elements.doubles(x);
      double[] result = new double[rows];
      for (int i = 0; i < rows; i++) {
        result[i] = reals.reduce(values, i * count, count);
      }
      return Elements.of(type, result, rows);
    }
    long[] values = Elements.longs(x);
    long[] result = new long[rows];
    for (int i = 0; i < rows; i++) {
      result[i] = integers.reduce(values, i * count, count);
    }
    return Elements.of(type, result, rows);
  }

  /** The sum over axes, which are left out. */
  static Tensor sum(Tensor x, int[] axes) {
    return reduce(x, axes, false, ReductionKernels::sum, ReductionKernels::sum);
  }

  static double sum(double[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i];
    }
    return sum;
  }

  private static long sum(long[] values, int from, int count) {
    long sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i];
    }
    return sum;
  }

  static double mean(double[] values, int from, int count) {
    return sum(values, from, count) / count;
  }

  private static double product(double[] values, int from, int count) {
    double product = 1;
    for (int i = from; i < from + count; i++) {
      product *= values[i];
    }
    return product;
  }

  private static long product(long[] values, int from, int count) {
    long product = 1;
    for (int i = from; i < from + count; i++) {
      product *= values[i];
    }
    return product;
  }

  private static double l1(double[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.abs(values[i]);
    }
    return sum;
  }

  private static long l1(long[] values, int from, int count) {
    long sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.abs(values[i]);
    }
    return sum;
  }

  private static double l2(double[] values, int from, int count) {
    return Math.sqrt(squares(values, from, count));
  }

  static double squares(double[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i] * values[i];
    }
    return sum;
  }

  private static long squares(long[] values, int from, int count) {
    long sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i] * values[i];
    }
    return sum;
  }

  static double logSumExp(double[] values, int from, int count) {
    double max = max(values, from, count);
    if (Double.isInfinite(max)) {
      return max;
    }
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(values[i] - max);
    }
    return max + Math.log(sum);
  }

  static double max(double[] values, int from, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      max = Math.max(max, values[i]);
    }
    return max;
  }

  private static double min(double[] values, int from, int count) {
    double min = Double.POSITIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      min = Math.min(min, values[i]);
    }
    return min;
  }

  /** The largest or smallest integer; of none, the one that all others replace. */
  private static Integers fold(ElementType type, boolean largest) {
    if (type.isFloat()) {
      return (values, from, count) -> 0;
    }
    LongBinaryOperator better = largest ? ArithmeticKernels.max(type) : ArithmeticKernels.min(type);
    long neutral = largest ? Elements.min(type) : Elements.max(type);
    return (values, from, count) -> {
      long best = neutral;
      for (int i = from; i < from + count; i++) {
        best = better.applyAsLong(best, values[i]);
      }
      return best;
    };
  }

  /** The position of the largest (sign 1) or smallest (-1) element; the first NaN wins. */
  private static Tensor arg(KernelContext c, int sign) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", 0), x.rank());
    boolean last = c.flag("select_last_index");
    if (x.dim(axis) == 0) {
      throw new EvaluationException("there is nothing to choose from along axis " + axis);
    }
    boolean floats = x.elementType().isFloat();
    long flip = x.elementType() == ElementType.UINT64 ? Long.MIN_VALUE : 0;
    double[] reals = floats ? Elements.doubles(x) : new double[0];
    long[] integers = floats ? new long[0] : Elements.longs(x);
    long[] dims = x.dims();
    int n = (int) dims[axis];
    int inner = Dims.product(dims, axis + 1, dims.length);
    int outer = Dims.product(dims, 0, axis);
    long[] result = new long[Dims.size(outer, inner)];
    for (int r = 0; r < result.length; r++) {
      int base = r / inner * n * inner + r % inner;
      int best = 0;
      for (int i = 1; i < n; i++) {
        int p = base + best * inner;
        int q = base + i * inner;
        int order =
            floats
                ? orderNanFirst(reals[q], reals[p], sign)
                : sign * Long.compare(integers[q] ^ flip, integers[p] ^ flip);
        if (order > 0 || last && order == 0) {
          best = i;
        }
      }
      result[r] = best;
    }
    boolean keep = c.intAttribute("keepdims", 1) != 0;
    return Tensor.ofLongs(result, withoutAxis(dims, axis, keep));
  }

  private static int orderNanFirst(double a, double b, int sign) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Boolean.compare(Double.isNaN(a), Double.isNaN(b));
    }
    return a == b ? 0 : a > b ? sign : -sign;
  }

  static long[] withoutAxis(long[] dims, int axis, boolean keep) {
    if (keep) {
      return Dims.with(dims, axis, 1);
    }
    long[] result = new long[dims.length - 1];
    System.arraycopy(dims, 0, result, 0, axis);
    System.arraycopy(dims, axis + 1, result, axis, result.length - axis);
    return result;
  }
}
