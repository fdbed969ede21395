package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Takes parts of tensors. */
final class TensorSlices {
  private TensorSlices() {}

  /**
   * The elements from one index of an axis to another, which is not included.
   *
   * @param tensor of a type whose elements do not share bytes
   */
  static Tensor of(Tensor tensor, int axis, long from, long to) {
    long[] dims = tensor.dims();
    long outer = 1;
    long inner = 1;
    for (int i = 0; i < dims.length; i++) {
      outer *= i < axis ? dims[i] : 1;
      inner *= i > axis ? dims[i] : 1;
    }
    long size = dims[axis];
    dims[axis] = to - from;
    if (tensor.elementType() == ElementType.STRING) {
      List<String> strings = new ArrayList<>();
      for (int o = 0; o < outer; o++) {
        int start = (int) ((o * size + from) * inner);
        strings.addAll(tensor.strings().subList(start, start + (int) ((to - from) * inner)));
      }
      return Tensor.ofStrings(strings, dims);
    }
    ElementType type = tensor.elementType();
    ByteBuffer bytes = tensor.bytes();
    ByteBuffer out = Tensor.allocate(type, outer * (to - from) * inner);
    int length = Math.toIntExact(type.byteSize((to - from) * inner));
    for (int o = 0; o < outer; o++) {
      int start = Math.toIntExact(type.byteSize((o * size + from) * inner));
      out.put(o * length, bytes, start, length);
    }
    return Tensor.of(type, dims, out);
  }
}
