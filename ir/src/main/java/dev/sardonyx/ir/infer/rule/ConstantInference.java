package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Operators that make tensors: constants, fills, identity matrices, ranges. */
final class ConstantInference {
  private ConstantInference() {}

  static void addTo(Rules rules) {
    rules.add("Constant", ConstantInference::constant);
    rules.add("ConstantOfShape", ConstantInference::constantOfShape);
    rules.add("EyeLike", ConstantInference::eyeLike);
    rules.add("Range", ConstantInference::range);
  }

  private static final List<String> FORMS =
      List.of(
          "value",
          "sparse_value",
          "value_int",
          "value_ints",
          "value_float",
          "value_floats",
          "value_string",
          "value_strings");

  /** One of the value attributes, which the checker sees to, gives type and elements. */
  private static void constant(InferenceContext c) {
    List<String> given = FORMS.stream().filter(c::hasAttribute).toList();
    if (given.size() != 1) {
      throw c.attributeError(
          "value",
          "one of " + FORMS,
          given.isEmpty() ? "none" : given.toString(),
          given.isEmpty()
              ? "no value attribute is given; one of " + FORMS + " must be"
              : "attributes " + given + " are given; only one of them may be");
    }
    AttributeValue value =
        c.node().attribute(given.get(0)).orElseThrow(IllegalStateException::new).value();
    if (value instanceof AttributeValue.SparseTensor sparse) {
      // The result is dense: only the attribute is sparse.
      c.setOutputType(0, sparse.value().elementType(), Shape.of(sparse.value().dims()));
      return;
    }
    // A reference to a function's attribute has none; a call gives it.
    value.toTensor().ifPresent(tensor -> c.setOutputConstant(0, tensor));
  }

  private static void constantOfShape(InferenceContext c) {
    Tensor fill = c.tensorAttribute("value").orElse(null);
    if (fill != null && fill.size() != 1) {
      throw c.attributeError(
          "value",
          "one element",
          fill.size() + " elements",
          "value has shape " + fill.shape() + "; it must hold one element");
    }
    ElementType type = fill == null ? ElementType.FLOAT : fill.elementType();
    IntegerOperand target = IntegerOperand.ofInput(c, "shape", 0);
    for (int i = 0; target.values() != null && i < target.count(); i++) {
      if (target.get(i).isFixed() && target.get(i).value() < 0) {
        throw c.attributeError(
            c.inputName(0),
            "numbers of at least 0",
            target.get(i).toString(),
            "shape "
                + c.inputName(0)
                + " has "
                + target.get(i)
                + " at axis "
                + i
                + "; it must not be negative");
      }
    }
    Shape shape = target.values() != null ? target.values().toShape() : target.shapeOfCount();
    c.setOutputType(0, type, shape);
    boolean small =
        shape.isStatic()
            && shape.size().isFixed()
            && shape.size().value() <= KnownValues.MAX_ELEMENTS;
    KnownValues one = fill == null ? KnownValues.scalar(Dim.of(0)) : KnownValues.of(fill);
    if (small && one != null) {
      c.setOutputKnown(
          0,
          new KnownValues(
              ValuePropagation.longs(shape),
              Collections.nCopies((int) shape.size().value(), one.get(0)),
              one.denominator()));
    }
  }

  private static void eyeLike(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (shape.isRanked() && shape.rank() != 2) {
      throw c.rankError(0, "2");
    }
    ElementType type = c.elementTypeAttribute("dtype").orElse(c.inputElementType(0));
    if (c.hasAttribute("dtype")) {
      ElementwiseInference.checkAllowed(c, "dtype", type);
    }
    c.setOutputType(0, type, shape.isRanked() ? shape : Shape.ofRank(2));
  }

  /** ceil((limit - start) / delta) elements, none if that is negative. */
  private static void range(InferenceContext c) {
    for (int i = 0; i < 3; i++) {
      Shape shape = c.inputShape(i);
      if (shape.isRanked() && !shape.size().isCompatibleWith(Dim.of(1))) {
        throw c.rankError(i, "0");
      }
    }
    KnownValues start = c.inputKnown(0);
    KnownValues limit = c.inputKnown(1);
    KnownValues delta = c.inputKnown(2);
    if (start == null || limit == null || delta == null) {
      c.setOutputShape(0, Shape.of(fixedCount(c)));
      return;
    }
    Dim step = delta.get(0);
    if (step.isFixed(0)) {
      throw c.attributeError(c.inputName(2), "not 0", "0", "delta " + c.inputName(2) + " is 0");
    }
    long common = Math.max(start.denominator(), Math.max(limit.denominator(), delta.denominator()));
    Dim from = ValuePropagation.scale(start, common).get(0);
    Dim to = ValuePropagation.scale(limit, common).get(0);
    Dim by = ValuePropagation.scale(delta, common).get(0);
    Dim count = Dim.UNKNOWN;
    if (by.isFixed() && by.value() != 0) {
      count = to.minus(from).ceilDiv(by.value()).max(Dim.of(0));
    }
    c.setOutputShape(0, Shape.of(count));
    if (count.isFixed() && count.value() <= KnownValues.MAX_ELEMENTS) {
      List<Dim> elements = new ArrayList<>();
      for (int i = 0; i < count.value(); i++) {
        elements.add(from.plus(by.times(i)));
      }
      c.setOutputKnown(0, new KnownValues(List.of(count.value()), elements, common));
    }
  }

  /** From constants that are no simple fractions. */
  private static Dim fixedCount(InferenceContext c) {
    double[] numbers = new double[3];
    for (int i = 0; i < 3; i++) {
      Tensor constant = c.inputConstant(i);
      if (constant == null || constant.size() != 1) {
        return Dim.UNKNOWN;
      }
      numbers[i] = constant.toScalar();
    }
    double count = Math.ceil((numbers[1] - numbers[0]) / numbers[2]);
    return numbers[2] != 0 && count < Long.MAX_VALUE
        ? Dim.of((long) Math.max(0, count))
        : Dim.UNKNOWN;
  }
}
