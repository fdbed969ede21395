package dev.sardonyx.ir.eval.kernel;

import java.util.function.DoubleUnaryOperator;

/**
 * A function of real numbers that has a loop of its own over floats, in which it costs no call: one
 * call site for all functions would cost more than most of them.
 *
 * @param function as it is for other types
 * @param loop replaces floats by their results, rounded
 */
record FloatFunction(DoubleUnaryOperator function, Loop loop) implements DoubleUnaryOperator {
  /** Replaces the elements from a position to before another. */
  @FunctionalInterface
  interface Loop {
    void apply(float[] x, int from, int to);
  }

  @Override
  public double applyAsDouble(double x) {
    return function.applyAsDouble(x);
  }

  /** The loop of any function. */
  static Loop loop(DoubleUnaryOperator function) {
    return function instanceof FloatFunction own
        ? own.loop
        : (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) function.applyAsDouble(x[i]);
          }
        };
  }

  static FloatFunction abs() {
    return new FloatFunction(
        Math::abs,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = Math.abs(x[i]);
          }
        });
  }

  static FloatFunction negative() {
    return new FloatFunction(
        x -> -x,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = -x[i];
          }
        });
  }

  static FloatFunction floor() {
    return new FloatFunction(
        Math::floor,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) Math.floor(x[i]);
          }
        });
  }

  static FloatFunction ceil() {
    return new FloatFunction(
        Math::ceil,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) Math.ceil(x[i]);
          }
        });
  }

  static FloatFunction round() {
    return new FloatFunction(
        Math::rint,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) Math.rint(x[i]);
          }
        });
  }

  /** Of both zeros it is 0, not -0. */
  static FloatFunction sign() {
    return new FloatFunction(
        x -> Math.signum(x) + 0.0,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = Math.signum(x[i]) + 0f;
          }
        });
  }

  static FloatFunction squareRoot() {
    return new FloatFunction(
        Math::sqrt,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) Math.sqrt(x[i]);
          }
        });
  }

  static FloatFunction reciprocal() {
    return new FloatFunction(
        x -> 1 / x,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = 1 / x[i];
          }
        });
  }

  static FloatFunction relu() {
    return new FloatFunction(
        x -> Math.max(x, 0),
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = Math.max(x[i], 0f);
          }
        });
  }

  static FloatFunction leakyRelu(float alpha) {
    DoubleUnaryOperator function = x -> x < 0 ? alpha * x : x;
    if (!(alpha >= 0 && alpha < Float.POSITIVE_INFINITY)) {
      return new FloatFunction(function, loop(function));
    }
    return new FloatFunction(
        function,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            // Without a branch; -0 is what changes no other number, nor -0 itself.
            x[i] = Math.max(x[i], -0f) + alpha * Math.min(x[i], 0f);
          }
        });
  }

  static FloatFunction clip(double low, double high) {
    float lowest = (float) low;
    float highest = (float) high;
    return new FloatFunction(
        x -> Math.min(Math.max(x, low), high),
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = Math.min(Math.max(x[i], lowest), highest);
          }
        });
  }

  static FloatFunction hardSigmoid(double alpha, double beta) {
    return new FloatFunction(
        x -> Math.max(0, Math.min(1, alpha * x + beta)),
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = Math.max(0f, Math.min(1f, (float) (alpha * x[i] + beta)));
          }
        });
  }

  static FloatFunction hardSwish() {
    return new FloatFunction(
        x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)),
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) (x[i] * Math.max(0, Math.min(1, x[i] / 6.0 + 0.5)));
          }
        });
  }

  static FloatFunction softsign() {
    return new FloatFunction(
        x -> x / (1 + Math.abs(x)),
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) (x[i] / (1.0 + Math.abs(x[i])));
          }
        });
  }

  static FloatFunction thresholdedRelu(double alpha) {
    return new FloatFunction(
        x -> x > alpha ? x : 0,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = x[i] > alpha ? x[i] : 0;
          }
        });
  }

  static FloatFunction exp() {
    return new FloatFunction(
        Math::exp,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) SpecialFunctions.expForFloat(x[i]);
          }
        });
  }

  static FloatFunction sigmoid() {
    return new FloatFunction(
        SpecialFunctions::sigmoid,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) (1 / (1 + SpecialFunctions.expForFloat(-x[i])));
          }
        });
  }

  static FloatFunction tanh() {
    return new FloatFunction(
        Math::tanh,
        (x, from, to) -> {
          for (int i = from; i < to; i++) {
            x[i] = (float) SpecialFunctions.tanhForFloat(x[i]);
          }
        });
  }
}
