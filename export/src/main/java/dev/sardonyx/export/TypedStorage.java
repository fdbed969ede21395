package dev.sardonyx.export;

import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TensorProtoOrBuilder;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.PackedBits;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;

/**
 * Elements in the field that ONNX has for their type, one number for each element, instead of
 * {@code raw_data}. Complex numbers are pairs of numbers; one number holds all elements of 4 or 2
 * bits that share a byte; narrow floats are given by their bits.
 */
final class TypedStorage {
  private TypedStorage() {}

  private enum Field {
    FLOAT,
    INT32,
    INT64,
    DOUBLE,
    UINT64
  }

  private static Field field(ElementType type) {
    return switch (type) {
      case FLOAT, COMPLEX64 -> Field.FLOAT;
      case DOUBLE, COMPLEX128 -> Field.DOUBLE;
      case INT64 -> Field.INT64;
      case UINT32, UINT64 -> Field.UINT64;
      default -> Field.INT32;
    };
  }

  /** How many bits one number of the field holds: an element's, or 8 if elements share a byte. */
  private static int bits(ElementType type) {
    return type.bits() < 6 ? 8 : type.bits();
  }

  /** How many numbers that many elements take. */
  static long numbers(ElementType type, long size) {
    if (type.kind() == ElementType.Kind.COMPLEX) {
      return Math.multiplyExact(size, 2L);
    }
    return type.bits() < bits(type) ? type.byteSize(size) : size;
  }

  /** How many numbers the message has in the type's field. */
  static int count(TensorProtoOrBuilder tensor, ElementType type) {
    return switch (field(type)) {
      case FLOAT -> tensor.getFloatDataCount();
      case INT32 -> tensor.getInt32DataCount();
      case INT64 -> tensor.getInt64DataCount();
      case DOUBLE -> tensor.getDoubleDataCount();
      case UINT64 -> tensor.getUint64DataCount();
    };
  }

  static void clear(TensorProto.Builder tensor, ElementType type) {
    switch (field(type)) {
      case FLOAT -> tensor.clearFloatData();
      case INT32 -> tensor.clearInt32Data();
      case INT64 -> tensor.clearInt64Data();
      case DOUBLE -> tensor.clearDoubleData();
      case UINT64 -> tensor.clearUint64Data();
    }
  }

  /** The numbers as packed bytes; there must be as many as {@code size} elements take. */
  static ByteBuffer read(TensorProtoOrBuilder tensor, ElementType type, long size) {
    ByteBuffer bytes = Tensor.allocate(type, size);
    int count = count(tensor, type);
    switch (field(type)) {
      case FLOAT -> {
        for (int i = 0; i < count; i++) {
          bytes.putFloat(i * 4, tensor.getFloatData(i));
        }
      }
      case DOUBLE -> {
        for (int i = 0; i < count; i++) {
          bytes.putDouble(i * 8, tensor.getDoubleData(i));
        }
      }
      case INT64 -> {
        for (int i = 0; i < count; i++) {
          bytes.putLong(i * 8, tensor.getInt64Data(i));
        }
      }
      case UINT64 -> {
        for (int i = 0; i < count; i++) {
          PackedBits.put(bytes, i, type.bits(), tensor.getUint64Data(i));
        }
      }
      case INT32 -> readInts(tensor, type, bytes, count);
    }
    return bytes;
  }

  private static void readInts(
      TensorProtoOrBuilder tensor, ElementType type, ByteBuffer bytes, int count) {
    int bits = bits(type);
    for (int i = 0; i < count; i++) {
      int number = tensor.getInt32Data(i);
      PackedBits.put(bytes, i, bits, type == ElementType.BOOL && number != 0 ? 1 : number);
    }
  }

  /** Whether writing the bytes that were read gives exactly the same numbers. */
  static boolean isExact(TensorProtoOrBuilder tensor, ElementType type, ByteBuffer bytes) {
    int count = count(tensor, type);
    if (field(type) == Field.INT32) {
      for (int i = 0; i < count; i++) {
        if (tensor.getInt32Data(i) != int32(bytes, type, i)) {
          return false;
        }
      }
    } else if (type == ElementType.UINT32) {
      for (int i = 0; i < count; i++) {
        if (tensor.getUint64Data(i) >>> 32 != 0) {
          return false;
        }
      }
    }
    return true;
  }

  /** Fills the type's field from packed bytes, replacing what it had. */
  static void write(TensorProto.Builder tensor, ElementType type, long size, ByteBuffer bytes) {
    clear(tensor, type);
    int count = Math.toIntExact(numbers(type, size));
    switch (field(type)) {
      case FLOAT -> {
        for (int i = 0; i < count; i++) {
          tensor.addFloatData(bytes.getFloat(i * 4));
        }
      }
      case DOUBLE -> {
        for (int i = 0; i < count; i++) {
          tensor.addDoubleData(bytes.getDouble(i * 8));
        }
      }
      case INT64 -> {
        for (int i = 0; i < count; i++) {
          tensor.addInt64Data(bytes.getLong(i * 8));
        }
      }
      case UINT64 -> {
        for (int i = 0; i < count; i++) {
          tensor.addUint64Data(PackedBits.get(bytes, i, type.bits()));
        }
      }
      case INT32 -> {
        for (int i = 0; i < count; i++) {
          tensor.addInt32Data(int32(bytes, type, i));
        }
      }
    }
  }

  private static int int32(ByteBuffer bytes, ElementType type, int i) {
    int bits = bits(type);
    return (int)
        (type.isSigned() && bits == type.bits()
            ? PackedBits.getSigned(bytes, i, bits)
            : PackedBits.get(bytes, i, bits));
  }
}
