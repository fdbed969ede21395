package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers that an operator takes as an attribute in its old versions and as an input in its
 * new ones.
 *
 * @param name how messages call it
 * @param given whether the node has it at all
 * @param values what is known of it, or null
 * @param count how many numbers it has, or -1 if that is not known (or it is not given)
 */
record IntegerOperand(String name, boolean given, @Nullable KnownValues values, int count) {

  /** The attribute where the operator's version has it, the input otherwise. */
  static IntegerOperand of(InferenceContext c, String attribute, int input) {
    return c.schema().attribute(attribute).isPresent()
        ? ofAttribute(c, attribute)
        : ofInput(c, attribute, input);
  }

  /** A list of integers in an attribute. */
  static IntegerOperand ofAttribute(InferenceContext c, String attribute) {
    long[] values = c.intsAttribute(attribute);
    if (values == null) {
      return new IntegerOperand(attribute, false, null, -1);
    }
    List<Dim> elements = Arrays.stream(values).<Dim>mapToObj(Dim::of).toList();
    return new IntegerOperand(attribute, true, KnownValues.vector(elements), values.length);
  }

  /**
   * A vector (or scalar) of integers in an input.
   *
   * @throws InferenceException if it has more than one dimension
   */
  static IntegerOperand ofInput(InferenceContext c, String name, int input) {
    if (!c.hasInput(input)) {
      return new IntegerOperand(name, false, null, -1);
    }
    Shape shape = c.inputShape(input);
    if (shape.isRanked() && shape.rank() > 1) {
      throw c.rankError(input, "1");
    }
    KnownValues values = c.inputKnown(input);
    if (values != null) {
      return new IntegerOperand(name, true, values, values.size());
    }
    int count = -1;
    if (shape.isRanked()) {
      Dim size = shape.size();
      count = size.isFixed() ? (int) Math.min(Integer.MAX_VALUE, size.value()) : -1;
    }
    return new IntegerOperand(name, true, null, count);
  }

  /**
   * A shape with an axis for each number. So many that no tensor has as many axes are not believed:
   * their rank stays unknown.
   */
  Shape shapeOfCount() {
    return count >= 0 && count <= KnownValues.MAX_ELEMENTS ? Shape.ofRank(count) : Shape.UNKNOWN;
  }

  /** Whether every number is known. */
  boolean isStatic() {
    return values != null && values.isStatic();
  }

  /** The numbers, or null unless all are known. */
  long @Nullable [] numbers() {
    return values != null && values.isStatic() ? values.toLongs() : null;
  }

  /** The i-th number, as far as it is known. */
  Dim get(int i) {
    return values == null ? Dim.UNKNOWN : values.get(i);
  }

  /**
   * An error about how many numbers there are.
   *
   * @param expected how many there must be, and why
   */
  InferenceException wrongCount(String expected) {
    String actual = count + (count == 1 ? " number" : " numbers");
    return new InferenceException(
        ProblemCode.ATTRIBUTE_VALUE,
        name,
        expected,
        actual,
        name + " has " + actual + "; it must have " + expected);
  }
}
