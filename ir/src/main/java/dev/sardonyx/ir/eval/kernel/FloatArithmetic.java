package dev.sardonyx.ir.eval.kernel;

import java.util.function.DoubleBinaryOperator;

/**
 * The functions that give the same in float as in double, rounded to float. Each has loops of its
 * own over floats, in which it costs no call.
 */
enum FloatArithmetic implements DoubleBinaryOperator {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE;

  @Override
  public double applyAsDouble(double a, double b) {
    return switch (this) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
    };
  }

  /** Elements of an array from a position on, each so far behind the one before. */
  record Row(float[] elements, int at, int step) {}

  /** Combines so many elements of two rows, to a position on. */
  void apply(Row left, Row right, float[] to, int from, int count) {
    float[] a = left.elements();
    float[] b = right.elements();
    int aStep = left.step();
    int bStep = right.step();
    int p = left.at();
    int q = right.at();
    int end = from + count;
    switch (this) {
      case ADD -> {
        for (int i = from; i < end; i++, p += aStep, q += bStep) {
          to[i] = a[p] + b[q];
        }
      }
      case SUBTRACT -> {
        for (int i = from; i < end; i++, p += aStep, q += bStep) {
          to[i] = a[p] - b[q];
        }
      }
      case MULTIPLY -> {
        for (int i = from; i < end; i++, p += aStep, q += bStep) {
          to[i] = a[p] * b[q];
        }
      }
      case DIVIDE -> {
        for (int i = from; i < end; i++, p += aStep, q += bStep) {
          to[i] = a[p] / b[q];
        }
      }
    }
  }
}
