package dev.sardonyx.runtime.spark;

import java.util.Arrays;

/** Copies rows into a batch and out of one. Arrays are row-major. */
final class Blocks {
  private Blocks() {}

  static int size(long[] dims) {
    return Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
  }

  /** The dimensions with one more. */
  static long[] inserted(long[] dims, int axis, long size) {
    long[] whole = new long[dims.length + 1];
    System.arraycopy(dims, 0, whole, 0, axis);
    whole[axis] = size;
    System.arraycopy(dims, axis, whole, axis + 1, dims.length - axis);
    return whole;
  }

  /** The dimensions without one of them. */
  static long[] removed(long[] dims, int axis) {
    long[] own = new long[dims.length - 1];
    System.arraycopy(dims, 0, own, 0, axis);
    System.arraycopy(dims, axis + 1, own, axis, own.length - axis);
    return own;
  }

  /**
   * Copies a block that begins at the first element of both sides.
   *
   * @param fromPlace the place of the block's first element
   * @param fromDims the dimensions of the array it is taken from, along which it lies
   * @param block how large it is
   */
  static void copy(
      Object from,
      int fromPlace,
      long[] fromDims,
      Object to,
      int toPlace,
      long[] toDims,
      long[] block) {
    // Trailing dimensions that are copied whole are contiguous, with the one before them.
    int last = block.length - 1;
    int length = 1;
    while (last > 0 && block[last] == fromDims[last] && block[last] == toDims[last]) {
      length *= (int) block[last];
      last--;
    }
    if (block.length > 0) {
      length *= (int) block[last];
    }
    if (length > 0) {
      copy(
          from, fromPlace, strides(fromDims), to, toPlace, strides(toDims), block, 0, last, length);
    }
  }

  private static void copy(
      Object from,
      int fromPlace,
      int[] fromStrides,
      Object to,
      int toPlace,
      int[] toStrides,
      long[] block,
      int axis,
      int last,
      int length) {
    if (axis >= last) {
      System.arraycopy(from, fromPlace, to, toPlace, length);
      return;
    }
    for (int i = 0; i < block[axis]; i++) {
      copy(
          from,
          fromPlace + i * fromStrides[axis],
          fromStrides,
          to,
          toPlace + i * toStrides[axis],
          toStrides,
          block,
          axis + 1,
          last,
          length);
    }
  }

  private static int[] strides(long[] dims) {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= (int) dims[axis];
    }
    return strides;
  }

  /** How far two neighbouring indices of an axis lie apart. */
  static int stride(long[] dims, int axis) {
    return size(Arrays.copyOfRange(dims, axis + 1, dims.length));
  }
}
