package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Arithmetic whose results may be part of a shape: values go through it, symbols included. */
final class ArithmeticInference {
  private ArithmeticInference() {}

  static void addTo(Rules rules) {
    rules.add("Add", c -> binary(c, ArithmeticInference::add));
    rules.add("Sub", c -> binary(c, ArithmeticInference::subtract));
    rules.add("Mul", c -> binary(c, ArithmeticInference::multiply));
    rules.add("Div", c -> binary(c, (a, b) -> divide(c, a, b)));
    rules.add("Mod", c -> binary(c, (a, b) -> c.flag("fmod") ? null : whole(a, b, Dim::mod)));
    rules.add("Equal", c -> binary(c, (a, b) -> aligned(a, b, ArithmeticInference::isEqual, 1)));
    rules.add("Sum", c -> variadic(c, ArithmeticInference::add));
    rules.add("Max", c -> variadic(c, (a, b) -> aligned(a, b, Dim::max, 0)));
    rules.add("Min", c -> variadic(c, (a, b) -> aligned(a, b, Dim::min, 0)));
    rules.add("Mean", c -> variadic(c, (a, b) -> null));
    rules.add("Where", ArithmeticInference::where);
  }

  private static void binary(InferenceContext c, BinaryOperator<@Nullable KnownValues> operation) {
    c.setOutputShape(0, ElementwiseInference.binaryShape(c));
    if (ValuePropagation.anyKnown(c)) {
      KnownValues a = ValuePropagation.of(c, 0);
      KnownValues b = ValuePropagation.of(c, 1);
      know(c, a == null || b == null ? null : operation.apply(a, b));
    }
  }

  /** Before opset 8 all inputs have one shape, later they are stretched. */
  private static void variadic(
      InferenceContext c, BinaryOperator<@Nullable KnownValues> operation) {
    if (c.inputs() == 0) {
      return;
    }
    if (c.since() < 8) {
      int[] all = new int[c.inputs()];
      for (int i = 0; i < all.length; i++) {
        all[i] = i;
      }
      c.setOutputShape(0, Broadcasting.same(c, all));
    } else {
      c.setOutputShape(0, Broadcasting.all(c, 0, c.inputs()));
    }
    if (ValuePropagation.anyKnown(c)) {
      KnownValues result = ValuePropagation.of(c, 0);
      for (int i = 1; i < c.inputs() && result != null; i++) {
        KnownValues next = ValuePropagation.of(c, i);
        result = next == null ? null : operation.apply(result, next);
      }
      know(c, result);
    }
  }

  private static void know(InferenceContext c, @Nullable KnownValues values) {
    if (values != null && values.elements().stream().anyMatch(Dim::isKnown)) {
      c.setOutputKnown(0, values);
    }
  }

  private static @Nullable KnownValues whole(
      KnownValues a, KnownValues b, BinaryOperator<Dim> operation) {
    return a.isWhole() && b.isWhole() ? ValuePropagation.combine(a, b, operation, 1) : null;
  }

  /** Over a common denominator, which the result keeps unless another is given. */
  private static @Nullable KnownValues aligned(
      KnownValues a, KnownValues b, BinaryOperator<Dim> operation, long denominator) {
    if (!isExact(a) || !isExact(b)) {
      return null;
    }
    long common = Math.max(a.denominator(), b.denominator());
    return ValuePropagation.combine(
        ValuePropagation.scale(a, common),
        ValuePropagation.scale(b, common),
        operation,
        denominator == 0 ? common : denominator);
  }

  private static @Nullable KnownValues add(KnownValues a, KnownValues b) {
    return aligned(a, b, Dim::plus, 0);
  }

  private static @Nullable KnownValues subtract(KnownValues a, KnownValues b) {
    return aligned(a, b, Dim::minus, 0);
  }

  private static @Nullable KnownValues multiply(KnownValues a, KnownValues b) {
    long denominator = a.denominator() * b.denominator();
    return !isExact(a) || !isExact(b) || denominator > Integer.MAX_VALUE
        ? null
        : ValuePropagation.combine(a, b, Dim::times, denominator);
  }

  /** Whether floats hold the fractions exactly; thirds would already be rounded. */
  private static boolean isExact(KnownValues values) {
    return Long.bitCount(values.denominator()) == 1;
  }

  /** Integers divide towards zero, floats exactly: by a fixed number, or where nothing is left. */
  private static @Nullable KnownValues divide(InferenceContext c, KnownValues a, KnownValues b) {
    if (c.inputElementType(0).isInteger()) {
      return whole(a, b, Dim::truncatedDiv);
    }
    if (!isExact(a)) {
      return null;
    }
    Dim divisor = b.size() == 0 ? Dim.UNKNOWN : b.get(0);
    boolean oneNumber = divisor.isFixed() && b.elements().stream().allMatch(divisor::equals);
    if (!oneNumber || divisor.value() <= 0 || divisor.value() > Integer.MAX_VALUE) {
      return null;
    }
    long denominator = a.denominator() * divisor.value();
    return denominator > Integer.MAX_VALUE
        ? null
        : ValuePropagation.combine(a, b, (x, y) -> x.times(b.denominator()), denominator);
  }

  private static Dim isEqual(Dim a, Dim b) {
    if (a.isSameAs(b)) {
      return Dim.of(1);
    }
    return a.isDifferentFrom(b) ? Dim.of(0) : Dim.UNKNOWN;
  }

  private static void where(InferenceContext c) {
    c.setOutputShape(0, Broadcasting.all(c, 0, 3));
    if (!ValuePropagation.anyKnown(c)) {
      return;
    }
    KnownValues condition = ValuePropagation.of(c, 0);
    KnownValues x = ValuePropagation.of(c, 1);
    KnownValues y = ValuePropagation.of(c, 2);
    if (condition == null || x == null || y == null || !x.isWhole() || !y.isWhole()) {
      return;
    }
    Shape shape = c.outputType(0) instanceof TensorType t ? t.shape() : Shape.UNKNOWN;
    if (!shape.isStatic() || shape.size().value() > KnownValues.MAX_ELEMENTS) {
      return;
    }
    int[] inCondition = ValuePropagation.positions(shape, condition.shape());
    int[] inX = ValuePropagation.positions(shape, x.shape());
    int[] inY = ValuePropagation.positions(shape, y.shape());
    Dim[] chosen = new Dim[inX.length];
    for (int i = 0; i < chosen.length; i++) {
      Dim yes = x.get(inX[i]);
      Dim no = y.get(inY[i]);
      Dim which = condition.get(inCondition[i]);
      chosen[i] =
          which.isFixed() ? which.isFixed(0) ? no : yes : yes.isSameAs(no) ? yes : Dim.UNKNOWN;
    }
    know(c, new KnownValues(ValuePropagation.longs(shape), List.of(chosen)));
  }
}
