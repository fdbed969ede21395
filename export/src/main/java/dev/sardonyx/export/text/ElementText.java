package dev.sardonyx.export.text;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.PackedBits;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * A tensor's elements as the numbers of the text form, which are those of ONNX's typed fields. A
 * complex number is two numbers, floats of 16 bits and fewer are given by their bits, and one
 * number holds all elements of 4 or 2 bits that share a byte.
 */
final class ElementText {
  /** A multiple of 4, so that elements of 6 bits begin with a byte. */
  private static final int CHUNK = 1 << 18;

  private ElementText() {}

  /** How many numbers that many elements take. */
  static long numbers(ElementType type, long size) {
    if (type.kind() == ElementType.Kind.COMPLEX) {
      return Math.multiplyExact(size, 2L);
    }
    return type.bits() == 4 || type.bits() == 2 ? type.byteSize(size) : size;
  }

  /** Bits that a number takes in packed storage. */
  private static int bits(ElementType type) {
    return switch (type) {
      case COMPLEX64 -> 32;
      case COMPLEX128 -> 64;
      default -> type.bits() < 6 ? 8 : type.bits();
    };
  }

  private static boolean isFloat(ElementType type) {
    return type == ElementType.FLOAT || type == ElementType.COMPLEX64;
  }

  private static boolean isDouble(ElementType type) {
    return type == ElementType.DOUBLE || type == ElementType.COMPLEX128;
  }

  /** Gives the first numbers of a tensor, in order. */
  static void print(Tensor tensor, long limit, Consumer<String> to) {
    ElementType type = tensor.elementType();
    TensorSource source = tensor.source();
    if (source == null) {
      tensor.strings().stream().limit(limit).map(Words::quoted).forEach(to);
      return;
    }
    long count = Math.min(limit, numbers(type, tensor.size()));
    int bits = bits(type);
    for (long from = 0; from < count; from += CHUNK) {
      int length = (int) Math.min(CHUNK, count - from);
      ByteBuffer bytes = source.slice(from * bits / 8, (length * bits + 7) / 8);
      for (int i = 0; i < length; i++) {
        to.accept(text(type, bits, bytes, i));
      }
    }
  }

  private static String text(ElementType type, int bits, ByteBuffer bytes, int i) {
    if (isFloat(type)) {
      return FloatText.text(bytes.getFloat(i * 4));
    }
    if (isDouble(type)) {
      return FloatText.text(bytes.getDouble(i * 8));
    }
    return type.isSigned() && !type.isPacked()
        ? Long.toString(PackedBits.getSigned(bytes, i, bits))
        : Long.toUnsignedString(PackedBits.get(bytes, i, bits));
  }

  /**
   * Collects numbers as packed bytes. It grows with the numbers, not with the size that the text
   * declares.
   */
  static final class Collector {
    private final ElementType type;
    private final int bits;
    private ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    private int count;

    Collector(ElementType type) {
      this.type = type;
      this.bits = bits(type);
    }

    int count() {
      return count;
    }

    /**
     * @throws NumberFormatException if the text is not a number of the type
     */
    void add(String text) {
      // Two spare bytes, since elements of 6 bits reach into the next byte.
      int needed = Math.toIntExact((count + 1L) * bits / 8 + 2);
      if (needed > bytes.capacity()) {
        int larger = (int) Math.min(Integer.MAX_VALUE - 8L, bytes.capacity() * 2L);
        bytes = ByteBuffer.allocate(larger).order(ByteOrder.LITTLE_ENDIAN).put(bytes.rewind());
      }
      if (isFloat(type)) {
        bytes.putFloat(count * 4, FloatText.parseFloat(text));
      } else if (isDouble(type)) {
        bytes.putDouble(count * 8, FloatText.parseDouble(text));
      } else {
        PackedBits.put(bytes, count, bits, whole(text));
      }
      count++;
    }

    private long whole(String text) {
      if (bits == 64) {
        return type.isSigned() ? Long.parseLong(text) : Long.parseUnsignedLong(text);
      }
      long number = Long.parseLong(text);
      // A byte that elements share may be written as a negative number.
      boolean signed = type.isSigned() || type.isPacked() && bits == 8;
      long least = signed ? -(1L << bits - 1) : 0;
      long most = type.isSigned() && !type.isPacked() ? (1L << bits - 1) - 1 : (1L << bits) - 1;
      if (number < least || number > most) {
        throw new NumberFormatException(text);
      }
      return number;
    }

    /** The tensor of all numbers; there must be as many as the dimensions require. */
    Tensor tensor(long[] dims, long size) {
      return Tensor.of(type, dims, bytes.slice(0, Math.toIntExact(type.byteSize(size))));
    }
  }
}
