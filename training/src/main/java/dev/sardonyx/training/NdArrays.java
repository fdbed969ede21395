package dev.sardonyx.training;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's arrays as tensors and back. */
public final class NdArrays {
  private NdArrays() {}

  /**
   * A copy of a tensor in ND4J's order {@code c}.
   *
   * @throws IllegalArgumentException if ND4J has no numbers of the tensor's type
   */
  public static INDArray array(Tensor tensor) {
    DataType type = dataType(tensor.elementType());
    INDArray array = Nd4j.createUninitialized(type, tensor.dims());
    if (tensor.size() > 0) { // an empty array has no memory
      switch (tensor.elementType()) {
        case FLOAT -> array.data().asNioFloat().put(tensor.bytes().asFloatBuffer());
        case DOUBLE -> array.data().asNioDouble().put(tensor.bytes().asDoubleBuffer());
        case INT32 -> array.data().asNioInt().put(tensor.bytes().asIntBuffer());
        case INT64 -> array.data().asNioLong().put(tensor.bytes().asLongBuffer());
        default -> {
          double[] numbers = tensor.toDoubles();
          array.assign(Nd4j.createFromArray(numbers).reshape(tensor.dims()).castTo(type));
        }
      }
    }
    return array;
  }

  /**
   * The type of ND4J's for a type of the IR.
   *
   * @throws IllegalArgumentException if ND4J has no such numbers
   */
  public static DataType dataType(ElementType type) {
    return switch (type) {
      case FLOAT -> DataType.FLOAT;
      case DOUBLE -> DataType.DOUBLE;
      case FLOAT16 -> DataType.FLOAT16;
      case BFLOAT16 -> DataType.BFLOAT16;
      case INT8 -> DataType.INT8;
      case INT16 -> DataType.INT16;
      case INT32 -> DataType.INT32;
      case INT64 -> DataType.INT64;
      case UINT8 -> DataType.UINT8;
      case BOOL -> DataType.BOOL;
      default ->
          throw new IllegalArgumentException(
              "An array is made of floats or whole numbers, not of " + type);
    };
  }

  /** The type of an array's elements in the IR; nothing for types that are not carried over. */
  public static Optional<ElementType> elementType(DataType type) {
    return Optional.ofNullable(
        switch (type) {
          case FLOAT -> ElementType.FLOAT;
          case DOUBLE -> ElementType.DOUBLE;
          case HALF -> ElementType.FLOAT16;
          case BFLOAT16 -> ElementType.BFLOAT16;
          case BYTE -> ElementType.INT8;
          case SHORT -> ElementType.INT16;
          case INT -> ElementType.INT32;
          case LONG -> ElementType.INT64;
          case UBYTE -> ElementType.UINT8;
          case BOOL -> ElementType.BOOL;
          default -> null;
        });
  }

  /**
   * A copy of an array, whatever its order and strides, as a tensor of the same type.
   *
   * @throws IllegalArgumentException if the type is not carried over
   */
  public static Tensor sameType(INDArray array) {
    ElementType type =
        elementType(array.dataType())
            .orElseThrow(
                () -> new IllegalArgumentException("There is no tensor of " + array.dataType()));
    if (type == ElementType.FLOAT || array.isEmpty()) {
      return array.isEmpty()
          ? Tensor.of(type, array.shape(), Tensor.allocate(type, 0))
          : tensor(array);
    }
    INDArray dense = array.dup('c');
    ByteBuffer bytes = Tensor.allocate(type, dense.length());
    int length = Math.toIntExact(dense.length());
    switch (type) {
      case DOUBLE -> bytes.asDoubleBuffer().put(dense.data().asNioDouble().limit(length));
      case INT32 -> bytes.asIntBuffer().put(dense.data().asNioInt().limit(length));
      case INT64 -> bytes.asLongBuffer().put(dense.data().asNioLong().limit(length));
      default -> {
        return Tensor.ofNumbers(type, dense.data().asDouble(), dense.shape());
      }
    }
    return Tensor.of(type, dense.shape(), bytes);
  }

  /** An array of floats as a tensor: not a copy if its elements lie one after the other. */
  static Tensor view(INDArray array) {
    if (array.isEmpty() || array.dataType() != DataType.FLOAT || !isDense(array)) {
      return tensor(array);
    }
    int bytes = Math.toIntExact(ElementType.FLOAT.byteSize(array.length()));
    ByteBuffer elements = array.data().asNio().slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    return Tensor.of(ElementType.FLOAT, array.shape(), elements);
  }

  private static boolean isDense(INDArray array) {
    return array.ordering() == 'c' && array.offset() == 0 && Shape.hasDefaultStridesForShape(array);
  }

  /** A copy of an array, whatever its order, strides and type, as a tensor of floats. */
  public static Tensor tensor(INDArray array) {
    if (array.isEmpty()) {
      return Tensor.of(ElementType.FLOAT, array.shape(), Tensor.allocate(ElementType.FLOAT, 0));
    }
    INDArray floats = array.castTo(DataType.FLOAT);
    INDArray dense = isDense(floats) ? floats : floats.dup('c');
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, dense.length());
    bytes.asFloatBuffer().put(dense.data().asNioFloat().limit((int) dense.length()));
    return Tensor.of(ElementType.FLOAT, dense.shape(), bytes);
  }
}
