package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Tensor;

/** Weights with their axes in another order. */
final class Permuted {
  private Permuted() {}

  /**
   * The tensor with its axes in another order, as ONNX's Transpose has it.
   *
   * @param perm which axis of the tensor is at each place of the result
   */
  static Tensor of(Tensor tensor, int... perm) {
    int rank = tensor.rank();
    long[] dims = new long[rank];
    int[] strides = new int[rank];
    int[] own = new int[rank];
    int step = 1;
    for (int i = rank - 1; i >= 0; i--) {
      own[i] = step;
      step *= Math.toIntExact(tensor.dim(i));
    }
    for (int i = 0; i < rank; i++) {
      dims[i] = tensor.dim(perm[i]);
      strides[i] = own[perm[i]];
    }
    double[] from = tensor.toDoubles();
    double[] to = new double[from.length];
    long[] at = new long[rank];
    int source = 0;
    for (int i = 0; i < to.length; i++) {
      to[i] = from[source];
      for (int axis = rank - 1; axis >= 0; axis--) {
        source += strides[axis];
        if (++at[axis] < dims[axis]) {
          break;
        }
        source -= (int) (strides[axis] * dims[axis]);
        at[axis] = 0;
      }
    }
    return Tensor.ofNumbers(tensor.elementType(), to, dims);
  }
}
