package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Java arrays of a tensor's elements. Each element type has one array type: float and double for
 * themselves, int for int32, long for int64 and the bits of uint64, String for strings, and double
 * for all others, which it holds exactly.
 */
enum ElementArrays {
  FLOAT {
    @Override
    Object array(int length) {
      return new float[length];
    }

    @Override
    void put(Object array, int index, Object value) {
      ((float[]) array)[index] = ((Number) value).floatValue();
    }

    @Override
    void fill(Object array, double value) {
      Arrays.fill((float[]) array, (float) value);
    }

    @Override
    Tensor tensor(ElementType type, Object array, long[] dims) {
      return Tensor.ofFloats((float[]) array, dims);
    }

    @Override
    Object of(Tensor tensor) {
      return tensor.toFloats();
    }
  },
  DOUBLE {
    @Override
    Object array(int length) {
      return new double[length];
    }

    @Override
    void put(Object array, int index, Object value) {
      ((double[]) array)[index] =
          value instanceof Boolean b ? b ? 1 : 0 : ((Number) value).doubleValue();
    }

    @Override
    void fill(Object array, double value) {
      Arrays.fill((double[]) array, value);
    }

    @Override
    Tensor tensor(ElementType type, Object array, long[] dims) {
      return type == ElementType.DOUBLE
          ? Tensor.ofDoubles((double[]) array, dims)
          : Tensor.ofNumbers(type, (double[]) array, dims);
    }

    @Override
    Object of(Tensor tensor) {
      return tensor.toDoubles();
    }
  },
  INT {
    @Override
    Object array(int length) {
      return new int[length];
    }

    @Override
    void put(Object array, int index, Object value) {
      ((int[]) array)[index] = ((Number) value).intValue();
    }

    @Override
    void fill(Object array, double value) {
      Arrays.fill((int[]) array, (int) value);
    }

    @Override
    Tensor tensor(ElementType type, Object array, long[] dims) {
      return Tensor.ofInts((int[]) array, dims);
    }

    @Override
    Object of(Tensor tensor) {
      return Arrays.stream(tensor.toLongs()).mapToInt(number -> (int) number).toArray();
    }
  },
  LONG {
    @Override
    Object array(int length) {
      return new long[length];
    }

    @Override
    void put(Object array, int index, Object value) {
      ((long[]) array)[index] = ((Number) value).longValue();
    }

    @Override
    void fill(Object array, double value) {
      Arrays.fill((long[]) array, (long) value);
    }

    @Override
    Tensor tensor(ElementType type, Object array, long[] dims) {
      long[] elements = (long[]) array;
      ByteBuffer bytes = Tensor.allocate(type, elements.length);
      bytes.asLongBuffer().put(elements);
      return Tensor.of(type, dims, bytes);
    }

    @Override
    Object of(Tensor tensor) {
      return tensor.toLongs();
    }
  },
  STRING {
    @Override
    Object array(int length) {
      String[] strings = new String[length];
      Arrays.fill(strings, "");
      return strings;
    }

    @Override
    void put(Object array, int index, Object value) {
      ((String[]) array)[index] = (String) value;
    }

    @Override
    void fill(Object array, double value) {
      // RowPadding of strings is always empty, which a new array is.
    }

    @Override
    Tensor tensor(ElementType type, Object array, long[] dims) {
      return Tensor.ofStrings(List.of((String[]) array), dims);
    }

    @Override
    Object of(Tensor tensor) {
      return tensor.strings().toArray(String[]::new);
    }
  };

  /** The kind of array that holds elements of this type. */
  static ElementArrays of(ElementType type) {
    return switch (type) {
      case FLOAT -> FLOAT;
      case INT32 -> INT;
      case INT64, UINT64 -> LONG;
      case STRING -> STRING;
      default -> DOUBLE;
    };
  }

  /** Doubles hold whole numbers exactly up to here. */
  private static final double EXACT = 1L << 53;

  /** Whether a number is an element of a type, if rounded to one of floating point. */
  static boolean holds(ElementType type, double number) {
    if (!type.isInteger()) {
      return type.isFloat() || (type == ElementType.BOOL && (number == 0 || number == 1));
    }
    int bits = type.isSigned() ? type.bits() - 1 : type.bits();
    double above = Math.min(Math.scalb(1.0, bits), EXACT);
    double least = type.isSigned() ? -above : 0;
    return number == Math.rint(number) && number >= least && number < above;
  }

  /** An array of zeros or empty strings. */
  abstract Object array(int length);

  abstract void put(Object array, int index, Object value);

  abstract void fill(Object array, double value);

  /** A tensor of a type of this kind. */
  abstract Tensor tensor(ElementType type, Object array, long[] dims);

  /** The elements of a tensor of a type of this kind, in row-major order. */
  abstract Object of(Tensor tensor);
}
