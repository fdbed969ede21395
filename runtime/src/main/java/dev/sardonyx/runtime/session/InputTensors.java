package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Makes input tensors from Java arrays, buffers and numbers: the element type is the input's, which
 * says what Java's types leave open, such as whether a short is an int16 or the bits of a float16.
 */
final class InputTensors {
  /** More than any array or buffer holds, and few enough for their bytes to be counted. */
  private static final long MAX_ELEMENTS = 1L << 40;

  private InputTensors() {}

  /**
   * @param value a datum, a number, a text, an array, an array of arrays, or a buffer
   * @param dims the dimensions; none for those of nested arrays, or what follows from the input's
   *     type and the number of elements
   */
  static Datum of(Input input, Object value, long... dims) {
    if (value instanceof Datum datum) {
      return datum;
    }
    if (!(input.type() instanceof TensorType type)) {
      throw mismatch(input, value);
    }
    requireDims("Input", input.name(), dims);
    if (value instanceof Buffer buffer) {
      long elements =
          buffer instanceof ByteBuffer
              ? buffer.remaining() * 8L / Math.max(1, type.elementType().bits())
              : buffer.remaining();
      long[] shape = dims.length > 0 ? dims : shape(input, type, elements);
      return ofBuffer(input, type.elementType(), buffer, shape);
    }
    Object array = value.getClass().isArray() ? value : arrayOfOne(input, value);
    NestedArrays.Flat flat = flatten(input, array);
    boolean flatGiven = flat.dims().length == 1;
    long[] shape =
        dims.length > 0
            ? dims
            : flatGiven ? shape(input, type, Array.getLength(flat.elements())) : flat.dims();
    return ofArray(input, type.elementType(), flat.elements(), shape);
  }

  private static NestedArrays.Flat flatten(Input input, Object array) {
    try {
      return NestedArrays.flatten(array);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Input '" + input.name() + "': " + e.getMessage(), e);
    }
  }

  private static Object arrayOfOne(Input input, Object value) {
    if (value instanceof Float number) {
      return new float[] {number};
    } else if (value instanceof Double number) {
      return new double[] {number};
    } else if (value instanceof Long number) {
      return new long[] {number};
    } else if (value instanceof Integer number) {
      return new int[] {number};
    } else if (value instanceof Short number) {
      return new short[] {number};
    } else if (value instanceof Byte number) {
      return new byte[] {number};
    } else if (value instanceof Boolean bit) {
      return new boolean[] {bit};
    } else if (value instanceof String text) {
      return new String[] {text};
    }
    throw mismatch(input, value);
  }

  /**
   * The dimensions that follow from the number of elements, if at most one declared dimension is
   * open.
   */
  private static long[] shape(Input input, TensorType type, long elements) {
    if (!type.shape().isRanked()) {
      return elements == 1 ? new long[0] : new long[] {elements};
    }
    List<Dim> declared = type.shape().dims();
    long[] shape = new long[declared.size()];
    int open = -1;
    long known = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      if (declared.get(axis) instanceof Dim.Fixed fixed) {
        shape[axis] = fixed.size();
        known *= fixed.size();
      } else if (open >= 0) {
        throw new IllegalArgumentException(
            "Input '" + input.name() + "' of type " + type + " needs its dimensions to be named");
      } else {
        open = axis;
      }
    }
    if (open >= 0) {
      shape[open] = known == 0 ? 0 : elements / known;
      known *= shape[open];
    }
    if (known != elements) {
      throw new IllegalArgumentException(
          "Input '"
              + input.name()
              + "' takes "
              + type
              + ", but was given "
              + elements
              + " elements");
    }
    return shape;
  }

  private static Tensor ofArray(Input input, ElementType type, Object array, long[] dims) {
    requireSize(input, Array.getLength(array), dims);
    if (array instanceof float[] floats && type.isFloat() && type != ElementType.DOUBLE) {
      return type == ElementType.FLOAT
          ? Tensor.of(type, dims, ArraySource.of(floats))
          : Tensor.ofNumbers(type, doubles(floats), dims);
    } else if (array instanceof double[] doubles && type == ElementType.DOUBLE) {
      return Tensor.of(type, dims, ArraySource.of(doubles));
    } else if (array instanceof long[] longs && is64(type)) {
      return Tensor.of(type, dims, ArraySource.of(longs));
    } else if (array instanceof int[] ints && is32(type)) {
      return Tensor.of(type, dims, ArraySource.of(ints));
    } else if (array instanceof int[] ints && type == ElementType.INT64) {
      return Tensor.ofLongs(Arrays.stream(ints).asLongStream().toArray(), dims);
    } else if (array instanceof short[] shorts && is16(type)) {
      return Tensor.of(type, dims, ArraySource.of(shorts));
    } else if (array instanceof byte[] bytes && is8(type)) {
      return Tensor.of(type, dims, ArraySource.of(bytes));
    } else if (array instanceof boolean[] bits && type == ElementType.BOOL) {
      return Tensor.ofBooleans(bits, dims);
    } else if (array instanceof String[] texts && type == ElementType.STRING) {
      return Tensor.ofStrings(Arrays.asList(texts), dims);
    }
    throw mismatch(input, array);
  }

  private static double[] doubles(float[] floats) {
    double[] doubles = new double[floats.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }

  private static Tensor ofBuffer(Input input, ElementType type, Buffer buffer, long[] dims) {
    if (type == ElementType.STRING) {
      throw mismatch(input, buffer);
    }
    if (buffer instanceof ByteBuffer bytes) {
      requireBytes(input, type, bytes.remaining(), dims);
      return Tensor.of(type, dims, littleEndian(bytes, type));
    }
    requireSize(input, buffer.remaining(), dims);
    ByteBuffer copy = Tensor.allocate(type, buffer.remaining());
    if (buffer instanceof FloatBuffer floats && type == ElementType.FLOAT) {
      copy.asFloatBuffer().put(floats.duplicate());
    } else if (buffer instanceof DoubleBuffer doubles && type == ElementType.DOUBLE) {
      copy.asDoubleBuffer().put(doubles.duplicate());
    } else if (buffer instanceof LongBuffer longs && is64(type)) {
      copy.asLongBuffer().put(longs.duplicate());
    } else if (buffer instanceof IntBuffer ints && is32(type)) {
      copy.asIntBuffer().put(ints.duplicate());
    } else if (buffer instanceof ShortBuffer shorts && is16(type)) {
      copy.asShortBuffer().put(shorts.duplicate());
    } else {
      throw mismatch(input, buffer);
    }
    return Tensor.of(type, dims, copy);
  }

  /** The bytes as they are, or swapped if the buffer's byte order is big-endian. */
  private static ByteBuffer littleEndian(ByteBuffer bytes, ElementType type) {
    if (bytes.order() == ByteOrder.LITTLE_ENDIAN || type.bits() <= 8) {
      return bytes;
    }
    ByteBuffer from = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    switch (type.bits()) {
      case 16 -> copy.asShortBuffer().put(from.asShortBuffer());
      case 32 -> copy.asIntBuffer().put(from.asIntBuffer());
      default -> copy.asLongBuffer().put(from.asLongBuffer());
    }
    return copy;
  }

  static boolean is64(ElementType type) {
    return type == ElementType.INT64 || type == ElementType.UINT64;
  }

  static boolean is32(ElementType type) {
    return type == ElementType.INT32 || type == ElementType.UINT32;
  }

  static boolean is16(ElementType type) {
    return type.bits() == 16;
  }

  private static boolean is8(ElementType type) {
    return type.bits() == 8;
  }

  /**
   * Makes sure that dimensions can be those of a tensor.
   *
   * @param what {@code Input} or {@code Output}, for messages, which are made only if needed: each
   *     call comes here
   */
  static void requireDims(String what, String name, long... dims) {
    boolean empty = false;
    for (long dim : dims) {
      empty |= dim == 0;
    }
    long size = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            what
                + " '"
                + name
                + "': dimensions "
                + Arrays.toString(dims)
                + " are not all 0 or more; name the number of elements on each axis");
      }
      if (!empty && dim > MAX_ELEMENTS / size) {
        throw new IllegalArgumentException(
            what
                + " '"
                + name
                + "': dimensions "
                + Arrays.toString(dims)
                + " are more elements than an array or a buffer of Java holds");
      }
      size *= dim;
    }
  }

  static long size(long[] dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return size;
  }

  private static void requireSize(Input input, long elements, long[] dims) {
    long size = size(dims);
    if (size != elements) {
      throw new IllegalArgumentException(
          "Input '"
              + input.name()
              + "': dimensions "
              + Arrays.toString(dims)
              + " take "
              + size
              + " elements, not "
              + elements);
    }
  }

  private static void requireBytes(Input input, ElementType type, long bytes, long[] dims) {
    long needed = type.byteSize(size(dims));
    if (needed != bytes) {
      throw new IllegalArgumentException(
          "Input '"
              + input.name()
              + "': "
              + TensorType.of(type, dims)
              + " takes "
              + needed
              + " bytes, not "
              + bytes);
    }
  }

  /** What makes tensors of a type, as the end of a message. */
  private static String madeOf(ValueType type) {
    if (!(type instanceof TensorType tensor)) {
      return "; give a Datum of this type";
    }
    ElementType element = tensor.elementType();
    String array = null;
    if (element == ElementType.DOUBLE) {
      array = "double[]";
    } else if (is64(element)) {
      array = "long[]";
    } else if (is32(element)) {
      array = "int[]";
    } else if (element.isFloat()) {
      array = "float[]";
    } else if (is16(element)) {
      array = "short[]";
    } else if (element == ElementType.BOOL) {
      array = "boolean[]";
    } else if (element == ElementType.STRING) {
      array = "String[]";
    } else if (is8(element)) {
      array = "byte[]";
    }
    return array == null ? "; give a Tensor" : "; give a " + array + " or a Tensor";
  }

  private static IllegalArgumentException mismatch(Input input, Object value) {
    return new IllegalArgumentException(
        "Input '"
            + input.name()
            + "' takes "
            + input.type()
            + ", which is not made of "
            + value.getClass().getSimpleName()
            + madeOf(input.type()));
  }
}
