package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Tensor;

/** Work on the vectors that lie along one axis of a tensor. */
final class Rows {
  private Rows() {}

  /** Changes {@code count} elements that stand together. */
  @FunctionalInterface
  interface RowFunction {
    void apply(double[] values, int from, int count);
  }

  /** The tensor with each vector along an axis changed. */
  static Tensor along(Tensor x, long axisAttribute, RowFunction change) {
    int axis = Dims.axis(axisAttribute, x.rank());
    if (x.rank() == 0) {
      return along(x.reshape(1), 0, change).reshape();
    }
    int[] perm = swapped(axis, x.rank());
    Tensor rows = permuted(x, perm);
    return permuted(trailing(rows, (int) x.dim(axis), change), perm);
  }

  /** The tensor with each run of {@code count} elements changed. */
  static Tensor trailing(Tensor x, int count, RowFunction change) {
    double[] values = Elements.doubles(x);
    for (int from = 0; from < values.length; from += count) {
      change.apply(values, from, count);
    }
    return Elements.of(x.elementType(), values, x.dims());
  }

  /** The order of axes with one exchanged for the last; it is its own inverse. */
  static int[] swapped(int axis, int rank) {
    int[] perm = Dims.identity(rank);
    perm[axis] = rank - 1;
    perm[rank - 1] = axis;
    return perm;
  }

  static Tensor permuted(Tensor x, int[] perm) {
    return Dims.isIdentity(perm)
        ? x
        : Elements.take(x, Dims.transposeIndex(x.dims(), perm), Dims.permute(x.dims(), perm));
  }
}
