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
   * A copy of a tensor of floats, in ND4J's order {@code c}.
   *
   * @throws IllegalArgumentException if the tensor is of another type
   */
  public static INDArray array(Tensor tensor) {
    if (tensor.elementType() != ElementType.FLOAT) {
      throw new IllegalArgumentException(
          "An array is made of a tensor of floats, not of " + tensor.type());
    }
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, tensor.dims());
    if (tensor.size() > 0) { // of none there is no memory
      array.data().asNioFloat().put(tensor.bytes().asFloatBuffer());
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
