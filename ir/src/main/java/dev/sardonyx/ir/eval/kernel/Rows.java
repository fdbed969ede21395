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

  /** Changes the elements of a row, of which it is told the number, from a position on. */
  @FunctionalInterface
  interface NumberedRow {
    void apply(int row, double[] values, int from);
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
    Tensor rows = permuted(x, perm, parallel);
    return permuted(trailing(rows, (int) x.dim(axis), change, parallel), perm, parallel);
  }

  /** The tensor with each run of {@code count} elements changed. */
  static Tensor trailing(Tensor x, int count, RowFunction change, Parallel parallel) {
    return numbered(x, count, (row, values, from) -> change.apply(values, from, count), parallel);
  }

  /** The same by a function that depends on the number of the run. */
  static Tensor numbered(Tensor x, int count, NumberedRow change, Parallel parallel) {
    RealNumbers numbers = RealNumbers.of(x);
    parallel.rows(
        count == 0 ? 0 : numbers.length() / count,
        count,
        (first, end) -> {
          double[] values = new double[(end - first) * count];
          numbers.read(first * count, values.length, values);
          for (int row = first; row < end; row++) {
            change.apply(row, values, (row - first) * count);
          }
          numbers.write(first * count, values.length, values);
        });
    return numbers.toTensor(x.dims());
  }

  /** The order of axes with one exchanged for the last; it is its own inverse. */
  static int[] swapped(int axis, int rank) {
    int[] perm = Dims.identity(rank);
    perm[axis] = rank - 1;
    perm[rank - 1] = axis;
    return perm;
  }

  static Tensor permuted(Tensor x, int[] perm) {
    return permuted(x, perm, Parallel.SEQUENTIAL);
  }

  static Tensor permuted(Tensor x, int[] perm, Parallel parallel) {
    if (Dims.isIdentity(perm)) {
      return x;
    }
    int[] own = Dims.strides(x.dims());
    int[] strides = Arrays.stream(perm).map(p -> own[p]).toArray();
    return Moves.strided(x, strides, parallel, Dims.permute(x.dims(), perm));
  }
}
