package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;

/** Comparison, logic, bits, and choice. */
final class LogicKernels {
  private LogicKernels() {}

  static void register(Kernels kernels) {
    compare(kernels, "Equal", order -> order == 0);
    compare(kernels, "Greater", order -> order == 1);
    compare(kernels, "GreaterOrEqual", order -> order == 0 || order == 1);
    compare(kernels, "Less", order -> order == -1);
    compare(kernels, "LessOrEqual", order -> order == 0 || order == -1);
    integer(kernels, "And", (a, b) -> a & b);
    integer(kernels, "Or", (a, b) -> a | b);
    integer(kernels, "Xor", (a, b) -> a ^ b);
    integer(kernels, "BitwiseAnd", (a, b) -> a & b);
    integer(kernels, "BitwiseOr", (a, b) -> a | b);
    integer(kernels, "BitwiseXor", (a, b) -> a ^ b);
    kernels.one("BitwiseNot", c -> UnaryKernels.mapLongs(c.tensor(0), a -> ~a));
    kernels.one("Not", c -> UnaryKernels.mapLongs(c.tensor(0), a -> a ^ 1));
    kernels.one("BitShift", LogicKernels::bitShift);
    kernels.one("IsNaN", c -> test(c.tensor(0), Double::isNaN));
    kernels.one("IsInf", LogicKernels::isInf);
    kernels.one("Where", LogicKernels::where);
  }

  private static void integer(Kernels kernels, String operator, LongBinaryOperator function) {
    kernels.one(
        operator,
        c ->
            ArithmeticKernels.binary(
                c.tensor(0), ArithmeticKernels.secondOperand(c), (a, b) -> a, function));
  }

  private static void compare(Kernels kernels, String operator, IntPredicate holds) {
    kernels.one(operator, c -> compare(c.tensor(0), ArithmeticKernels.secondOperand(c), holds));
  }

  private static final int UNORDERED = 2;

  /** Compares element by element; the predicate gets -1, 0, 1, or 2 where one is NaN. */
  private static Tensor compare(Tensor a, Tensor b, IntPredicate holds) {
    long[] dims = Dims.broadcast(a.dims(), b.dims());
    int[] at = Dims.broadcastIndex(a.dims(), dims);
    int[] bt = Dims.broadcastIndex(b.dims(), dims);
    boolean[] result = new boolean[at.length];
    if (a.elementType() == ElementType.STRING) {
      List<String> x = a.strings();
      List<String> y = b.strings();
      for (int i = 0; i < result.length; i++) {
        result[i] = holds.test(Integer.signum(x.get(at[i]).compareTo(y.get(bt[i]))));
      }
    } else if (a.elementType().isFloat()) {
      double[] x = Elements.doubles(a);
      double[] y = Elements.doubles(b);
      for (int i = 0; i < result.length; i++) {
        result[i] = holds.test(order(x[at[i]], y[bt[i]]));
      }
    } else {
      long flip = a.elementType() == ElementType.UINT64 ? Long.MIN_VALUE : 0;
      long[] x = Elements.longs(a);
      long[] y = Elements.longs(b);
      for (int i = 0; i < result.length; i++) {
        result[i] = holds.test(Long.compare(x[at[i]] ^ flip, y[bt[i]] ^ flip));
      }
    }
    return Tensor.ofBooleans(result, dims);
  }

  private static int order(double a, double b) {
    return a < b ? -1 : a > b ? 1 : a == b ? 0 : UNORDERED;
  }

  private static Tensor test(Tensor x, DoublePredicate predicate) {
    double[] elements = Elements.doubles(x);
    boolean[] result = new boolean[elements.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = predicate.test(elements[i]);
    }
    return Tensor.ofBooleans(result, x.dims());
  }

  private static Tensor isInf(KernelContext c) {
    boolean negative = c.intAttribute("detect_negative", 1) != 0;
    boolean positive = c.intAttribute("detect_positive", 1) != 0;
    return test(c.tensor(0), x -> Double.isInfinite(x) && (x < 0 ? negative : positive));
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
        });
  }

  private static Tensor where(KernelContext c) {
    Tensor x = c.tensor(1);
    Tensor y = c.tensor(2);
    long[] dims = Dims.broadcast(c.dims(0), x.dims(), y.dims());
    boolean[] condition = Elements.booleans(c.tensor(0));
    int[] ct = Dims.broadcastIndex(c.dims(0), dims);
    int[] xt = Dims.broadcastIndex(x.dims(), dims);
    int[] yt = Dims.broadcastIndex(y.dims(), dims);
    int[] index = new int[ct.length];
    for (int i = 0; i < index.length; i++) {
      index[i] = condition[ct[i]] ? xt[i] : x.length() + yt[i];
    }
    return Elements.take(Elements.joined(List.of(x, y)), index, dims);
  }
}
