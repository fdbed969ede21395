package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.stream.IntStream;

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
    int[] sources = sources(dims, strides, Math.toIntExact(tensor.size()));
    if (tensor.elementType() == ElementType.FLOAT) {
      float[] from = tensor.toFloats();
      float[] to = new float[sources.length];
      for (int i = 0; i < to.length; i++) {
        to[i] = from[sources[i]];
      }
      return Tensor.ofFloats(to, dims);
    }
    double[] from = tensor.toDoubles();
    double[] to = IntStream.of(sources).mapToDouble(i -> from[i]).toArray();
    return Tensor.ofNumbers(tensor.elementType(), to, dims);
  }

  /** The index in the tensor of each element of the result. */
  private static int[] sources(long[] dims, int[] strides, int size) {
    int[] sources = new int[size];
    long[] at = new long[dims.length];
    int source = 0;
    for (int i = 0; i < size; i++) {
      sources[i] = source;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        source += strides[axis];
        if (++at[axis] < dims[axis]) {
          break;
        }
        source -= (int) (strides[axis] * dims[axis]);
        at[axis] = 0;
      }
    }
    return sources;
  }
}
