package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;

/** Shapes for Reshape: constants where the sizes are known, computed where they are not. */
final class Shapes {
  private Shapes() {}

  /** A shape that keeps the first axes and replaces all others. */
  static Value keeping(GraphBuilder b, int axes, long... rest) {
    long[] shape = new long[axes + rest.length];
    System.arraycopy(rest, 0, shape, axes, rest.length);
    return b.longs("shape", shape); // 0 keeps an axis
  }

  /**
   * A shape made of parts: fixed sizes are numbers, a single unknown size is -1; if more are
   * unknown, their sizes are taken from the value at run time.
   *
   * @param from the value that sizes are taken from
   * @param parts each an axis of that value, or a number; one may be -1, for all that is left
   */
  static Value of(GraphBuilder b, Value from, List<Part> parts) {
    Shape known = KerasLayer.shape(from);
    long[] numbers = new long[parts.size()];
    int open = 0;
    for (int i = 0; i < numbers.length; i++) {
      Part part = parts.get(i);
      Dim dim = part.axis() < 0 ? Dim.of(Math.max(0, part.size())) : known.dim(part.axis());
      boolean fixed = dim.isFixed() && part.size() >= 0;
      numbers[i] = fixed ? dim.value() : -1;
      open += fixed ? 0 : 1;
    }
    if (open <= 1) {
      return b.longs("shape", numbers);
    }
    List<Value> pieces = new ArrayList<>();
    for (Part part : parts) {
      pieces.add(
          part.axis() < 0
              ? b.longs("size", part.size())
              : b.shape(from, part.axis(), part.axis() + 1));
    }
    return b.concat(0, pieces);
  }

  /** The sizes of some axes in order: a constant if all are known. */
  static Value sizes(GraphBuilder b, Value x, int start, int end) {
    Shape shape = KerasLayer.shape(x);
    long[] sizes = new long[end - start];
    for (int i = start; i < end; i++) {
      if (!shape.dim(i).isFixed()) {
        return b.shape(x, start, end);
      }
      sizes[i - start] = shape.dim(i).value();
    }
    return b.longs("sizes", sizes);
  }

  /** One dimension: the size of an axis, or a number if the axis is negative. */
  record Part(int axis, long size) {
    static Part axis(int axis) {
      return new Part(axis, 0);
    }

    static Part size(long size) {
      return new Part(-1, size);
    }
  }
}
