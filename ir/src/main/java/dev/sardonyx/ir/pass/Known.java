package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import org.jspecify.annotations.Nullable;

/** What is known so far of a value of a graph that is being rewritten. */
@SuppressWarnings("ReferenceEquality") // the very same object means: looked at already
final class Known {
  boolean isDefined;
  ValueType type = ValueType.unknown();
  @Nullable Tensor tensor;

  /** The constant whose elements have been looked at, and the number they all are, or NaN. */
  private @Nullable Tensor measured;

  private double number;

  /** Where among the emitted nodes the one is that gives the value, or -1. */
  int producer = -1;

  /** Whether what gives the value has been looked at. */
  boolean isLearned;

  /** How much more often it is used than in the graph's source, which may be less. */
  int moreUses;

  boolean isInitializer;

  /** The value that stands for this one, or null. */
  @Nullable String replacedBy;

  /** The number that all elements of a constant are; NaN if there is none. */
  double number() {
    Tensor constant = tensor;
    if (constant == null) {
      return Double.NaN;
    }
    if (measured != constant) {
      measured = constant;
      number = number(constant);
    }
    return number;
  }

  private static double number(Tensor constant) {
    ElementType type = constant.elementType();
    if (constant.size() == 0 || !type.isInteger() && !type.isFloat() && type != ElementType.BOOL) {
      return Double.NaN;
    }
    double first = constant.first().toScalar();
    for (double element : constant.isRepeated() ? new double[0] : constant.toDoubles()) {
      if (element != first) {
        return Double.NaN;
      }
    }
    return first;
  }
}
