package dev.sardonyx.training;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's arrays as tensors and back; numbers are float32. */
public final class NdArrays {
  private NdArrays() {}

  /**
   * A copy of a tensor of floats, or of whole numbers of 32 or 64 bits, in ND4J's order {@code c}.
   *
   * @throws IllegalArgumentException if the tensor is of another type
   */
  public static INDArray array(Tensor tensor) {
    DataType type =
        switch (tensor.elementType()) {
          case FLOAT -> DataType.FLOAT;
          case INT32 -> DataType.INT32;
          case INT64 -> DataType.INT64;
          default ->
              throw new IllegalArgumentException(
                  "An array is made of a tensor of floats or whole numbers, not of "
                      + tensor.type());
        };
    INDArray array = Nd4j.createUninitialized(type, tensor.dims());
    if (tensor.size() > 0) { // an empty array has no memory
      switch (tensor.elementType()) {
        case FLOAT -> array.data().asNioFloat().put(tensor.bytes().asFloatBuffer());
        case INT32 -> array.data().asNioInt().put(tensor.bytes().asIntBuffer());
        default -> array.data().asNioLong().put(tensor.bytes().asLongBuffer());
      }
    }
    return array;
  }

  /** A copy of an array, whatever its order, strides and type, as a tensor of floats. */
  public static Tensor tensor(INDArray array) {
    if (array.isEmpty()) {
      return Tensor.of(ElementType.FLOAT, array.shape(), Tensor.allocate(ElementType.FLOAT, 0));
    }
    INDArray floats = array.castTo(DataType.FLOAT);
    boolean isDense =
        floats.ordering() == 'c' && floats.offset() == 0 && Shape.hasDefaultStridesForShape(floats);
    INDArray dense = isDense ? floats : floats.dup('c');
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, dense.length());
    bytes.asFloatBuffer().put(dense.data().asNioFloat().limit((int) dense.length()));
    return Tensor.of(ElementType.FLOAT, dense.shape(), bytes);
  }
}
