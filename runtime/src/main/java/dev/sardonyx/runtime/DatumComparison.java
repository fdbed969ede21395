package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares a value with the one expected: kinds, element types and shapes exactly, floating-point
 * and complex numbers within a tolerance (NaN agrees with NaN), integers, booleans and strings
 * exactly.
 */
public final class DatumComparison {
  private DatumComparison() {}

  /** How the values differ, or nothing. */
  public static Optional<String> difference(
      @Nullable Datum actual, @Nullable Datum expected, Tolerance tolerance) {
    return Optional.ofNullable(compare(actual, expected, tolerance, false));
  }

  /** How the values differ in kind, element type or shape, whatever their elements. */
  public static Optional<String> differenceInType(
      @Nullable Datum actual, @Nullable Datum expected) {
    return Optional.ofNullable(compare(actual, expected, Tolerance.DEFAULT, true));
  }

  private static @Nullable String compare(
      @Nullable Datum actual, @Nullable Datum expected, Tolerance tolerance, boolean typeOnly) {
    if (expected instanceof OptionalDatum e && actual instanceof OptionalDatum a) {
      return compare(a.value(), e.value(), tolerance, typeOnly);
    }
    // An optional that is present is as good as its value.
    if (expected instanceof OptionalDatum e && e.value() != null) {
      return compare(actual, e.value(), tolerance, typeOnly);
    }
    if (actual instanceof OptionalDatum a && a.value() != null) {
      return compare(a.value(), expected, tolerance, typeOnly);
    }
    if (expected instanceof SequenceDatum e && actual instanceof SequenceDatum a) {
      return compareItems(a, e, tolerance, typeOnly);
    }
    if (expected instanceof MapDatum e && actual instanceof MapDatum a) {
      String keys = compare(a.keys(), e.keys(), tolerance, typeOnly);
      return keys != null ? "keys: " + keys : compare(a.values(), e.values(), tolerance, typeOnly);
    }
    if (expected instanceof Tensor e && actual instanceof Tensor a) {
      return compareTensors(a, e, tolerance, typeOnly);
    }
    boolean same = expected == null ? actual == null : expected.equals(actual);
    return same ? null : described(actual) + " instead of " + described(expected);
  }

  private static String described(@Nullable Datum datum) {
    return datum == null ? "absent" : datum.type().toString();
  }

  private static @Nullable String compareItems(
      SequenceDatum actual, SequenceDatum expected, Tolerance tolerance, boolean typeOnly) {
    int count = expected.items().size();
    if (actual.items().size() != count) {
      return actual.items().size() + " items instead of " + count;
    }
    for (int i = 0; i < count; i++) {
      String difference =
          compare(actual.items().get(i), expected.items().get(i), tolerance, typeOnly);
      if (difference != null) {
        return "item " + i + ": " + difference;
      }
    }
    return null;
  }

  private static @Nullable String compareTensors(
      Tensor actual, Tensor expected, Tolerance tolerance, boolean typeOnly) {
    if (actual.elementType() != expected.elementType()
        || !Arrays.equals(actual.dims(), expected.dims())) {
      return actual.type() + " instead of " + expected.type();
    }
    if (typeOnly || actual.equals(expected)) {
      return null;
    }
    if (expected.elementType().kind() == ElementType.Kind.COMPLEX) {
      return compareTensors(parts(actual), parts(expected), tolerance, false);
    }
    boolean exact = !expected.elementType().isFloat();
    ValueStatistics statistics =
        new ValueStatistics("", true, exact ? new Tolerance(0, 0) : tolerance);
    statistics.add(0, actual, expected);
    ValueComparison result = statistics.result();
    if (exact && result.failed() == 0) {
      return "64-bit integers differ by less than a double can tell";
    }
    return result.passed()
        ? null
        : result.failed()
            + " of "
            + result.elements()
            + " elements differ"
            + (result.worst() == null ? "" : ", worst at " + result.worst());
  }

  /** Complex numbers as real ones, with an axis of two more. */
  private static Tensor parts(Tensor complex) {
    long[] dims = Arrays.copyOf(complex.dims(), complex.rank() + 1);
    dims[complex.rank()] = 2;
    ElementType part =
        complex.elementType() == ElementType.COMPLEX64 ? ElementType.FLOAT : ElementType.DOUBLE;
    return Tensor.of(part, dims, complex.bytes());
  }
}
