package dev.sardonyx.runtime.batch;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Copies blocks of elements between tensors: requests into a batch, and out of one. */
final class Region {
  private Region() {}

  /** Elements that lie side by side in both tensors. */
  private interface Run {
    void copy(int from, int to, int length);
  }

  /**
   * Puts tensors one after the other along an axis.
   *
   * @param dims of the result; where a tensor is smaller along another axis, it is padded with
   *     {@code fill}
   */
  static Tensor joined(List<Tensor> tensors, int axis, long[] dims, double fill) {
    ElementType type = tensors.get(0).elementType();
    int size = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    long[] at = new long[dims.length];
    if (type == ElementType.STRING) {
      List<String> to = new ArrayList<>(Collections.nCopies(size, ""));
      for (Tensor tensor : tensors) {
        List<String> from = tensor.strings();
        copy(
            tensor.dims(),
            new long[dims.length],
            dims,
            at,
            tensor.dims(),
            (f, t, n) -> {
              for (int i = 0; i < n; i++) {
                to.set(t + i, from.get(f + i));
              }
            });
        at[axis] += tensor.dim(axis);
      }
      return Tensor.ofStrings(to, dims);
    }
    ByteBuffer to = filled(type, size, fill);
    int width = type.bits() / 8;
    for (Tensor tensor : tensors) {
      ByteBuffer from = tensor.bytes();
      copy(
          tensor.dims(),
          new long[dims.length],
          dims,
          at,
          tensor.dims(),
          (f, t, n) -> to.put(t * width, from, f * width, n * width));
      at[axis] += tensor.dim(axis);
    }
    return Tensor.of(type, dims, to);
  }

  private static ByteBuffer filled(ElementType type, int size, double fill) {
    ByteBuffer buffer = Tensor.allocate(type, size);
    if (fill != 0) {
      ByteBuffer one = Tensor.ofNumbers(type, new double[] {fill}, 1).bytes();
      for (int i = 0; i < size; i++) {
        buffer.put(i * one.capacity(), one, 0, one.capacity());
      }
    }
    return buffer;
  }

  /**
   * A copy of a part of a tensor.
   *
   * @param at where it begins
   * @param dims how large it is
   */
  static Tensor cut(Tensor tensor, long[] at, long[] dims) {
    int size = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    long[] start = new long[dims.length];
    if (tensor.elementType() == ElementType.STRING) {
      String[] to = new String[size];
      List<String> from = tensor.strings();
      copy(
          tensor.dims(),
          at,
          dims,
          start,
          dims,
          (f, t, n) -> {
            for (int i = 0; i < n; i++) {
              to[t + i] = from.get(f + i);
            }
          });
      return Tensor.ofStrings(Arrays.asList(to), dims);
    }
    int width = tensor.elementType().bits() / 8;
    ByteBuffer from = tensor.bytes();
    ByteBuffer to = Tensor.allocate(tensor.elementType(), size);
    copy(
        tensor.dims(),
        at,
        dims,
        start,
        dims,
        (f, t, n) -> to.put(t * width, from, f * width, n * width));
    return Tensor.of(tensor.elementType(), dims, to);
  }

  /** Copies a block of the given size, from a place in one tensor to a place in another. */
  private static void copy(
      long[] fromDims, long[] fromAt, long[] toDims, long[] toAt, long[] block, Run run) {
    // Trailing axes that are copied whole are contiguous, together with the axis before them.
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
      copy(fromDims, fromAt, toDims, toAt, block, run, 0, last, 0, 0, length);
    }
  }

  private static void copy(
      long[] fromDims,
      long[] fromAt,
      long[] toDims,
      long[] toAt,
      long[] block,
      Run run,
      int axis,
      int last,
      long from,
      long to,
      int length) {
    if (axis >= last) {
      long fromPlace = from;
      long toPlace = to;
      for (int a = axis; a < block.length; a++) {
        fromPlace = fromPlace * fromDims[a] + fromAt[a];
        toPlace = toPlace * toDims[a] + toAt[a];
      }
      run.copy((int) fromPlace, (int) toPlace, length);
      return;
    }
    for (long i = 0; i < block[axis]; i++) {
      copy(
          fromDims,
          fromAt,
          toDims,
          toAt,
          block,
          run,
          axis + 1,
          last,
          from * fromDims[axis] + fromAt[axis] + i,
          to * toDims[axis] + toAt[axis] + i,
          length);
    }
  }
}
