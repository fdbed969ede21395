package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Operators that work element by element: mathematics, logic, comparisons, activations, casts. */
final class ElementwiseInference {
  private ElementwiseInference() {}

  private static final List<String> UNARY =
      List.of(
          "Acos",
          "Acosh",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "Cos",
          "Cosh",
          "Sin",
          "Sinh",
          "Tan",
          "Tanh",
          "Erf",
          "Exp",
          "Log",
          "Sqrt",
          "Reciprocal",
          "IsInf",
          "IsNaN",
          "BitwiseNot",
          "Celu",
          "Elu",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "LeakyRelu",
          "Mish",
          "Relu",
          "Selu",
          "Shrink",
          "Sigmoid",
          "Softplus",
          "Softsign",
          "Swish",
          "ThresholdedRelu");

  /** Two inputs stretched to each other; before opset 7 by the attributes broadcast and axis. */
  private static final List<String> BINARY =
      List.of(
          "Pow",
          "BitShift",
          "BitwiseAnd",
          "BitwiseOr",
          "BitwiseXor",
          "And",
          "Or",
          "Xor",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual");

  static void addTo(Rules rules) {
    UNARY.forEach(name -> rules.add(name, ElementwiseInference::unary));
    BINARY.forEach(name -> rules.add(name, ElementwiseInference::binary));
    rules.add("Neg", c -> unary(c, d -> d.times(-1)));
    rules.add("Abs", c -> unary(c, d -> d.isNonNegative() ? d : d.max(d.times(-1))));
    rules.add("Sign", c -> unary(c, ElementwiseInference::sign));
    rules.add("Not", c -> unary(c, d -> Dim.of(1).minus(d)));
    rules.add("Floor", c -> rounded(c, Dim::floorDiv));
    rules.add("Ceil", c -> rounded(c, (a, b) -> a.ceilDiv(b.value())));
    rules.add("Round", c -> rounded(c, ElementwiseInference::roundToEven));
    rules.add("PRelu", ElementwiseInference::pRelu);
    rules.add("Clip", ElementwiseInference::clip);
    rules.add("Cast", ElementwiseInference::cast);
    rules.add("CastLike", ElementwiseInference::castLike);
    rules.add("BitCast", ElementwiseInference::bitCast);
    for (String name : List.of("Softmax", "LogSoftmax", "Hardmax", "LpNormalization")) {
      rules.add(name, ElementwiseInference::alongAxis);
    }
    rules.add("CumSum", ElementwiseInference::cumulative);
    rules.add("CumProd", ElementwiseInference::cumulative);
  }

  static void unary(InferenceContext c) {
    c.setOutputShape(0, c.inputShape(0));
  }

  private static void unary(InferenceContext c, java.util.function.UnaryOperator<Dim> operation) {
    c.setOutputShape(0, c.inputShape(0));
    ValuePropagation.map(c, operation);
  }

  private static Dim sign(Dim d) {
    if (d.isFixed()) {
      return Dim.of(Long.signum(d.value()));
    }
    return d.minus(1).isNonNegative() ? Dim.of(1) : Dim.UNKNOWN;
  }

  private static void rounded(InferenceContext c, java.util.function.BinaryOperator<Dim> division) {
    c.setOutputShape(0, c.inputShape(0));
    KnownValues values = c.inputKnown(0);
    if (values != null) {
      c.setOutputKnown(0, ValuePropagation.round(values, division));
    }
  }

  private static Dim roundToEven(Dim numerator, Dim denominator) {
    return numerator.isFixed()
        ? Dim.of((long) Math.rint((double) numerator.value() / denominator.value()))
        : Dim.UNKNOWN;
  }

  /** The shape of an operator of two inputs, in new and old versions. */
  static void binary(InferenceContext c) {
    c.setOutputShape(0, binaryShape(c));
  }

  static Shape binaryShape(InferenceContext c) {
    if (c.schema().attribute("broadcast").isEmpty()) {
      return Broadcasting.both(c, 0, 1);
    }
    return c.flag("broadcast") ? alignedShape(c) : Broadcasting.same(c, 0, 1);
  }

  /** Before opset 7: B is a part of A's shape, the last one or the one that begins at axis. */
  private static Shape alignedShape(InferenceContext c) {
    Shape a = c.inputShape(0);
    Shape b = c.inputShape(1);
    if (!a.isRanked() || !b.isRanked()) {
      return a;
    }
    long from =
        c.hasAttribute("axis")
            ? Axes.normalizeInclusive("axis", c.intAttribute("axis"), a.rank())
            : a.rank() - b.rank();
    boolean fits = from >= 0 && from + b.rank() <= a.rank();
    boolean single = b.dims().stream().allMatch(d -> d.isCompatibleWith(Dim.of(1)));
    if (!single && (!fits || !isPart(b, a, (int) from))) {
      throw Broadcasting.mismatch(
          c, 0, 1, "do not align" + (c.hasAttribute("axis") ? " at axis " + from : ""));
    }
    return a;
  }

  private static boolean isPart(Shape b, Shape a, int from) {
    for (int i = 0; i < b.rank(); i++) {
      if (!b.dim(i).isFixed(1) && !b.dim(i).isCompatibleWith(a.dim(from + i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The slope is stretched to X in one direction; before opset 7 it is one number or one a channel.
   */
  private static void pRelu(InferenceContext c) {
    Shape slope = c.inputShape(1);
    boolean oneChannelEach = c.since() < 7 && slope.isRanked() && slope.rank() == 1;
    if (!oneChannelEach) {
      c.setOutputShape(0, Broadcasting.into(c, 0, 1));
      return;
    }
    Shape x = c.inputShape(0);
    if (x.isRanked() && x.rank() > 1 && !slope.dim(0).isFixed(1)) {
      if (!slope.dim(0).isCompatibleWith(x.dim(1))) {
        throw Broadcasting.mismatch(c, 0, 1, "differ in the number of channels");
      }
    }
    c.setOutputShape(0, x);
  }

  private static void clip(InferenceContext c) {
    for (int i = 1; i < c.inputs(); i++) {
      Shape bound = c.inputShape(i);
      if (bound.isRanked() && bound.rank() > 1 || bound.isRanked() && bound.size().isFixed(0)) {
        throw c.rankError(i, "0");
      }
    }
    c.setOutputShape(0, c.inputShape(0));
    KnownValues values = c.inputKnown(0);
    KnownValues low = c.inputKnown(1);
    KnownValues high = c.inputKnown(2);
    boolean bounded = (!c.hasInput(1) || low != null) && (!c.hasInput(2) || high != null);
    if (values == null || !values.isWhole() || c.since() < 11 || !bounded) {
      return;
    }
    c.setOutputKnown(
        0,
        ValuePropagation.map(
            values,
            d -> {
              Dim raised = low == null ? d : low.isWhole() ? d.max(low.get(0)) : Dim.UNKNOWN;
              return high == null ? raised : high.isWhole() ? raised.min(high.get(0)) : Dim.UNKNOWN;
            }));
  }

  private static void cast(InferenceContext c) {
    ElementType to = c.since() < 6 ? namedType(c) : requiredType(c, "to");
    checkAllowed(c, "to", to);
    c.setOutputType(0, to, c.inputShape(0));
    castValues(c, to);
  }

  private static ElementType namedType(InferenceContext c) {
    String name = c.stringAttribute("to", "");
    return ElementType.named(name.toLowerCase(Locale.ROOT))
        .orElseThrow(
            () ->
                c.attributeError(
                    "to", "an element type", name, "to '" + name + "' is not an element type"));
  }

  static ElementType requiredType(InferenceContext c, String attribute) {
    return c.elementTypeAttribute(attribute)
        .orElseThrow(
            () ->
                c.attributeError(
                    attribute,
                    "the number of an element type",
                    "none",
                    "attribute " + attribute + " is missing"));
  }

  /** An output's element type must be one that its type parameter allows. */
  static void checkAllowed(InferenceContext c, String attribute, ElementType type) {
    Set<ValueType> allowed =
        c.schema().types().getOrDefault(c.schema().outputs().get(0).type(), Set.of());
    if (!allowed.contains(TensorType.of(type, Shape.UNKNOWN))) {
      List<String> names = new ArrayList<>();
      allowed.forEach(t -> names.add(t.toString()));
      throw c.attributeError(
          attribute,
          "one of " + names,
          type.toString(),
          attribute + " is " + type + "; " + c.schema() + " takes " + names);
    }
  }

  private static void castLike(InferenceContext c) {
    ElementType to = c.inputElementType(1);
    c.setOutputType(0, to, c.inputShape(0));
    castValues(c, to);
  }

  /** Values go on through integers and the wide floats; a fraction loses what follows the point. */
  private static void castValues(InferenceContext c, ElementType to) {
    KnownValues values = c.inputKnown(0);
    if (values == null) {
      return;
    }
    if (to == ElementType.INT64 || to == ElementType.INT32 || to == ElementType.UINT64) {
      c.setOutputKnown(0, ValuePropagation.round(values, Dim::truncatedDiv));
    } else if (to == ElementType.FLOAT || to == ElementType.DOUBLE) {
      c.setOutputKnown(0, values);
    } else if (to == ElementType.BOOL && c.inputElementType(0) == ElementType.BOOL) {
      c.setOutputKnown(0, values);
    }
  }

  private static void bitCast(InferenceContext c) {
    ElementType from = c.inputElementType(0);
    ElementType to = requiredType(c, "to");
    checkAllowed(c, "to", to);
    if (from != ElementType.UNDEFINED && from.bits() != to.bits()) {
      throw c.attributeError(
          "to",
          "a type of " + from.bits() + " bits",
          to + " of " + to.bits() + " bits",
          "to is "
              + to
              + " of "
              + to.bits()
              + " bits, but "
              + c.inputName(0)
              + " is "
              + from
              + " of "
              + from.bits());
    }
    c.setOutputType(0, to, c.inputShape(0));
  }

  /** The output is like the input; the axis must be one of its own. */
  private static void alongAxis(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (shape.isRanked()) {
      boolean isNorm = c.schema().attribute("p").isPresent();
      if (!isNorm && c.since() < 11) {
        Axes.normalizeInclusive("axis", c.intAttribute("axis"), shape.rank());
      } else if (!isNorm || shape.rank() > 0) {
        Axes.attribute(c, "axis", shape.rank());
      }
    }
    c.setOutputShape(0, shape);
  }

  private static void cumulative(InferenceContext c) {
    Shape shape = c.inputShape(0);
    IntegerOperand axis = IntegerOperand.ofInput(c, "axis", 1);
    long[] number = axis.numbers();
    if (number != null && number.length == 1 && shape.isRanked()) {
      Axes.normalize("axis", number[0], shape.rank());
    }
    c.setOutputShape(0, shape);
  }
}
