package dev.sardonyx.ir;

import java.nio.ByteBuffer;

/**
 * How elements of one type lie in little-endian packed bytes. Index {@code i} counts elements, not
 * bytes. Float formats narrower than 32 bits are described by {@link NarrowFloat}.
 */
public sealed interface ElementCodec {
  /** The element as a real number; a boolean is 0 or 1. */
  double getDouble(ByteBuffer bytes, int i);

  /** The element as an integer: uint64 as its bits, floats truncated, a boolean 0 or 1. */
  long getLong(ByteBuffer bytes, int i);

  /**
   * Stores a real number: rounded to nearest even in float types (overflow saturates in the 8- and
   * 4-bit ones, as ONNX's Cast does by default), truncated and wrapped in integer types, true if
   * not 0 for booleans.
   */
  void putDouble(ByteBuffer bytes, int i, double value);

  /** Stores an integer, wrapped to the type's width. */
  void putLong(ByteBuffer bytes, int i, long value);

  /**
   * @throws IllegalArgumentException for strings, complex numbers and the undefined type
   */
  static ElementCodec of(ElementType type) {
    return switch (type.kind()) {
      case FLOAT ->
          type == ElementType.FLOAT || type == ElementType.DOUBLE
              ? new Wide(type)
              : new Narrow(type, NarrowFloat.of(type));
      case SIGNED, UNSIGNED -> new Whole(type);
      case BOOL -> new Bool();
      default ->
          throw new IllegalArgumentException("Elements of type " + type + " are not real numbers");
    };
  }

  /** float and double. */
  record Wide(ElementType type) implements ElementCodec {
    @Override
    public double getDouble(ByteBuffer bytes, int i) {
      return type == ElementType.FLOAT ? bytes.getFloat(i * 4) : bytes.getDouble(i * 8);
    }

    @Override
    public long getLong(ByteBuffer bytes, int i) {
      return (long) getDouble(bytes, i);
    }

    @Override
    public void putDouble(ByteBuffer bytes, int i, double value) {
      if (type == ElementType.FLOAT) {
        bytes.putFloat(i * 4, (float) value);
      } else {
        bytes.putDouble(i * 8, value);
      }
    }

    @Override
    public void putLong(ByteBuffer bytes, int i, long value) {
      if (type == ElementType.FLOAT) {
        bytes.putFloat(i * 4, (float) value);
      } else {
        bytes.putDouble(i * 8, (double) value);
      }
    }
  }

  /** Floats of 16, 8 and 4 bits. */
  record Narrow(ElementType type, NarrowFloat format) implements ElementCodec {
    @Override
    public double getDouble(ByteBuffer bytes, int i) {
      return format.decode((int) Whole.getBits(bytes, i, type.bits()));
    }

    @Override
    public long getLong(ByteBuffer bytes, int i) {
      return (long) getDouble(bytes, i);
    }

    @Override
    public void putDouble(ByteBuffer bytes, int i, double value) {
      Whole.putBits(bytes, i, type.bits(), format.encode(value, true));
    }

    @Override
    public void putLong(ByteBuffer bytes, int i, long value) {
      putDouble(bytes, i, (double) value);
    }
  }

  /** Integers of 2 to 64 bits. */
  record Whole(ElementType type) implements ElementCodec {
    @Override
    public double getDouble(ByteBuffer bytes, int i) {
      long value = getLong(bytes, i);
      if (type == ElementType.UINT64 && value < 0) {
        return (value >>> 1 | value & 1) * 2.0;
      }
      return value;
    }

    @Override
    public long getLong(ByteBuffer bytes, int i) {
      long bits = getBits(bytes, i, type.bits());
      int unused = 64 - type.bits();
      return type.isSigned() ? bits << unused >> unused : bits;
    }

    @Override
    public void putDouble(ByteBuffer bytes, int i, double value) {
      boolean beyondLong = type == ElementType.UINT64 && value >= 0x1p63;
      putLong(bytes, i, beyondLong ? (long) (value - 0x1p63) ^ Long.MIN_VALUE : (long) value);
    }

    @Override
    public void putLong(ByteBuffer bytes, int i, long value) {
      putBits(bytes, i, type.bits(), value);
    }

    static long getBits(ByteBuffer bytes, int i, int bits) {
      return switch (bits) {
        case 64 -> bytes.getLong(i * 8);
        case 32 -> bytes.getInt(i * 4) & 0xFFFFFFFFL;
        case 16 -> bytes.getShort(i * 2) & 0xFFFFL;
        case 8 -> bytes.get(i) & 0xFFL;
        default -> window(bytes, i, bits) >> shift(i, bits) & (1 << bits) - 1;
      };
    }

    static void putBits(ByteBuffer bytes, int i, int bits, long value) {
      switch (bits) {
        case 64 -> bytes.putLong(i * 8, value);
        case 32 -> bytes.putInt(i * 4, (int) value);
        case 16 -> bytes.putShort(i * 2, (short) value);
        case 8 -> bytes.put(i, (byte) value);
        default -> {
          int shift = shift(i, bits);
          int at = firstByte(i, bits);
          int mask = (1 << bits) - 1 << shift;
          int changed = window(bytes, i, bits) & ~mask | (int) value << shift & mask;
          bytes.put(at, (byte) changed);
          if (shift + bits > 8) {
            bytes.put(at + 1, (byte) (changed >> 8));
          }
        }
      }
    }

    private static int firstByte(int i, int bits) {
      return (int) ((long) i * bits >> 3);
    }

    private static int shift(int i, int bits) {
      return i * bits & 7; // an overflow leaves the low bits right
    }

    /** The byte in which element i begins and, where it goes on there, the next one above it. */
    private static int window(ByteBuffer bytes, int i, int bits) {
      int at = firstByte(i, bits);
      int low = bytes.get(at) & 0xFF;
      return shift(i, bits) + bits > 8 ? low | (bytes.get(at + 1) & 0xFF) << 8 : low;
    }
  }

  /** Booleans, a byte each. */
  record Bool() implements ElementCodec {
    @Override
    public double getDouble(ByteBuffer bytes, int i) {
      return getLong(bytes, i);
    }

    @Override
    public long getLong(ByteBuffer bytes, int i) {
      return bytes.get(i) == 0 ? 0 : 1;
    }

    @Override
    public void putDouble(ByteBuffer bytes, int i, double value) {
      bytes.put(i, (byte) (value == 0 ? 0 : 1));
    }

    @Override
    public void putLong(ByteBuffer bytes, int i, long value) {
      bytes.put(i, (byte) (value == 0 ? 0 : 1));
    }
  }
}
