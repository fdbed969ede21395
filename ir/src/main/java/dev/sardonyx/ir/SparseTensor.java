package dev.sardonyx.ir;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sparse tensor in ONNX's coordinate form.
 *
 * @param values the non-zero elements, {@code [NNZ]}
 * @param indices int64, either {@code [NNZ]} positions in row-major order or {@code [NNZ, rank]}
 *     coordinates, ascending
 * @param dims the dense shape
 */
public record SparseTensor(Tensor values, Tensor indices, long[] dims, Metadata metadata)
    implements TensorData {
  public SparseTensor {
    dims = dims.clone();
  }

  public static SparseTensor of(Tensor values, Tensor indices, long... dims) {
    return new SparseTensor(values, indices, dims, Metadata.EMPTY);
  }

  @Override
  public ElementType elementType() {
    return values.elementType();
  }

  @Override
  public long[] dims() {
    return dims.clone();
  }

  @Override
  public SparseTensorType type() {
    return new SparseTensorType(elementType(), Shape.of(dims));
  }

  /**
   * The same tensor with all its elements, those that are not stored being zero, false or the empty
   * string.
   *
   * @throws IllegalArgumentException if an index is not within the shape, or the elements take more
   *     than 2 GiB
   */
  public Tensor toDense() {
    long all = Tensor.sizeOf(dims);
    boolean text = elementType() == ElementType.STRING;
    if (all > Integer.MAX_VALUE || !text && elementType().byteSize(all) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "All elements of a sparse tensor " + type() + " take more than 2 GiB");
    }
    int size = (int) all;
    int[] positions = positions(size);
    return text ? strings(positions, size) : numbers(positions, size);
  }

  /** Where each value is, row-major. */
  private int[] positions(int size) {
    long[] given = indices.toLongs();
    int[] positions = new int[values.length()];
    int width = indices.rank() == 2 ? dims.length : 1;
    for (int i = 0; i < positions.length; i++) {
      long at = 0;
      for (int axis = 0; axis < width; axis++) {
        long index = given[i * width + axis];
        long end = indices.rank() == 2 ? dims[axis] : size;
        if (index < 0 || index >= end) {
          throw new IllegalArgumentException(
              "Index " + index + " of value " + i + " is not within the sparse tensor " + type());
        }
        at = at * end + index;
      }
      positions[i] = (int) at;
    }
    return positions;
  }

  private Tensor strings(int[] positions, int size) {
    List<String> all = new ArrayList<>(Collections.nCopies(size, ""));
    for (int i = 0; i < positions.length; i++) {
      all.set(positions[i], values.strings().get(i));
    }
    return Tensor.ofStrings(all, dims);
  }

  private Tensor numbers(int[] positions, int size) {
    ByteBuffer from = values.bytes();
    ByteBuffer to = Tensor.allocate(elementType(), size);
    int width = elementType().bits() / 8;
    for (int i = 0; i < positions.length; i++) {
      if (width == 0) {
        ElementCodec codec = ElementCodec.of(elementType());
        codec.putDouble(to, positions[i], codec.getDouble(from, i));
      } else {
        to.put(positions[i] * width, from, i * width, width);
      }
    }
    return Tensor.of(elementType(), dims, to);
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof SparseTensor other
        && values.equals(other.values)
        && indices.equals(other.indices)
        && Arrays.equals(dims, other.dims);
  }

  @Override
  public int hashCode() {
    return values.hashCode() * 31 + Arrays.hashCode(dims);
  }
}
