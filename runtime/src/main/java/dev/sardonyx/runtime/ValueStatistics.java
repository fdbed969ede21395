package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares one value batch by batch, keeping sums and extremes but no tensors. Kinds, element types
 * and shapes are compared first; then strings and booleans exactly, numbers within an {@link
 * Allowance}, and sequences and maps by their items. The order of a map's keys does not matter.
 */
final class ValueStatistics {
  private static final int CHUNK = 4096;

  private final String name;
  private final ValueComparison.Kind kind;

  private long elements;
  private long failed;
  private long finite;
  private double maxAbsolute;
  private double sumAbsolute;
  private double maxRelative;
  private double dot;
  private double actualSquares;
  private double expectedSquares;
  private long nanMismatches;
  private double worstExcess = Double.NEGATIVE_INFINITY;
  private ValueComparison.@Nullable Worst worst;
  private long sameTop;
  private long rows;
  private @Nullable String mismatch;
  private long mismatchBatch;

  ValueStatistics(String name, ValueComparison.Kind kind) {
    this.name = name;
    this.kind = kind;
  }

  /** A tensor's place: in which batch, and in which item of a sequence or map. */
  private record Place(long batch, String part) {
    Place item(String item) {
      return new Place(batch, part.isEmpty() ? item : part + ", " + item);
    }
  }

  /** Compares one batch's value from both sides, null where there is none. */
  void add(long batch, @Nullable Datum actual, @Nullable Datum expected, Allowance allowance) {
    compare(new Place(batch, ""), actual, expected, allowance);
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
        case STRING -> compareStrings(new Window(place, expected.dims(), 0), actual, expected);
        case BOOL -> compareWhole(place, actual, expected, Allowance.of(Tolerance.EXACT));
        case SIGNED, UNSIGNED -> compareWhole(place, actual, expected, allowance);
        case COMPLEX -> compareTensors(place, parts(actual), parts(expected), allowance);
        case FLOAT -> compareReal(place, actual, expected, allowance);
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

  private void compareStrings(Window window, Tensor actual, Tensor expected) {
    for (int i = 0; i < actual.length(); i++) {
      elements++;
      String a = actual.strings().get(i);
      String e = expected.strings().get(i);
      if (!a.equals(e) && isFurthest(1)) {
        keep(window, i, "'" + a + "'", "'" + e + "'");
      }
    }
  }

  private void compareWhole(Place place, Tensor actual, Tensor expected, Allowance allowance) {
    boolean unsigned = expected.elementType() == ElementType.UINT64;
    long[] given = actual.toLongs();
    long[] wanted = expected.toLongs();
    double largest = 0;
    for (long element : wanted) {
      largest = Math.max(largest, Math.abs(toDouble(element, unsigned)));
    }
    Window window = new Window(place, expected.dims(), allowance.whole(largest));
    elements += wanted.length;
    for (int i = 0; i < wanted.length; i++) {
      double a = toDouble(given[i], unsigned);
      double e = toDouble(wanted[i], unsigned);
      double difference = Math.abs(a - e);
      if (difference < 0x1p53) {
        // Doubles of this size round; the difference itself is exact.
        difference = Math.abs((double) (given[i] - wanted[i]));
      }
      count(a, e, difference, 0);
      double excess = difference - window.allowed();
      if (isFurthest(excess)) {
        keep(window, i, text(given[i], unsigned), text(wanted[i], unsigned));
      }
    }
  }

  private static double toDouble(long element, boolean unsigned) {
    return unsigned && element < 0 ? (element >>> 1 | element & 1) * 2.0 : element;
  }

  private static String text(long element, boolean unsigned) {
    return unsigned ? Long.toUnsignedString(element) : Long.toString(element);
  }

  private void compareReal(Place place, Tensor actual, Tensor expected, Allowance allowance) {
    if (expected.elementType() == ElementType.FLOAT) {
      compareFloats(place, actual, expected, allowance);
    } else {
      compareDoubles(place, actual.toDoubles(), expected.toDoubles(), expected, allowance);
    }
    if (place.part().isEmpty()) {
      compareTop(actual, expected);
    }
  }

  private void compareFloats(Place place, Tensor actual, Tensor expected, Allowance allowance) {
    FloatBuffer actuals = actual.bytes().asFloatBuffer();
    FloatBuffer expecteds = expected.bytes().asFloatBuffer();
    float[] a = new float[Math.min(CHUNK, actuals.remaining())];
    float[] e = new float[a.length];
    double allowed = allowance.absolute(largest(expecteds, e));
    Window window = new Window(place, expected.dims(), allowed);
    for (int from = 0; actuals.hasRemaining(); from += CHUNK) {
      int count = Math.min(CHUNK, actuals.remaining());
      actuals.get(a, 0, count);
      expecteds.get(e, 0, count);
      compare(window, allowance.floats(), from, a, e, count);
    }
  }

  /** The largest finite magnitude. */
  private static double largest(FloatBuffer elements, float[] chunk) {
    FloatBuffer rest = elements.duplicate();
    float largest = 0;
    while (rest.hasRemaining()) {
      int count = Math.min(chunk.length, rest.remaining());
      rest.get(chunk, 0, count);
      for (int i = 0; i < count; i++) {
        float size = Math.abs(chunk[i]);
        if (size > largest && size < Float.POSITIVE_INFINITY) {
          largest = size;
        }
      }
    }
    return largest;
  }

  /**
   * A batch's tensor, whose elements come in chunks.
   *
   * @param allowed by how much an element may differ where 0 is expected
   */
  private record Window(Place place, long[] dims, double allowed) {
    List<Long> index(int flat) {
      List<Long> index = new ArrayList<>();
      long rest = flat;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        index.add(0, rest % dims[axis]);
        rest /= dims[axis];
      }
      return index;
    }
  }

  /** The hot loop: billions of elements when layers are compared over a test set. */
  private void compare(
      Window window, Tolerance tolerance, int from, float[] actual, float[] expected, int count) {
    double sum = 0;
    double product = 0;
    double squaresA = 0;
    double squaresE = 0;
    long counted = 0;
    double allowed = window.allowed;
    double rtol = tolerance.rtol();
    double atol = tolerance.atol();
    for (int i = 0; i < count; i++) {
      double a = actual[i];
      double e = expected[i];
      double difference = Math.abs(a - e);
      if (!(difference < Double.POSITIVE_INFINITY)) {
        compareSpecial(window, from + i, a, e);
        continue;
      }
      counted++;
      sum += difference;
      product += a * e;
      squaresA += a * a;
      squaresE += e * e;
      double size = Math.abs(e);
      if (difference > maxAbsolute) {
        maxAbsolute = difference;
      }
      if (difference > maxRelative * Math.max(size, atol) && size > atol) {
        maxRelative = difference / size;
      }
      double excess = difference - (allowed + rtol * size);
      if ((excess > worstExcess || excess > 0) && isFurthest(excess)) {
        keep(window, from + i, String.valueOf(a), String.valueOf(e));
      }
    }
    elements += count;
    finite += counted;
    sumAbsolute += sum;
    dot += product;
    actualSquares += squaresA;
    expectedSquares += squaresE;
  }

  private void compareDoubles(
      Place place, double[] actual, double[] expected, Tensor tensor, Allowance allowance) {
    double largest = 0;
    for (double element : expected) {
      double size = Math.abs(element);
      largest = size > largest && size < Double.POSITIVE_INFINITY ? size : largest;
    }
    Window window = new Window(place, tensor.dims(), allowance.absolute(largest));
    Tolerance tolerance = allowance.floats();
    elements += actual.length;
    for (int i = 0; i < actual.length; i++) {
      double a = actual[i];
      double e = expected[i];
      double difference = Math.abs(a - e);
      if (!(difference < Double.POSITIVE_INFINITY)) {
        compareSpecial(window, i, a, e);
        continue;
      }
      count(a, e, difference, tolerance.atol());
      double excess = difference - (window.allowed + tolerance.rtol() * Math.abs(e));
      if (isFurthest(excess)) {
        keep(window, i, String.valueOf(a), String.valueOf(e));
      }
    }
  }

  private void count(double actual, double expected, double difference, double atol) {
    finite++;
    sumAbsolute += difference;
    dot += actual * expected;
    actualSquares += actual * actual;
    expectedSquares += expected * expected;
    maxAbsolute = Math.max(maxAbsolute, difference);
    if (Math.abs(expected) > atol) {
      maxRelative = Math.max(maxRelative, difference / Math.abs(expected));
    }
  }

  /** NaN agrees only with NaN, an infinity only with the same infinity. */
  private void compareSpecial(Window window, int at, double actual, double expected) {
    boolean bothNaN = Double.isNaN(actual) && Double.isNaN(expected);
    if (bothNaN || actual == expected) {
      return;
    }
    if (Double.isNaN(actual) || Double.isNaN(expected)) {
      nanMismatches++;
    }
    maxAbsolute = Double.POSITIVE_INFINITY;
    if (isFurthest(Double.POSITIVE_INFINITY)) {
      keep(window, at, String.valueOf(actual), String.valueOf(expected));
    }
  }

  /** Counts an element outside the tolerance, and tells whether it is the furthest so far. */
  private boolean isFurthest(double excess) {
    if (excess > 0) {
      failed++;
    }
    boolean furthest = excess > worstExcess;
    if (furthest) {
      worstExcess = excess;
    }
    return furthest;
  }

  private void keep(Window window, int at, String actual, String expected) {
    Place place = window.place;
    worst =
        new ValueComparison.Worst(place.batch(), place.part(), window.index(at), actual, expected);
  }

  /** Counts the rows along the last axis whose largest element is the same. */
  private void compareTop(Tensor actual, Tensor expected) {
    if (kind == ValueComparison.Kind.INTERMEDIATE
        || expected.rank() < 2
        || expected.dim(-1) < 2
        || expected.size() == 0) {
      return;
    }
    int classes = Math.toIntExact(expected.dim(-1));
    float[] a = actual.toFloats();
    float[] e = expected.toFloats();
    for (int row = 0; row < a.length; row += classes) {
      rows++;
      if (top(a, row, classes) == top(e, row, classes)) {
        sameTop++;
      }
    }
  }

  private static int top(float[] elements, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      float candidate = elements[from + i];
      if (candidate > elements[from + best]
          || Float.isNaN(elements[from + best]) && !Float.isNaN(candidate)) {
        best = i;
      }
    }
    return best;
  }

  /** How the value differs, null if it does not. */
  @Nullable String difference() {
    if (mismatch != null) {
      return mismatch;
    }
    return failed == 0
        ? null
        : failed
            + " of "
            + elements
            + " elements differ"
            + (worst == null ? "" : ", worst at " + worst);
  }

  ValueComparison result() {
    return new ValueComparison(
        name,
        kind,
        elements,
        failed,
        maxAbsolute,
        finite == 0 ? 0 : sumAbsolute / finite,
        maxRelative,
        cosine(),
        nanMismatches,
        worst,
        rows == 0 ? null : new ValueComparison.Agreement(sameTop, rows),
        mismatch == null ? null : mismatch + " in batch " + mismatchBatch);
  }

  /** The cosine similarity; 1 if both vectors are zero. */
  private double cosine() {
    double lengths = Math.sqrt(actualSquares) * Math.sqrt(expectedSquares);
    if (lengths == 0) {
      return actualSquares == expectedSquares ? 1 : 0;
    }
    return Math.min(1, dot / lengths);
  }
}
