package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares a value with the one expected: kinds, element types and shapes exactly, floating-point
 * and complex numbers within a tolerance (NaN agrees with NaN), integers, booleans and strings
 * exactly; sequences and maps by their items. An optional that is present equals its value.
 */
public final class DatumComparison {
  private DatumComparison() {}

  /** How the values differ, or empty if they agree. */
  public static Optional<String> difference(
      @Nullable Datum actual, @Nullable Datum expected, Tolerance tolerance) {
    return compare(actual, expected, Allowance.of(tolerance));
  }

  /** How the values differ in kind, element type or shape, whatever their elements. */
  public static Optional<String> differenceInType(
      @Nullable Datum actual, @Nullable Datum expected) {
    return compare(actual, expected, Allowance.ANY);
  }

  private static Optional<String> compare(
      @Nullable Datum actual, @Nullable Datum expected, Allowance allowance) {
    ValueStatistics statistics = new ValueStatistics("", ValueComparison.Kind.OUTPUT);
    statistics.add(0, actual, expected, allowance);
    return Optional.ofNullable(statistics.difference());
  }
}
