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
      return format.decode((int) PackedBits.get(bytes, i, type.bits()));
    }

    @Override
    public long getLong(ByteBuffer bytes, int i) {
      return (long) getDouble(bytes, i);
    }

    @Override
    public void putDouble(ByteBuffer bytes, int i, double value) {
      PackedBits.put(bytes, i, type.bits(), format.encode(value, true));
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
      return type.isSigned()
          ? PackedBits.getSigned(bytes, i, type.bits())
          : PackedBits.get(bytes, i, type.bits());
    }

    @Override
    public void putDouble(ByteBuffer bytes, int i, double value) {
      boolean beyondLong = type == ElementType.UINT64 && value >= 0x1p63;
      putLong(bytes, i, beyondLong ? (long) (value - 0x1p63) ^ Long.MIN_VALUE : (long) value);
    }

    @Override
    public void putLong(ByteBuffer bytes, int i, long value) {
      PackedBits.put(bytes, i, type.bits(), value);
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
