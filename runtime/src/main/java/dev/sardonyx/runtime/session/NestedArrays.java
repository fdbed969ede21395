package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tensors as arrays of arrays, such as {@code float[][][][]}, and back. Rows are copied whole, not
 * element by element.
 */
public final class NestedArrays {
  private NestedArrays() {}

  /**
   * The tensor of an array of float, double, long, int, short, byte, boolean or String, or of
   * arrays of them: its dimensions are the arrays' lengths, its element type corresponds to the
   * Java type.
   *
   * @throws IllegalArgumentException if arrays side by side differ in length, or one is null
   */
  public static Tensor toTensor(Object nested) {
    Flat flat = flatten(nested);
    Object elements = flat.elements();
    long[] dims = flat.dims();
    if (elements instanceof float[] array) {
      return Tensor.ofFloats(array, dims);
    } else if (elements instanceof double[] array) {
      return Tensor.ofDoubles(array, dims);
    } else if (elements instanceof long[] array) {
      return Tensor.ofLongs(array, dims);
    } else if (elements instanceof int[] array) {
      return Tensor.ofInts(array, dims);
    } else if (elements instanceof short[] array) {
      ByteBuffer bytes = Tensor.allocate(ElementType.INT16, array.length);
      bytes.asShortBuffer().put(array);
      return Tensor.of(ElementType.INT16, dims, bytes);
    } else if (elements instanceof byte[] array) {
      return Tensor.of(ElementType.INT8, dims, ByteBuffer.wrap(array.clone()));
    } else if (elements instanceof boolean[] array) {
      return Tensor.ofBooleans(array, dims);
    }
    return Tensor.ofStrings(Arrays.asList((String[]) elements), dims);
  }

  /** Elements in row-major order, in an array of their type, and the dimensions. */
  record Flat(Object elements, long[] dims) {}

  /** An array of one dimension is taken as it is, not copied. */
  static Flat flatten(Object nested) {
    Class<?> leaf = nested.getClass();
    int rank = 0;
    while (leaf.isArray()) {
      leaf = leaf.getComponentType();
      rank++;
    }
    if (rank == 0 || !(leaf.isPrimitive() && leaf != char.class || leaf == String.class)) {
      throw new IllegalArgumentException(
          "A tensor cannot be made of "
              + nested.getClass().getSimpleName()
              + "; arrays of float, double, long, int, short, byte, boolean and String can");
    }
    long[] dims = new long[rank];
    Object inner = nested;
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = Array.getLength(inner);
      if (axis + 1 < rank) {
        if (dims[axis] == 0) {
          break;
        }
        inner = required(Array.get(inner, 0), List.of(0));
      }
    }
    if (rank == 1) {
      return new Flat(nested, dims);
    }
    int size = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    Object elements = Array.newInstance(leaf, size);
    copy(nested, dims, 0, elements, 0, new ArrayList<>());
    return new Flat(elements, dims);
  }

  private static Object required(@Nullable Object array, List<Integer> at) {
    if (array == null) {
      throw new IllegalArgumentException("The array at " + at + " is null");
    }
    return array;
  }

  /** Copies the elements; returns the next index to fill. */
  private static int copy(
      Object from, long[] dims, int axis, Object to, int place, List<Integer> at) {
    int length = Array.getLength(from);
    if (length != dims[axis]) {
      throw new IllegalArgumentException(
          "The arrays are not of one length: that at "
              + at
              + " has "
              + length
              + " elements, the first has "
              + dims[axis]);
    }
    if (axis == dims.length - 1) {
      System.arraycopy(from, 0, to, place, length);
      return place + length;
    }
    int next = place;
    for (int i = 0; i < length; i++) {
      at.add(i);
      next = copy(required(((Object[]) from)[i], at), dims, axis + 1, to, next, at);
      at.remove(at.size() - 1);
    }
    return next;
  }

  /**
   * A tensor's elements as arrays of arrays: of float for all floating-point types but double, for
   * integers, of the Java type of the same width, unsigned ones as signed. A scalar is an array of
   * one element.
   */
  public static Object of(Tensor tensor) {
    Object elements = elements(tensor);
    long[] dims = tensor.dims();
    if (dims.length < 2) {
      return elements;
    }
    int[] lengths = Arrays.stream(dims).mapToInt(Math::toIntExact).toArray();
    Object nested = Array.newInstance(elements.getClass().getComponentType(), lengths);
    fill(nested, lengths, 0, elements, 0);
    return nested;
  }

  private static int fill(Object to, int[] lengths, int axis, Object from, int place) {
    if (axis == lengths.length - 1) {
      System.arraycopy(from, place, to, 0, lengths[axis]);
      return place + lengths[axis];
    }
    int next = place;
    for (Object inner : (Object[]) to) {
      next = fill(inner, lengths, axis + 1, from, next);
    }
    return next;
  }

  private static Object elements(Tensor tensor) {
    ElementType type = tensor.elementType();
    if (type == ElementType.STRING) {
      return tensor.strings().toArray(new String[0]);
    }
    if (type == ElementType.BOOL) {
      ByteBuffer bytes = tensor.bytes();
      boolean[] array = new boolean[tensor.length()];
      for (int i = 0; i < array.length; i++) {
        array[i] = bytes.get(bytes.position() + i) != 0;
      }
      return array;
    }
    if (type == ElementType.DOUBLE) {
      return tensor.toDoubles();
    }
    if (type.isFloat()) {
      return tensor.toFloats();
    }
    return integers(tensor);
  }

  private static Object integers(Tensor tensor) {
    int length = tensor.length();
    switch (tensor.elementType()) {
      case INT64, UINT64 -> {
        long[] array = new long[length];
        tensor.bytes().asLongBuffer().get(array);
        return array;
      }
      case INT32, UINT32 -> {
        int[] array = new int[length];
        tensor.bytes().asIntBuffer().get(array);
        return array;
      }
      case INT16, UINT16 -> {
        short[] array = new short[length];
        tensor.bytes().asShortBuffer().get(array);
        return array;
      }
      default -> {
        byte[] array = new byte[length];
        if (tensor.elementType().bits() == 8) {
          tensor.bytes().get(array);
        } else {
          long[] values = tensor.toLongs();
          for (int i = 0; i < length; i++) {
            array[i] = (byte) values[i];
          }
        }
        return array;
      }
    }
  }
}
