package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.NarrowFloat;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The one place where tensors' bytes become Java arrays and arrays tensors. Floats of all widths
 * are doubles (which holds each exactly, and rounds a sum, difference, product, quotient or square
 * root to float as if it had been computed in float), integers and booleans are longs, uint64 as
 * its bits. Where speed counts, floats of up to 32 bits are floats.
 */
public final class Elements {
  /** Bits of a double's mantissa, with the one that is not stored. */
  private static final int MANTISSA = 53;

  private Elements() {}

  static double[] doubles(Tensor tensor) {
    ElementType type = tensor.elementType();
    double[] result = new double[tensor.length()];
    if (type == ElementType.FLOAT) {
      float[] floats = floats(tensor);
      for (int i = 0; i < result.length; i++) {
        result[i] = floats[i];
      }
    } else if (type == ElementType.DOUBLE) {
      tensor.bytes().asDoubleBuffer().get(result);
    } else if (type == ElementType.FLOAT16) {
      short[] halves = shorts(tensor);
      for (int i = 0; i < result.length; i++) {
        result[i] = HalfBits.toFloat(halves[i]);
      }
    } else if (type.isFloat() && type.bits() == 16) {
      ShortBuffer codes = tensor.bytes().asShortBuffer();
      NarrowFloat format = NarrowFloat.of(type);
      for (int i = 0; i < result.length; i++) {
        result[i] = format.decode(codes.get(i) & 0xFFFF);
      }
    } else if (!type.isFloat() && type != ElementType.UINT64) {
      long[] longs = longs(tensor);
      for (int i = 0; i < result.length; i++) {
        result[i] = longs[i];
      }
    } else {
      ByteBuffer bytes = tensor.bytes();
      ElementCodec codec = ElementCodec.of(type);
      for (int i = 0; i < result.length; i++) {
        result[i] = codec.getDouble(bytes, i);
      }
    }
    return result;
  }

  static float[] floats(Tensor tensor) {
    if (tensor.elementType() == ElementType.FLOAT) {
      return tensor.toFloats();
    }
    if (tensor.elementType() == ElementType.FLOAT16) {
      short[] halves = shorts(tensor);
      float[] result = new float[halves.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = HalfBits.toFloat(halves[i]);
      }
      return result;
    }
    double[] doubles = doubles(tensor);
    float[] result = new float[doubles.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) doubles[i];
    }
    return result;
  }

  private static short[] shorts(Tensor tensor) {
    short[] shorts = new short[tensor.length()];
    tensor.bytes().asShortBuffer().get(shorts);
    return shorts;
  }

  /**
   * Integers as doubles that a narrower type makes the same of as of the integers themselves: those
   * beyond 2^53 are not rounded to the nearest double, which would be rounded once more, but to the
   * one of both neighbours whose last bit is set.
   */
  static double[] forRounding(Tensor integers) {
    boolean unsigned = integers.elementType() == ElementType.UINT64;
    long[] longs = longs(integers);
    double[] result = new double[longs.length];
    for (int i = 0; i < result.length; i++) {
      boolean negative = !unsigned && longs[i] < 0;
      long magnitude = negative ? -longs[i] : longs[i];
      int lost = Math.max(0, 64 - MANTISSA - Long.numberOfLeadingZeros(magnitude));
      long kept = magnitude >>> lost;
      double odd = Math.scalb((double) (kept << lost == magnitude ? kept : kept | 1), lost);
      result[i] = negative ? -odd : odd;
    }
    return result;
  }

  static long[] longs(Tensor tensor) {
    ElementType type = tensor.elementType();
    if (!type.isInteger() && type != ElementType.BOOL) {
      return tensor.toLongs();
    }
    long[] result = new long[tensor.length()];
    switch (type.bits()) {
      case 8 -> {
        byte[] bytes = new byte[result.length];
        tensor.bytes().get(bytes);
        int mask = type.isSigned() ? -1 : 0xFF;
        boolean isTruth = type == ElementType.BOOL;
        for (int i = 0; i < result.length; i++) {
          result[i] = isTruth ? bytes[i] == 0 ? 0 : 1 : bytes[i] & mask;
        }
      }
      case 16 -> {
        short[] shorts = new short[result.length];
        tensor.bytes().asShortBuffer().get(shorts);
        int mask = type.isSigned() ? -1 : 0xFFFF;
        for (int i = 0; i < result.length; i++) {
          result[i] = shorts[i] & mask;
        }
      }
      case 32 -> {
        int[] ints = new int[result.length];
        tensor.bytes().asIntBuffer().get(ints);
        long mask = type.isSigned() ? -1 : 0xFFFFFFFFL;
        for (int i = 0; i < result.length; i++) {
          result[i] = ints[i] & mask;
        }
      }
      case 64 -> tensor.bytes().asLongBuffer().get(result);
      default -> {
        return tensor.toLongs();
      }
    }
    return result;
  }

  static boolean[] booleans(Tensor tensor) {
    boolean[] result = new boolean[tensor.length()];
    long[] longs = longs(tensor);
    for (int i = 0; i < result.length; i++) {
      result[i] = longs[i] != 0;
    }
    return result;
  }

  /**
   * Real numbers rounded to the type; truncated and wrapped in integer types. NaN is the same on
   * all processors.
   */
  public static Tensor of(ElementType type, double[] elements, long... dims) {
    if (type == ElementType.DOUBLE) {
      double[] doubles = new double[elements.length];
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] = Double.isNaN(elements[i]) ? Double.NaN : elements[i];
      }
      return Tensor.ofDoubles(doubles, dims);
    }
    if (type == ElementType.FLOAT) {
      float[] floats = new float[elements.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = Double.isNaN(elements[i]) ? Float.NaN : (float) elements[i];
      }
      return Tensor.ofFloats(floats, dims);
    }
    if (type.isInteger() && type != ElementType.UINT64) {
      long[] longs = new long[elements.length];
      for (int i = 0; i < longs.length; i++) {
        longs[i] = (long) elements[i];
      }
      return of(type, longs, dims);
    }
    if (type.isFloat() && type.bits() == 16) {
      NarrowFloat format = NarrowFloat.of(type);
      short[] codes = new short[elements.length];
      for (int i = 0; i < codes.length; i++) {
        codes[i] = (short) format.encode(elements[i], true);
      }
      return ofShorts(type, codes, dims);
    }
    return Tensor.ofNumbers(type, elements, dims);
  }

  private static Tensor ofShorts(ElementType type, short[] elements, long... dims) {
    ByteBuffer bytes = Tensor.allocate(type, elements.length);
    bytes.asShortBuffer().put(elements);
    return Tensor.of(type, dims, bytes);
  }

  /** Makes all NaNs the same one: what arithmetic gives differs from processor to processor. */
  static void makeNanOne(float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      if (Float.isNaN(values[i])) {
        values[i] = Float.NaN;
      }
    }
  }

  /** Floats, rounded to a narrower type where it is one. */
  public static Tensor of(ElementType type, float[] elements, long... dims) {
    if (type == ElementType.FLOAT) {
      return Tensor.ofFloats(elements, dims);
    }
    if (type == ElementType.FLOAT16) {
      short[] halves = new short[elements.length];
      for (int i = 0; i < halves.length; i++) {
        halves[i] = HalfBits.of(elements[i]);
      }
      return ofShorts(type, halves, dims);
    }
    double[] doubles = new double[elements.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = elements[i];
    }
    return of(type, doubles, dims);
  }

  /** Integers wrapped to the type's width; real numbers of that value in float types. */
  public static Tensor of(ElementType type, long[] elements, long... dims) {
    if (type == ElementType.INT64) {
      return Tensor.ofLongs(elements, dims);
    }
    if (type == ElementType.BOOL || type.isInteger() && type.bits() == 8) {
      byte[] wrapped = new byte[elements.length];
      for (int i = 0; i < wrapped.length; i++) {
        long truth = elements[i] == 0 ? 0 : 1;
        wrapped[i] = (byte) (type == ElementType.BOOL ? truth : elements[i]);
      }
      return Tensor.of(type, dims, ByteBuffer.wrap(wrapped));
    }
    ByteBuffer bytes = Tensor.allocate(type, elements.length);
    if (type.isInteger() && type.bits() == 32) {
      int[] wrapped = new int[elements.length];
      for (int i = 0; i < wrapped.length; i++) {
        wrapped[i] = (int) elements[i];
      }
      bytes.asIntBuffer().put(wrapped);
    } else {
      ElementCodec codec = ElementCodec.of(type);
      for (int i = 0; i < elements.length; i++) {
        codec.putLong(bytes, i, elements[i]);
      }
    }
    return Tensor.of(type, dims, bytes);
  }

  /** What a float type makes of a real number: the nearest number it has. */
  static DoubleUnaryOperator rounding(ElementType type) {
    if (type == ElementType.DOUBLE) {
      return DoubleUnaryOperator.identity();
    }
    if (type == ElementType.FLOAT) {
      return x -> (float) x;
    }
    NarrowFloat format = NarrowFloat.of(type);
    return x -> format.decode(format.encode(x, true));
  }

  /** A tensor of zeros, {@code false} or empty strings. */
  public static Tensor zeros(ElementType type, long... dims) {
    int size = Dims.size(dims);
    if (type == ElementType.STRING) {
      String[] empty = new String[size];
      Arrays.fill(empty, "");
      return Tensor.ofStrings(List.of(empty), dims);
    }
    return Tensor.of(type, dims, Tensor.allocate(type, size));
  }

  /**
   * The elements at the given positions, whatever their type; -1 gives zero, false or the empty
   * string.
   *
   * @param index as many positions as the dimensions have elements
   */
  static Tensor take(Tensor source, int[] index, long... dims) {
    ElementType type = source.elementType();
    if (type == ElementType.STRING) {
      List<String> strings = source.strings();
      List<String> result = new ArrayList<>(index.length);
      for (int i : index) {
        result.add(i < 0 ? "" : strings.get(i));
      }
      return Tensor.ofStrings(result, dims);
    }
    ByteBuffer from = source.bytes();
    ByteBuffer to = Tensor.allocate(type, index.length);
    switch (type.bits()) {
      case 8 -> {
        for (int i = 0; i < index.length; i++) {
          to.put(i, index[i] < 0 ? 0 : from.get(index[i]));
        }
      }
      case 16 -> {
        for (int i = 0; i < index.length; i++) {
          to.putShort(i * 2, index[i] < 0 ? 0 : from.getShort(index[i] * 2));
        }
      }
      case 32 -> {
        for (int i = 0; i < index.length; i++) {
          to.putInt(i * 4, index[i] < 0 ? 0 : from.getInt(index[i] * 4));
        }
      }
      case 64 -> {
        for (int i = 0; i < index.length; i++) {
          to.putLong(i * 8, index[i] < 0 ? 0 : from.getLong(index[i] * 8));
        }
      }
      case 128 -> {
        for (int i = 0; i < index.length; i++) {
          to.putLong(i * 16, index[i] < 0 ? 0 : from.getLong(index[i] * 16));
          to.putLong(i * 16 + 8, index[i] < 0 ? 0 : from.getLong(index[i] * 16 + 8));
        }
      }
      default -> takePacked(type, from, to, index);
    }
    return Tensor.of(type, dims, to);
  }

  /** Packed elements move by their value, which their codec gives back to the bit. */
  private static void takePacked(ElementType type, ByteBuffer from, ByteBuffer to, int[] index) {
    ElementCodec codec = ElementCodec.of(type);
    for (int i = 0; i < index.length; i++) {
      if (index[i] >= 0) {
        codec.putDouble(to, i, codec.getDouble(from, index[i]));
      }
    }
  }

  /**
   * @throws EvaluationException if not all are of the first one's type
   */
  static void requireOneType(List<Tensor> parts) {
    ElementType type = parts.get(0).elementType();
    for (Tensor part : parts) {
      if (part.elementType() != type) {
        throw new EvaluationException(
            "element types differ: " + type + " and " + part.elementType());
      }
    }
  }

  /** Several tensors of one type as one of rank 1, so that positions can name any of them. */
  static Tensor joined(List<Tensor> parts) {
    ElementType type = parts.get(0).elementType();
    requireOneType(parts);
    int size = 0;
    for (Tensor part : parts) {
      size = Math.addExact(size, part.length());
    }
    if (type == ElementType.STRING) {
      List<String> strings = new ArrayList<>(size);
      parts.forEach(part -> strings.addAll(part.strings()));
      return Tensor.ofStrings(strings, size);
    }
    ByteBuffer bytes = Tensor.allocate(type, size);
    if (type.isPacked()) {
      ElementCodec codec = ElementCodec.of(type);
      int at = 0;
      for (Tensor part : parts) {
        ByteBuffer from = part.bytes();
        for (int i = 0; i < part.length(); i++) {
          codec.putDouble(bytes, at++, codec.getDouble(from, i));
        }
      }
    } else {
      parts.forEach(part -> bytes.put(part.bytes()));
      bytes.flip();
    }
    return Tensor.of(type, new long[] {size}, bytes);
  }

  /** The smallest integer of a type. */
  static long min(ElementType type) {
    return type.isSigned() ? -1L << type.bits() - 1 : 0;
  }

  /** The largest integer of a type; for uint64 its bits, all set. */
  static long max(ElementType type) {
    return type.isSigned()
        ? -min(type) - 1
        : type == ElementType.BOOL ? 1 : -1L >>> 64 - type.bits();
  }
}
