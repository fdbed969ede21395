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

  /** The constant that has been looked at, its first element, and whether all are the same. */
  private @Nullable Tensor measured;

  private double first;
  private @Nullable Boolean isAlike;

  /** Where among the emitted nodes the one is that gives the value, or -1. */
  int producer = -1;

  /** Whether what gives the value has been looked at. */
  boolean isLearned;

  boolean isInitializer;

  /** The number that all elements of a constant are; NaN if there is none. */
  double number() {
    Tensor constant = measured();
    return constant != null && isAlike(constant) ? first : Double.NaN;
  }

  /** Whether all elements of a constant are a number; mostly the first one tells. */
  boolean isAll(double number) {
    Tensor constant = measured();
    return constant != null && first == number && isAlike(constant);
  }

  private @Nullable Tensor measured() {
    Tensor constant = tensor;
    if (constant != measured) {
      measured = constant;
      isAlike = null;
      first = constant == null || !hasNumbers(constant) ? Double.NaN : constant.first().toScalar();
    }
    return constant;
  }

  private static boolean hasNumbers(Tensor constant) {
    ElementType type = constant.elementType();
    return constant.size() > 0 && (type.isInteger() || type.isFloat() || type == ElementType.BOOL);
  }

  private boolean isAlike(Tensor constant) {
    Boolean known = isAlike;
    if (known == null) {
      known = hasNumbers(constant) && areAll(constant, first);
      isAlike = known;
    }
    return known;
  }

  private static boolean areAll(Tensor constant, double number) {
    for (double element : constant.isRepeated() ? new double[0] : constant.toDoubles()) {
      if (element != number) {
        return false;
      }
    }
    return true;
  }
}
