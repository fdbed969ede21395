package dev.sardonyx.export;

import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TensorProtoOrBuilder;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;

/**
 * Elements in the field that ONNX has for their type, one number an element, in place of {@code
 * raw_data}. Complex numbers are pairs; elements of 4 and 2 bits share a number as they share a
 * byte; narrow floats are their bits.
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

  private static boolean isSixBits(ElementType type) {
    return type.bits() == 6;
  }

  /** How many numbers so many elements take. */
  static long numbers(ElementType type, long size) {
    if (type.kind() == ElementType.Kind.COMPLEX) {
      return Math.multiplyExact(size, 2L);
    }
    return type.isPacked() && !isSixBits(type) ? type.byteSize(size) : size;
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
        int width = type.bits() / 8;
        for (int i = 0; i < count; i++) {
          putNumber(bytes, i, width, tensor.getUint64Data(i));
        }
      }
      case INT32 -> readInts(tensor, type, bytes, count);
    }
    return bytes;
  }

  private static void readInts(
      TensorProtoOrBuilder tensor, ElementType type, ByteBuffer bytes, int count) {
    int width = Math.max(1, type.bits() / 8);
    for (int i = 0; i < count; i++) {
      int number = tensor.getInt32Data(i);
      if (isSixBits(type)) {
        putSixBits(bytes, i, number);
      } else if (type == ElementType.BOOL) {
        bytes.put(i, (byte) (number == 0 ? 0 : 1));
      } else {
        putNumber(bytes, i, width, number);
      }
    }
  }

  private static void putNumber(ByteBuffer bytes, int i, int width, long number) {
    switch (width) {
      case 1 -> bytes.put(i, (byte) number);
      case 2 -> bytes.putShort(i * 2, (short) number);
      case 4 -> bytes.putInt(i * 4, (int) number);
      default -> bytes.putLong(i * 8, number);
    }
  }

  private static void putSixBits(ByteBuffer bytes, int i, int number) {
    for (int bit = 0; bit < 6; bit++) {
      long at = i * 6L + bit;
      int old = bytes.get((int) (at / 8));
      bytes.put((int) (at / 8), (byte) (old | (number >> bit & 1) << at % 8));
    }
  }

  /** Whether writing the bytes that were read gives the very same numbers. */
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
          tensor.addUint64Data(
              type.bits() == 64 ? bytes.getLong(i * 8) : bytes.getInt(i * 4) & 0xFFFFFFFFL);
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
    return switch (type.bits()) {
      case 32 -> bytes.getInt(i * 4);
      case 16 -> type.isSigned() ? bytes.getShort(i * 2) : bytes.getShort(i * 2) & 0xFFFF;
      case 8 -> type.isSigned() ? bytes.get(i) : bytes.get(i) & 0xFF;
      case 6 -> sixBits(bytes, i);
      default -> bytes.get(i) & 0xFF;
    };
  }

  private static int sixBits(ByteBuffer bytes, int i) {
    int number = 0;
    for (int bit = 0; bit < 6; bit++) {
      long at = i * 6L + bit;
      number |= (bytes.get((int) (at / 8)) >> at % 8 & 1) << bit;
    }
    return number;
  }
}
