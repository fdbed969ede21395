package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Tensor;
import java.util.Arrays;

/** Work on the vectors that lie along one axis of a tensor. */
final class Rows {
  private Rows() {}

  /** Changes {@code count} elements that stand together. */
  @FunctionalInterface
  interface RowFunction {
    void apply(double[] values, int from, int count);
  }

  static Tensor along(Tensor x, long axisAttribute, RowFunction change) {
    return along(x, axisAttribute, change, Parallel.SEQUENTIAL);
  }

  /** The tensor with each vector along an axis changed. */
  static Tensor along(Tensor x, long axisAttribute, RowFunction change, Parallel parallel) {
    int axis = Dims.axis(axisAttribute, x.rank());
    if (x.rank() == 0) {
      return along(x.reshape(1), 0, change).reshape();
    }
    int[] perm = swapped(axis, x.rank());
    Tensor rows = permuted(x, perm);
    return permuted(trailing(rows, (int) x.dim(axis), change, parallel), perm);
  }

  /** The tensor with each run of {@code count} elements changed. */
  static Tensor trailing(Tensor x, int count, RowFunction change, Parallel parallel) {
    double[] values = Elements.doubles(x);
    parallel.rows(
        count == 0 ? 0 : values.length / count,
        count,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            change.apply(values, row * count, count);
          }
        });
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
    if (Dims.isIdentity(perm)) {
      return x;
    }
    int[] own = Dims.strides(x.dims());
    int[] strides = Arrays.stream(perm).map(p -> own[p]).toArray();
    return Moves.strided(x, strides, Dims.permute(x.dims(), perm));
  }
}
