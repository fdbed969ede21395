package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.LongBinaryOperator;

/** Comparison, logic, bits, and choice. */
final class LogicKernels {
  private LogicKernels() {}

  static void register(Kernels kernels) {
    compare(kernels, "Equal", EQUAL);
    compare(kernels, "Greater", GREATER);
    compare(kernels, "GreaterOrEqual", GREATER | EQUAL);
    compare(kernels, "Less", LESS);
    compare(kernels, "LessOrEqual", LESS | EQUAL);
    integer(kernels, "And", (a, b) -> a & b);
    integer(kernels, "Or", (a, b) -> a | b);
    integer(kernels, "Xor", (a, b) -> a ^ b);
    integer(kernels, "BitwiseAnd", (a, b) -> a & b);
    integer(kernels, "BitwiseOr", (a, b) -> a | b);
    integer(kernels, "BitwiseXor", (a, b) -> a ^ b);
    kernels.one("BitwiseNot", c -> UnaryKernels.mapLongs(c, a -> ~a));
    kernels.one("Not", c -> UnaryKernels.mapLongs(c, a -> a ^ 1));
    kernels.one("BitShift", LogicKernels::bitShift);
    kernels.one("IsNaN", c -> test(c, Double::isNaN));
    kernels.one("IsInf", LogicKernels::isInf);
    kernels.one("Where", LogicKernels::where);
  }

  private static void integer(Kernels kernels, String operator, LongBinaryOperator function) {
    kernels.one(
        operator,
        c ->
            ArithmeticKernels.binary(
                c.tensor(0),
                ArithmeticKernels.secondOperand(c),
                (a, b) -> a,
                function,
                c.parallel()));
  }

  // What a comparison may find, of which an operator wants some. NaN is none of them.
  private static final int LESS = 1;
  private static final int EQUAL = 2;
  private static final int GREATER = 4;

  private static void compare(Kernels kernels, String operator, int wanted) {
    kernels.one(
        operator,
        c -> compare(c.tensor(0), ArithmeticKernels.secondOperand(c), wanted, c.parallel()));
  }

  private static Tensor compare(Tensor a, Tensor b, int wanted, Parallel parallel) {
    Broadcast runs = Broadcast.of(a.dims(), b.dims());
    byte[] result = new byte[runs.size()];
    runs.forEach(parallel, comparison(a, b, runs.steps(), wanted, result));
    return Tensor.of(ElementType.BOOL, runs.dims(), ByteBuffer.wrap(result));
  }

  private static Broadcast.Run comparison(
      Tensor a, Tensor b, int[] steps, int wanted, byte[] result) {
    int aStep = steps[0];
    int bStep = steps[1];
    if (a.elementType() == ElementType.STRING) {
      List<String> x = a.strings();
      List<String> y = b.strings();
      return (from, to, count) -> {
        for (int i = 0; i < count; i++) {
          int order = x.get(from[0] + i * aStep).compareTo(y.get(from[1] + i * bStep));
          result[to + i] = found(wanted, order < 0, order == 0, order > 0);
        }
      };
    }
    if (a.elementType() == ElementType.FLOAT && b.elementType() == ElementType.FLOAT) {
      float[] x = Elements.floats(a);
      float[] y = Elements.floats(b);
      return (from, to, count) -> {
        for (int i = 0, p = from[0], q = from[1]; i < count; i++, p += aStep, q += bStep) {
          result[to + i] = found(wanted, x[p] < y[q], x[p] == y[q], x[p] > y[q]);
        }
      };
    }
    if (a.elementType().isFloat()) {
      double[] x = Elements.doubles(a);
      double[] y = Elements.doubles(b);
      return (from, to, count) -> {
        for (int i = 0, p = from[0], q = from[1]; i < count; i++, p += aStep, q += bStep) {
          result[to + i] = found(wanted, x[p] < y[q], x[p] == y[q], x[p] > y[q]);
        }
      };
    }
    long flip = a.elementType() == ElementType.UINT64 ? Long.MIN_VALUE : 0;
    long[] x = Elements.longs(a);
    long[] y = Elements.longs(b);
    return (from, to, count) -> {
      for (int i = 0, p = from[0], q = from[1]; i < count; i++, p += aStep, q += bStep) {
        long left = x[p] ^ flip;
        long right = y[q] ^ flip;
        result[to + i] = found(wanted, left < right, left == right, left > right);
      }
    };
  }

  /** Whether what a comparison found is wanted; without branches, which random data mislead. */
  private static byte found(int wanted, boolean less, boolean equal, boolean greater) {
    int found = (less ? LESS : 0) | (equal ? EQUAL : 0) | (greater ? GREATER : 0);
    return (byte) ((found & wanted) == 0 ? 0 : 1);
  }

  private static Tensor test(KernelContext c, DoublePredicate predicate) {
    double[] elements = c.doubles(0);
    boolean[] result = new boolean[elements.length];
    c.parallel()
        .elements(
            result.length,
            (from, to) -> {
              for (int i = from; i < to; i++) {
                result[i] = predicate.test(elements[i]);
              }
            });
    return Tensor.ofBooleans(result, c.dims(0));
  }

  private static Tensor isInf(KernelContext c) {
    boolean negative = c.intAttribute("detect_negative", 1) != 0;
    boolean positive = c.intAttribute("detect_positive", 1) != 0;
    return test(c, x -> Double.isInfinite(x) && (x < 0 ? negative : positive));
  }

  /**
   * Shifting by the width or more moves all bits out; to the right, the sign of signed integers
   * moves in. A negative distance counts as such.
   */
  private static Tensor bitShift(KernelContext c) {
    boolean left = c.stringAttribute("direction", "").equals("LEFT");
    int bits = c.type(0).bits();
    boolean signed = c.type(0).isSigned();
    return ArithmeticKernels.binary(
        c.tensor(0),
        c.tensor(1),
        (a, b) -> a,
        (a, b) -> {
          boolean all = b < 0 || b >= bits;
          if (left) {
            return all ? 0 : a << b;
          }
          return signed ? a >> (all ? 63 : b) : all ? 0 : a >>> b;
        },
        c.parallel());
  }

  private static Tensor where(KernelContext c) {
    Tensor x = c.tensor(1);
    Tensor y = c.tensor(2);
    Broadcast runs = Broadcast.of(c.dims(0), x.dims(), y.dims());
    byte[] condition = new byte[c.tensor(0).length()];
    c.tensor(0).bytes().get(condition);
    return Moves.choose(condition, x, y, runs, c.parallel());
  }
}
