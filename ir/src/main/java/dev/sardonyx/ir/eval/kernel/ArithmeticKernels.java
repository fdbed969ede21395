package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.kernel.FloatArithmetic.Row;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Arithmetic of two or more tensors that broadcast to each other. */
final class ArithmeticKernels {
  private ArithmeticKernels() {}

  static void register(Kernels kernels) {
    number(kernels, "Add", FloatArithmetic.ADD, Long::sum);
    number(kernels, "Sub", FloatArithmetic.SUBTRACT, (a, b) -> a - b);
    number(kernels, "Mul", FloatArithmetic.MULTIPLY, (a, b) -> a * b);
    kernels.one("Div", c -> binary(c, FloatArithmetic.DIVIDE, divide(c.type(0))));
    kernels.one("Mod", ArithmeticKernels::mod);
    kernels.one("Pow", ArithmeticKernels::pow);
    kernels.one("PRelu", ArithmeticKernels::prelu);
    kernels.one("Sum", c -> fold(c, FloatArithmetic.ADD, Long::sum));
    kernels.one("Mean", ArithmeticKernels::mean);
    kernels.one("Max", c -> fold(c, Math::max, max(c.type(0))));
    kernels.one("Min", c -> fold(c, Math::min, min(c.type(0))));
    kernels.one("Clip", ArithmeticKernels::clip);
  }

  private static void number(
      Kernels kernels, String operator, DoubleBinaryOperator reals, LongBinaryOperator integers) {
    kernels.one(operator, c -> binary(c, reals, integers));
  }

  /** Division truncates towards zero; there is no number to give for a division by zero. */
  private static LongBinaryOperator divide(ElementType type) {
    return (a, b) -> {
      if (b == 0) {
        throw new EvaluationException("integer division by zero");
      }
      return type == ElementType.UINT64 ? Long.divideUnsigned(a, b) : a / b;
    };
  }

  static LongBinaryOperator max(ElementType type) {
    return type == ElementType.UINT64
        ? (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b
        : Math::max;
  }

  static LongBinaryOperator min(ElementType type) {
    return type == ElementType.UINT64
        ? (a, b) -> Long.compareUnsigned(a, b) <= 0 ? a : b
        : Math::min;
  }

  private static Tensor binary(
      KernelContext c, DoubleBinaryOperator reals, LongBinaryOperator integers) {
    return binary(c.tensor(0), secondOperand(c), reals, integers, c.parallel());
  }

  static Tensor binary(
      Tensor a, Tensor b, DoubleBinaryOperator reals, LongBinaryOperator integers) {
    return binary(a, b, reals, integers, Parallel.SEQUENTIAL);
  }

  /** Both tensors, broadcast to each other, element by element; the result has the first's type. */
  static Tensor binary(
      Tensor a,
      Tensor b,
      DoubleBinaryOperator reals,
      LongBinaryOperator integers,
      Parallel parallel) {
    ElementType type = a.elementType();
    Broadcast runs = Broadcast.of(a.dims(), b.dims());
    boolean isHalf = type == ElementType.FLOAT16 && reals instanceof FloatArithmetic;
    if ((type == ElementType.FLOAT || isHalf) && b.elementType() == type) {
      // Of halves, too, for what rounds to a float and then to a half is as if rounded once.
      return Elements.of(type, floats(a, b, reals, runs, parallel), runs.dims());
    }
    int aStep = runs.steps()[0];
    int bStep = runs.steps()[1];
    if (type.isFloat()) {
      double[] x = Elements.doubles(a);
      double[] y = Elements.doubles(b);
      double[] result = new double[runs.size()];
      runs.forEach(
          parallel,
          (from, to, count) -> {
            for (int i = 0, p = from[0], q = from[1]; i < count; i++, p += aStep, q += bStep) {
              result[to + i] = reals.applyAsDouble(x[p], y[q]);
            }
          });
      return Elements.of(type, result, runs.dims());
    }
    long[] x = Elements.longs(a);
    long[] y = Elements.longs(b);
    long[] result = new long[runs.size()];
    runs.forEach(
        parallel,
        (from, to, count) -> {
          for (int i = 0, p = from[0], q = from[1]; i < count; i++, p += aStep, q += bStep) {
            result[to + i] = integers.applyAsLong(x[p], y[q]);
          }
        });
    return Elements.of(type, result, runs.dims());
  }

  private static float[] floats(
      Tensor a, Tensor b, DoubleBinaryOperator reals, Broadcast runs, Parallel parallel) {
    float[] x = Elements.floats(a);
    float[] y = Elements.floats(b);
    float[] result = new float[runs.size()];
    int aStep = runs.steps()[0];
    int bStep = runs.steps()[1];
    runs.forEach(
        parallel,
        (from, to, count) -> {
          if (reals instanceof FloatArithmetic arithmetic) {
            Row left = new Row(x, from[0], aStep);
            Row right = new Row(y, from[1], bStep);
            arithmetic.apply(left, right, result, to, count);
          } else {
            for (int i = 0, p = from[0], q = from[1]; i < count; i++, p += aStep, q += bStep) {
              result[to + i] = (float) reals.applyAsDouble(x[p], y[q]);
            }
          }
          Elements.makeNanOne(result, to, to + count);
        });
    return result;
  }

  /**
   * The second operand as it broadcasts. Before opset 7 it does so only if the attribute {@code
   * broadcast} says so: its axes match the first operand's from {@code axis} on, or the last ones.
   */
  static Tensor secondOperand(KernelContext c) {
    Tensor b = c.tensor(1);
    if (c.since() >= 7) {
      return b;
    }
    if (!c.flag("broadcast")) {
      if (!Arrays.equals(c.dims(0), b.dims())) {
        throw new EvaluationException(
            "the shapes "
                + c.tensor(0).shape()
                + " and "
                + b.shape()
                + " differ, and attribute broadcast is not set");
      }
      return b;
    }
    int rank = c.tensor(0).rank();
    if (b.rank() == 0 || !c.hasAttribute("axis")) {
      return b;
    }
    int axis = Dims.axis(c.intAttribute("axis"), rank);
    return alignedAt(b, axis, rank);
  }

  /** The tensor with ones appended, so that its axes match those of the given rank from an axis. */
  static Tensor alignedAt(Tensor b, int axis, int rank) {
    int missing = Math.max(0, rank - axis - b.rank());
    return b.reshape(Dims.concat(b.dims(), Dims.fill(missing, 1)));
  }

  private static Tensor fold(
      KernelContext c, DoubleBinaryOperator reals, LongBinaryOperator integers) {
    List<Tensor> tensors = c.tensors();
    Tensor result = tensors.get(0);
    for (int i = 1; i < tensors.size(); i++) {
      result = binary(result, tensors.get(i), reals, integers, c.parallel());
    }
    return result;
  }

  private static Tensor mean(KernelContext c) {
    Tensor sum = fold(c, FloatArithmetic.ADD, Long::sum);
    return UnaryKernels.map(sum, x -> x / c.inputs(), c.parallel());
  }

  /** The remainder has the sign of the divisor, with fmod that of the dividend. */
  private static Tensor mod(KernelContext c) {
    boolean fmod = c.flag("fmod");
    boolean unsigned = c.type(0) == ElementType.UINT64;
    return binary(
        c,
        (a, b) -> {
          double r = a % b;
          return fmod || r == 0 || r < 0 == b < 0 ? r : r + b;
        },
        (a, b) -> {
          if (b == 0) {
            throw new EvaluationException("integer remainder of a division by zero");
          }
          return unsigned ? Long.remainderUnsigned(a, b) : fmod ? a % b : Math.floorMod(a, b);
        });
  }

  /** Base and exponent may be of different types; the result has the base's. */
  private static Tensor pow(KernelContext c) {
    Tensor base = c.tensor(0);
    Tensor exponent = secondOperand(c);
    if (base.elementType().isFloat()) {
      return binary(base, exponent, ArithmeticKernels::power, Long::sum, c.parallel());
    }
    if (exponent.elementType().isFloat()) {
      Tensor wide = Elements.of(ElementType.DOUBLE, Elements.doubles(base), base.dims());
      Tensor result = binary(wide, exponent, ArithmeticKernels::power, Long::sum);
      return Elements.of(base.elementType(), Elements.doubles(result), result.dims());
    }
    return binary(base, exponent, ArithmeticKernels::power, ArithmeticKernels::power);
  }

  /** As in C and NumPy; Java's has NaN where the base is 1 or -1 and the exponent no number. */
  private static double power(double base, double exponent) {
    boolean isOne = base == 1 || base == -1 && Double.isInfinite(exponent);
    return isOne ? 1 : Math.pow(base, exponent);
  }

  private static long power(long base, long exponent) {
    if (exponent < 0) {
      return base == 1 ? 1 : base == -1 ? (exponent & 1) == 0 ? 1 : -1 : 0;
    }
    long result = 1;
    for (long b = base, e = exponent; e > 0; e >>= 1, b *= b) {
      if ((e & 1) != 0) {
        result *= b;
      }
    }
    return result;
  }

  /** Before opset 7 a slope of rank 1 belongs to the channels. */
  private static Tensor prelu(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor slope = c.tensor(1);
    if (c.since() < 7 && slope.rank() == 1 && slope.size() > 1 && x.rank() > 1) {
      slope = alignedAt(slope, 1, x.rank());
    }
    LongBinaryOperator integers =
        x.elementType().isUnsigned() ? (a, s) -> a : (a, s) -> a < 0 ? a * s : a;
    return binary(x, slope, (a, s) -> a < 0 ? a * s : a, integers, c.parallel());
  }

  /** The smaller of the upper bound and the larger of the lower bound and x; NaN stays. */
  private static Tensor clip(KernelContext c) {
    Tensor x = c.tensor(0);
    ElementType type = x.elementType();
    if (type.isFloat()) {
      boolean attributes = c.since() < 11;
      double low =
          attributes
              ? c.floatAttribute("min", -Float.MAX_VALUE)
              : c.doubleInput(1, Double.NEGATIVE_INFINITY);
      double high =
          attributes
              ? c.floatAttribute("max", Float.MAX_VALUE)
              : c.doubleInput(2, Double.POSITIVE_INFINITY);
      return UnaryKernels.map(x, FloatFunction.clip(low, high), c.parallel());
    }
    long low = c.longInput(1, Elements.min(type));
    long high = c.longInput(2, Elements.max(type));
    LongBinaryOperator max = max(type);
    LongBinaryOperator min = min(type);
    return UnaryKernels.mapLongs(c, v -> min.applyAsLong(max.applyAsLong(v, low), high));
  }
}
