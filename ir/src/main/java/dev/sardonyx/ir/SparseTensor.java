package dev.sardonyx.ir;

import java.util.Arrays;
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
