package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;

/** Sparse tensors made dense. */
final class Sparse {
  private Sparse() {}

  static Tensor dense(SparseTensor sparse) {
    long[] dims = sparse.dims();
    int[] index = new int[Dims.size(dims)];
    Arrays.fill(index, -1);
    long[] indices = Elements.longs(sparse.indices());
    int count = sparse.values().length();
    if (sparse.indices().rank() == 2) {
      int[] strides = Dims.strides(dims);
      for (int i = 0; i < count; i++) {
        int at = 0;
        for (int d = 0; d < dims.length; d++) {
          at += Math.toIntExact(indices[i * dims.length + d]) * strides[d];
        }
        index[at] = i;
      }
    } else {
      for (int i = 0; i < count; i++) {
        index[Math.toIntExact(indices[i])] = i;
      }
    }
    return Elements.take(sparse.values(), index, dims);
  }
}
