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
    kernels.one("ReduceL1", c -> reduce(c, ReductionKernels::l1, magnitudes(c.type(0))));
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
      // The axis of a scalar, which counts as [1], is not one of its own.
      reduced = Arrays.copyOf(Dims.axes(axes, rank), rank == 0 ? 0 : axes.length);
    } else {
      reduced = c.flag("noop_with_empty_axes") ? new int[0] : Dims.identity(rank);
    }
    boolean keep = c.intAttribute("keepdims", 1) != 0;
    return reduce(x, reduced, keep, reals, integers, c.parallel());
  }

  static Tensor reduce(
      Tensor x,
      int[] axes,
      boolean keepDims,
      Reals reals,
      @Nullable Integers integers,
      Parallel parallel) {
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
    Tensor rows = Rows.permuted(x, perm, parallel);
    Tensor reduced = reduceRows(rows, Dims.size(result), count, reals, integers, parallel);
    return reduced.reshape(keepDims ? result : Dims.permute(dims, Arrays.copyOf(perm, kept)));
  }

  private static Tensor reduceRows(
      Tensor x, int rows, int count, Reals reals, @Nullable Integers integers, Parallel parallel) {
    ElementType type = x.elementType();
    if (type.isFloat() || integers == null) {
      RealNumbers numbers = RealNumbers.of(x);
      double[] result = new double[rows];
      parallel.rows(
          rows,
          count,
          (first, end) -> {
            double[] values = new double[(end - first) * count];
            numbers.read(first * count, values.length, values);
            for (int i = first; i < end; i++) {
              result[i] = reals.reduce(values, (i - first) * count, count);
            }
          });
      return Elements.of(type, result, rows);
    }
    long[] values = Elements.longs(x);
    long[] result = new long[rows];
    parallel.rows(
        rows,
        count,
        (first, end) -> {
          for (int i = first; i < end; i++) {
            result[i] = integers.reduce(values, i * count, count);
          }
        });
    return Elements.of(type, result, rows);
  }

  /** The sum over axes, which are left out. */
  static Tensor sum(Tensor x, int[] axes) {
    return reduce(
        x, axes, false, ReductionKernels::sum, ReductionKernels::sum, Parallel.SEQUENTIAL);
  }

  /** Four sums take turns, so that none waits for the one before. */
  static double sum(double[] values, int from, int count) {
    double sum = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int end = from + count;
    int i = from;
    for (; i < end - 3; i += 4) {
      sum += values[i];
      second += values[i + 1];
      third += values[i + 2];
      fourth += values[i + 3];
    }
    for (; i < end; i++) {
      sum += values[i];
    }
    return sum + second + (third + fourth);
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

  private static Integers magnitudes(ElementType type) {
    return type.isUnsigned() ? ReductionKernels::sum : ReductionKernels::l1;
  }

  private static double l2(double[] values, int from, int count) {
    return Math.sqrt(squares(values, from, count));
  }

  static double squares(double[] values, int from, int count) {
    return squares(values, from, count, 0);
  }

  /** The sum of the squares of the distances from a number, which take turns as in a sum. */
  static double squares(double[] values, int from, int count, double middle) {
    double sum = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int end = from + count;
    int i = from;
    for (; i < end - 3; i += 4) {
      sum += (values[i] - middle) * (values[i] - middle);
      second += (values[i + 1] - middle) * (values[i + 1] - middle);
      third += (values[i + 2] - middle) * (values[i + 2] - middle);
      fourth += (values[i + 3] - middle) * (values[i + 3] - middle);
    }
    for (; i < end; i++) {
      sum += (values[i] - middle) * (values[i] - middle);
    }
    return sum + second + (third + fourth);
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
    Tensor rows = Rows.permuted(x, last(axis, x.rank()), c.parallel());
    int n = (int) x.dim(axis);
    long[] result = new long[rows.length() / n];
    Positions position = positions(rows, sign, last);
    c.parallel()
        .rows(
            result.length,
            n,
            (from, to) -> {
              for (int r = from; r < to; r++) {
                result[r] = position.of(r * n, n);
              }
            });
    boolean keep = c.intAttribute("keepdims", 1) != 0;
    return Tensor.ofLongs(result, withoutAxis(x.dims(), axis, keep));
  }

  /** The order of axes with one moved to the end. */
  private static int[] last(int axis, int rank) {
    int[] perm = Dims.identity(rank);
    System.arraycopy(perm, axis + 1, perm, axis, Math.max(0, rank - axis - 1));
    if (rank > 0) {
      perm[rank - 1] = axis;
    }
    return perm;
  }

  /** Which of so many elements, from one on, is chosen. */
  @FunctionalInterface
  private interface Positions {
    int of(int from, int count);
  }

  /** Of integers, what is larger is so after a change of their bits, too. */
  private static Positions positions(Tensor x, int sign, boolean last) {
    if (x.elementType().isFloat()) {
      double[] values = Elements.doubles(x);
      for (int i = 0; i < values.length && sign < 0; i++) {
        values[i] = -values[i];
      }
      return (from, count) -> largest(values, from, count, last);
    }
    long flip = x.elementType() == ElementType.UINT64 ? Long.MIN_VALUE : 0;
    long[] values = Elements.longs(x);
    for (int i = 0; i < values.length; i++) {
      values[i] = sign < 0 ? ~(values[i] ^ flip) : values[i] ^ flip;
    }
    return (from, count) -> largest(values, from, count, last);
  }

  private static int largest(double[] values, int from, int count, boolean last) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      double candidate = values[from + i];
      double largest = values[from + best];
      boolean nan = Double.isNaN(candidate);
      boolean isBetter = candidate > largest || nan && !Double.isNaN(largest);
      boolean isEqual = last && (candidate == largest || nan && Double.isNaN(largest));
      best = isBetter || isEqual ? i : best;
    }
    return best;
  }

  private static int largest(long[] values, int from, int count, boolean last) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      long candidate = values[from + i];
      long largest = values[from + best];
      best = candidate > largest || last && candidate == largest ? i : best;
    }
    return best;
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
