package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;

/** Arithmetic of fixed dimensions and row-major positions. */
final class Dims {
  private Dims() {}

  /** The number of elements as an array index. */
  static int size(long... dims) {
    return product(dims, 0, dims.length);
  }

  /**
   * The product of the dimensions from an axis to before another.
   *
   * @throws EvaluationException if one is negative
   */
  static int product(long[] dims, int from, int to) {
    long size = 1;
    for (int i = from; i < to; i++) {
      if (dims[i] < 0) {
        throw new EvaluationException("a result would have shape " + Arrays.toString(dims));
      }
      if (dims[i] == 0) {
        return 0;
      }
      size = dims[i] > Integer.MAX_VALUE / size ? Integer.MAX_VALUE + 1L : size * dims[i];
    }
    if (size > Integer.MAX_VALUE) {
      throw new EvaluationException(
          "a tensor of shape "
              + Arrays.toString(dims)
              + " has more elements than the reference evaluator can hold, "
              + Integer.MAX_VALUE);
    }
    AllocationLimit.require(size, Integer.BYTES);
    return (int) size;
  }

  /** Refuses an operand whose shape does not follow from the others'. */
  static void require(String operand, Tensor actual, long... wanted) {
    if (!Arrays.equals(actual.dims(), wanted)) {
      throw new EvaluationException(
          "%s has shape %s where the other operands ask for %s"
              .formatted(operand, actual.shape(), Shape.of(wanted)));
    }
  }

  /** An axis counted from the front; negative ones count from the back. A scalar counts as [1]. */
  static int axis(long axis, int rank) {
    int axes = Math.max(rank, 1);
    if (axis < -axes || axis >= axes) {
      throw new EvaluationException("axis " + axis + " is not in a tensor of rank " + rank);
    }
    return (int) (axis < 0 ? axis + axes : axis);
  }

  static int[] axes(long[] axes, int rank) {
    return Arrays.stream(axes).mapToInt(a -> axis(a, rank)).toArray();
  }

  /** How far apart neighbours along each axis lie. */
  static int[] strides(long[] dims) {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      // Only a tensor without elements has strides that do not fit, and does not use them.
      stride *= (int) Math.max(dims[i], 1);
    }
    return strides;
  }

  /** The dimensions that several broadcast to, as in NumPy. */
  static long[] broadcast(long[]... shapes) {
    int rank = 0;
    for (long[] shape : shapes) {
      rank = Math.max(rank, shape.length);
    }
    long[] result = new long[rank];
    Arrays.fill(result, 1);
    for (long[] shape : shapes) {
      for (int i = 0; i < shape.length; i++) {
        int at = rank - shape.length + i;
        if (result[at] == 1) {
          result[at] = shape[i];
        } else if (shape[i] != 1 && shape[i] != result[at]) {
          throw new EvaluationException(
              "the shapes " + text(shapes) + " do not broadcast to one shape");
        }
      }
    }
    return result;
  }

  private static String text(long[]... shapes) {
    return String.join(" and ", Arrays.stream(shapes).map(Arrays::toString).toList());
  }

  /** For each position in {@code to} the position in {@code from} that is broadcast to it. */
  static int[] broadcastIndex(long[] from, long[] to) {
    return index(to, broadcastStrides(from, to), 0);
  }

  /** How far apart in {@code from} neighbours along each axis of {@code to} lie. */
  static int[] broadcastStrides(long[] from, long[] to) {
    int[] own = strides(from);
    int[] strides = new int[to.length];
    for (int i = 0; i < from.length; i++) {
      strides[to.length - from.length + i] = from[i] == 1 ? 0 : own[i];
    }
    return strides;
  }

  /** For each position of a tensor: {@code offset} plus its coordinates times the strides. */
  static int[] index(long[] dims, int[] strides, int offset) {
    int[] index = new int[size(dims)];
    if (index.length == 0) {
      return index;
    }
    if (dims.length == 0) {
      index[0] = offset;
      return index;
    }
    int last = dims.length - 1;
    int run = (int) dims[last];
    int[] at = new int[dims.length];
    int base = offset;
    for (int i = 0; i < index.length; i += run) {
      for (int j = 0, p = base; j < run; j++, p += strides[last]) {
        index[i + j] = p;
      }
      for (int d = last - 1; d >= 0; d--) {
        base += strides[d];
        if (++at[d] < dims[d]) {
          break;
        }
        base -= at[d] * strides[d];
        at[d] = 0;
      }
    }
    return index;
  }

  static long[] permute(long[] dims, int[] perm) {
    long[] result = new long[perm.length];
    for (int i = 0; i < perm.length; i++) {
      result[i] = dims[perm[i]];
    }
    return result;
  }

  /** The positions 0, 1, ... rank - 1. */
  static int[] identity(int rank) {
    int[] perm = new int[rank];
    for (int i = 0; i < rank; i++) {
      perm[i] = i;
    }
    return perm;
  }

  static boolean isIdentity(int[] perm) {
    return Arrays.equals(perm, identity(perm.length));
  }

  /** The dimensions with one replaced. */
  static long[] with(long[] dims, int axis, long size) {
    long[] result = dims.clone();
    result[axis] = size;
    return result;
  }

  static long[] concat(long[] a, long... b) {
    long[] result = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, result, a.length, b.length);
    return result;
  }

  static int[] toInts(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  static long[] fill(int count, long value) {
    long[] result = new long[count];
    Arrays.fill(result, value);
    return result;
  }

  /**
   * For each position of a result, the position in a source whose axes it takes elements from: the
   * i-th along axis d is {@code along[d][i]}. A negative one makes the result's negative, too.
   */
  static int[] gather(long[] source, int[][] along) {
    int[] index = {0};
    for (int d = 0; d < along.length; d++) {
      int[] longer = new int[size(index.length, along[d].length)];
      int at = 0;
      for (int before : index) {
        for (int position : along[d]) {
          longer[at++] =
              before < 0 || position < 0
                  ? Math.min(before, position)
                  : Math.toIntExact(before * source[d] + position);
        }
      }
      index = longer;
    }
    return index;
  }

  /** The sizes of the results of {@link #gather}. */
  static long[] sizes(int[][] along) {
    return Arrays.stream(along).mapToLong(a -> a.length).toArray();
  }

  /** The positions along an axis that takes each element as it is. */
  static int[] range(long size) {
    return identity(Math.toIntExact(size));
  }
}
