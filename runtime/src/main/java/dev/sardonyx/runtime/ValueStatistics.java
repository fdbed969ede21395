package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.runtime.ElementStatistics.Place;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares one value batch by batch, keeping sums and extremes but no tensors. Kinds, element types
 * and shapes are compared first; then strings and booleans exactly, numbers within an {@link
 * Allowance}, and sequences and maps by their items. The order of a map's keys does not matter.
 */
final class ValueStatistics {
  private final String name;
  private final ValueComparison.Kind kind;
  private final ElementStatistics elements = new ElementStatistics();
  private final TopRows top = new TopRows();
  private ElementStatistics.Mark before = elements.mark();
  private @Nullable String mismatch;
  private @Nullable String mismatchBefore;
  private long mismatchBatch;

  ValueStatistics(String name, ValueComparison.Kind kind) {
    this.name = name;
    this.kind = kind;
  }

  /** Compares one batch's value from both sides, null where there is none. */
  void add(long batch, @Nullable Datum actual, @Nullable Datum expected, Allowance allowance) {
    before = elements.mark();
    mismatchBefore = mismatch;
    compare(new Place(batch, ""), actual, expected, allowance);
  }

  /** Whether the last batch failed. */
  boolean failedLast() {
    return elements.mark().failed() > before.failed() || !Objects.equals(mismatch, mismatchBefore);
  }

  /**
   * Takes what differs in the last batch for right: it comes from a step.
   *
   * @param expected what was expected, all of which counts if it has another shape
   */
  void takeLastForSteps(@Nullable Datum expected) {
    boolean mismatched = !Objects.equals(mismatch, mismatchBefore);
    elements.takeForSteps(before, mismatched && expected instanceof Tensor t ? t.size() : 0);
    mismatch = mismatchBefore;
  }

  private void compare(
      Place place, @Nullable Datum given, @Nullable Datum wanted, Allowance allowance) {
    Datum actual = present(given);
    Datum expected = present(wanted);
    if (actual == null && expected == null) {
      return;
    }
    if (actual instanceof Tensor a && expected instanceof Tensor e) {
      compareTensors(place, a, e, allowance);
    } else if (actual instanceof SequenceDatum a && expected instanceof SequenceDatum e) {
      compareSequences(place, a, e, allowance);
    } else if (actual instanceof MapDatum a && expected instanceof MapDatum e) {
      compareMaps(place, a, e, allowance);
    } else {
      differs(place, described(actual) + " instead of " + described(expected));
    }
  }

  /** The value of an optional that is present; any other value as it is. */
  private static @Nullable Datum present(@Nullable Datum datum) {
    Datum value = datum;
    while (value instanceof OptionalDatum optional) {
      value = optional.value();
    }
    return value;
  }

  private static String described(@Nullable Datum datum) {
    return datum == null ? "absent" : datum.type().toString();
  }

  private void differs(Place place, String how) {
    if (mismatch == null) {
      mismatch = place.part().isEmpty() ? how : place.part() + ": " + how;
      mismatchBatch = place.batch();
    }
  }

  private void compareSequences(
      Place place, SequenceDatum actual, SequenceDatum expected, Allowance allowance) {
    int count = expected.items().size();
    if (actual.elementType() instanceof TensorType a
        && expected.elementType() instanceof TensorType e
        && a.elementType() != ElementType.UNDEFINED
        && e.elementType() != ElementType.UNDEFINED
        && a.elementType() != e.elementType()) {
      differs(place, described(actual) + " instead of " + described(expected));
    } else if (actual.items().size() != count) {
      differs(place, actual.items().size() + " items instead of " + count);
    } else {
      for (int i = 0; i < count; i++) {
        compare(place.item("item " + i), actual.items().get(i), expected.items().get(i), allowance);
      }
    }
  }

  private void compareMaps(Place place, MapDatum actual, MapDatum expected, Allowance allowance) {
    ElementType keyType = expected.keys().elementType();
    if (actual.keys().elementType() != keyType) {
      differs(place, "keys of type " + actual.keys().elementType() + " instead of " + keyType);
      return;
    }
    Map<Object, Datum> wanted = byKey(expected);
    Map<Object, Datum> given = byKey(actual);
    for (Object key : given.keySet()) {
      if (!wanted.containsKey(key)) {
        differs(place, "a key " + key + " that is not expected");
      }
    }
    wanted.forEach(
        (key, value) -> {
          if (given.containsKey(key)) {
            compare(place.item("key " + key), given.get(key), value, allowance);
          } else {
            differs(place, "no key " + key);
          }
        });
    if (actual.keys().size() != given.size()) {
      differs(place, "a key that occurs twice");
    }
  }

  private static Map<Object, Datum> byKey(MapDatum map) {
    Map<Object, Datum> items = new LinkedHashMap<>();
    Tensor keys = map.keys();
    List<Datum> values = map.values().items();
    if (keys.elementType() == ElementType.STRING) {
      for (int i = 0; i < values.size(); i++) {
        items.put("'" + keys.strings().get(i) + "'", values.get(i));
      }
    } else {
      long[] numbers = keys.toLongs();
      for (int i = 0; i < numbers.length; i++) {
        items.put(numbers[i], values.get(i));
      }
    }
    return items;
  }

  private void compareTensors(Place place, Tensor actual, Tensor expected, Allowance allowance) {
    ElementType type = expected.elementType();
    if (actual.elementType() != type || !Arrays.equals(actual.dims(), expected.dims())) {
      differs(place, actual.type() + " instead of " + expected.type());
    } else if (!allowance.typesOnly()) {
      switch (type.kind()) {
        case STRING -> elements.addStrings(place, actual, expected);
        case BOOL -> elements.addWhole(place, actual, expected, Allowance.of(Tolerance.EXACT));
        case SIGNED, UNSIGNED -> elements.addWhole(place, actual, expected, allowance);
        case COMPLEX -> compareTensors(place, parts(actual), parts(expected), allowance);
        case FLOAT -> {
          elements.addReal(place, actual, expected, allowance);
          if (place.part().isEmpty() && kind != ValueComparison.Kind.INTERMEDIATE) {
            top.add(actual, expected);
          }
        }
        case UNDEFINED -> differs(place, "of no element type");
      }
    }
  }

  /** Complex numbers as real ones, with an additional last axis of size 2. */
  private static Tensor parts(Tensor complex) {
    long[] dims = Arrays.copyOf(complex.dims(), complex.rank() + 1);
    dims[complex.rank()] = 2;
    ElementType part =
        complex.elementType() == ElementType.COMPLEX64 ? ElementType.FLOAT : ElementType.DOUBLE;
    return Tensor.of(part, dims, complex.bytes());
  }

  /** How the value differs, null if it does not. */
  @Nullable String difference() {
    return mismatch != null ? mismatch : elements.difference();
  }

  ValueComparison result() {
    return elements.result(
        name, kind, top, mismatch == null ? null : mismatch + " in batch " + mismatchBatch);
  }
}
