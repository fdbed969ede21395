package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;

/**
 * The real numbers of a tensor, read and written as doubles some at a time. Floats are kept as they
 * are, so that work on rows in double takes a row of doubles and not all of them; numbers of other
 * types are doubles from the start.
 */
final class RealNumbers {
  private static final float[] NONE = {};

  private final ElementType type;
  private final float[] floats;
  private final double[] doubles;

  private RealNumbers(ElementType type, float[] floats, double[] doubles) {
    this.type = type;
    this.floats = floats;
    this.doubles = doubles;
  }

  static RealNumbers of(Tensor x) {
    return x.elementType() == ElementType.FLOAT
        ? new RealNumbers(ElementType.FLOAT, Elements.floats(x), new double[0])
        : new RealNumbers(x.elementType(), NONE, Elements.doubles(x));
  }

  static RealNumbers zeros(ElementType type, int size) {
    return type == ElementType.FLOAT
        ? new RealNumbers(type, new float[size], new double[0])
        : new RealNumbers(type, NONE, new double[size]);
  }

  int length() {
    return type == ElementType.FLOAT ? floats.length : doubles.length;
  }

  /** Copies so many numbers, from a position on, to the start of an array. */
  void read(int from, int count, double[] into) {
    if (type != ElementType.FLOAT) {
      System.arraycopy(doubles, from, into, 0, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      into[i] = floats[from + i];
    }
  }

  /**
   * Copies so many numbers from the start of an array to a position, rounded if they are floats.
   */
  void write(int to, int count, double[] from) {
    if (type != ElementType.FLOAT) {
      System.arraycopy(from, 0, doubles, to, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      floats[to + i] = (float) from[i];
    }
  }

  /** All of them, in the type of the tensor they come from; not to be changed any more. */
  Tensor toTensor(long... dims) {
    if (type != ElementType.FLOAT) {
      return Elements.of(type, doubles, dims);
    }
    Elements.makeNanOne(floats, 0, floats.length);
    return Tensor.ofFloats(floats, dims);
  }
}
