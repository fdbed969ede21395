package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.TensorSource;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The elements of a caller's array of numbers. They are not copied until they are needed, so that
 * they go straight into a native buffer.
 *
 * @param array of float, double, long, int, short or byte
 * @param width bytes of an element
 */
record ArraySource(Object array, int width) implements TensorSource {
  static ArraySource of(float[] array) {
    return new ArraySource(array, Float.BYTES);
  }

  static ArraySource of(double[] array) {
    return new ArraySource(array, Double.BYTES);
  }

  static ArraySource of(long[] array) {
    return new ArraySource(array, Long.BYTES);
  }

  static ArraySource of(int[] array) {
    return new ArraySource(array, Integer.BYTES);
  }

  static ArraySource of(short[] array) {
    return new ArraySource(array, Short.BYTES);
  }

  static ArraySource of(byte[] array) {
    return new ArraySource(array, Byte.BYTES);
  }

  @Override
  public long byteSize() {
    return (long) Array.getLength(array) * width;
  }

  @Override
  public ByteBuffer slice(long offset, int length) {
    int first = (int) (offset / width);
    int end = (int) ((offset + length + width - 1) / width);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(end - first, width)).order(ByteOrder.LITTLE_ENDIAN);
    copy(first, end - first, bytes);
    int start = (int) (offset - (long) first * width);
    return bytes.slice(start, length).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Copies all elements into a little-endian buffer, from its position on; that stays. */
  void copyTo(ByteBuffer to) {
    copy(0, Array.getLength(array), to);
  }

  private void copy(int first, int count, ByteBuffer to) {
    if (array instanceof float[] floats) {
      to.asFloatBuffer().put(floats, first, count);
    } else if (array instanceof double[] doubles) {
      to.asDoubleBuffer().put(doubles, first, count);
    } else if (array instanceof long[] longs) {
      to.asLongBuffer().put(longs, first, count);
    } else if (array instanceof int[] ints) {
      to.asIntBuffer().put(ints, first, count);
    } else if (array instanceof short[] shorts) {
      to.asShortBuffer().put(shorts, first, count);
    } else {
      to.duplicate().put((byte[]) array, first, count);
    }
  }
}
