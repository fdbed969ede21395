package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;

/** Shapes for Reshape, in numbers wherever that can be said, computed where it cannot. */
final class Shapes {
  private Shapes() {}

  /** The first axes as they are, and others in the place of the rest. */
  static Value keeping(GraphBuilder b, int axes, long... rest) {
    long[] shape = new long[axes + rest.length];
    System.arraycopy(rest, 0, shape, axes, rest.length);
    return b.longs("shape", shape); // 0 keeps an axis
  }

  /**
   * A shape of parts: what is fixed as numbers, one that is not as -1; if more are not, their sizes
   * are taken from the value as it runs.
   *
   * @param from where sizes are taken from
   * @param parts an axis of it, or a list of numbers
   */
  static Value of(GraphBuilder b, Value from, List<Part> parts) {
    Shape known = KerasLayer.shape(from);
    long[] numbers = new long[parts.size()];
    int open = 0;
    for (int i = 0; i < numbers.length; i++) {
      Part part = parts.get(i);
      Dim dim = part.axis() < 0 ? Dim.of(part.size()) : known.dim(part.axis());
      boolean fixed = dim.isFixed();
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

  /** One dimension: the size of an axis, or if that is below 0 a number. */
  record Part(int axis, long size) {
    static Part axis(int axis) {
      return new Part(axis, 0);
    }

    static Part size(long size) {
      return new Part(-1, size);
    }
  }
}
