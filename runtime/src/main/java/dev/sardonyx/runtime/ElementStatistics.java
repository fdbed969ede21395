package dev.sardonyx.runtime;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares tensors of one element type and shape, keeping sums and extremes but no tensors. */
final class ElementStatistics {
  private static final ThreadLocal<FloatBlock> BLOCK = ThreadLocal.withInitial(FloatBlock::new);

  private final DifferenceSums sums = new DifferenceSums();
  private final long[] distances = new long[Distances.BUCKETS];
  private long elements;
  private long failed;
  private long nanMismatches;
  private long acrossSteps;
  private boolean quantised;
  private double maxAbsolute;
  private double maxRelative;
  private double worstExcess = Double.NEGATIVE_INFINITY;
  private double toleranceUsed;
  private ValueComparison.@Nullable Worst worst;

  /** A tensor's place: in which batch, and in which item of a sequence or map. */
  record Place(long batch, String part) {
    Place item(String item) {
      return new Place(batch, part.isEmpty() ? item : part + ", " + item);
    }
  }

  /**
   * A batch's tensor.
   *
   * @param allowed by how much an element may differ where 0 is expected
   * @param tolerance what is allowed in proportion to the expected element
   */
  private record Window(
      Place place, ElementType type, long[] dims, double allowed, Tolerance tolerance) {
    List<Long> index(int flat) {
      List<Long> index = new ArrayList<>();
      long rest = flat;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        index.add(0, rest % dims[axis]);
        rest /= dims[axis];
      }
      return index;
    }

    double allowed(double expected) {
      return allowed + tolerance.rtol() * Math.abs(expected);
    }
  }

  void addStrings(Place place, Tensor actual, Tensor expected) {
    Window window = new Window(place, ElementType.STRING, expected.dims(), 0, Tolerance.EXACT);
    for (int i = 0; i < actual.length(); i++) {
      elements++;
      String a = actual.strings().get(i);
      String e = expected.strings().get(i);
      if (!a.equals(e)) {
        toleranceUsed = Double.POSITIVE_INFINITY;
        if (isFurthest(1)) {
          keep(window, i, "'" + a + "'", "'" + e + "'");
        }
      }
    }
  }

  void addWhole(Place place, Tensor actual, Tensor expected, Allowance allowance) {
    boolean unsigned = expected.elementType() == ElementType.UINT64;
    long[] given = actual.toLongs();
    long[] wanted = expected.toLongs();
    double largest = 0;
    for (long element : wanted) {
      largest = Math.max(largest, Math.abs(toDouble(element, unsigned) - allowance.zero()));
    }
    Window window =
        new Window(
            place,
            expected.elementType(),
            expected.dims(),
            allowance.whole(largest),
            Tolerance.EXACT);
    quantised |= allowance.steps() > 0;
    elements += wanted.length;
    for (int i = 0; i < wanted.length; i++) {
      double a = toDouble(given[i], unsigned);
      double e = toDouble(wanted[i], unsigned);
      double difference = Math.abs(a - e);
      if (difference < 0x1p53) {
        // Doubles of this size round; the difference itself is exact.
        difference = Math.abs((double) (given[i] - wanted[i]));
      }
      distances[Distances.bucket((long) difference)]++;
      count(window, a, e, difference);
      if (isFurthest(difference - window.allowed())) {
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

  void addReal(Place place, Tensor actual, Tensor expected, Allowance allowance) {
    if (expected.elementType() == ElementType.FLOAT) {
      addFloats(place, actual, expected, allowance);
    } else {
      double[] wanted = expected.toDoubles();
      double largest = 0;
      for (double element : wanted) {
        double size = Math.abs(element);
        largest = size > largest && size < Double.POSITIVE_INFINITY ? size : largest;
      }
      Window window = window(place, expected, allowance, largest);
      double[] given = actual.toDoubles();
      for (int i = 0; i < given.length; i++) {
        addExactly(window, i, given[i], wanted[i]);
      }
    }
  }

  private static Window window(Place place, Tensor expected, Allowance allowance, double largest) {
    return new Window(
        place,
        expected.elementType(),
        expected.dims(),
        allowance.absolute(largest),
        allowance.floats());
  }

  /** Billions of elements when layers are compared over a test set: by blocks, see there. */
  private void addFloats(Place place, Tensor actual, Tensor expected, Allowance allowance) {
    FloatBlock.Sides sides = FloatBlock.Sides.of(actual.bytes(), expected.bytes());
    FloatBlock block = BLOCK.get();
    Window window = window(place, expected, allowance, block.largest(sides.expected().duplicate()));
    int whole = sides.expected().limit() / FloatBlock.SIZE;
    for (int from = 0; from < whole; from += FloatBlock.DEPTH) {
      addBlocks(block, window, sides, from, Math.min(FloatBlock.DEPTH, whole - from));
    }
    addExactly(window, sides, whole * FloatBlock.SIZE, sides.expected().limit());
  }

  /** Several blocks at once, else one by one, and what is special among these exactly. */
  private void addBlocks(
      FloatBlock block, Window window, FloatBlock.Sides sides, int first, int blocks) {
    int from = first * FloatBlock.SIZE;
    if (block.add(
        sides.at(from), blocks, extremes(), window.allowed, window.tolerance, sums, distances)) {
      elements += blocks * (long) FloatBlock.SIZE;
    } else if (blocks == 1) {
      addExactly(window, sides, from, from + FloatBlock.SIZE);
    } else {
      for (int i = 0; i < blocks; i++) {
        addBlocks(block, window, sides, first + i, 1);
      }
    }
  }

  private void addExactly(Window window, FloatBlock.Sides sides, int from, int to) {
    for (int at = from; at < to; at++) {
      addExactly(window, at, sides.actual().get(at), sides.expected().get(at));
    }
  }

  private Extremes extremes() {
    return new Extremes(maxAbsolute, maxRelative, worstExcess, toleranceUsed);
  }

  private void addExactly(Window window, int at, double actual, double expected) {
    elements++;
    double difference = Math.abs(actual - expected);
    if (!(difference < Double.POSITIVE_INFINITY)) {
      addSpecial(window, at, actual, expected);
      return;
    }
    if (Distances.isCounted(window.type)) {
      distances[Distances.bucket(Distances.between(window.type, actual, expected))]++;
    }
    count(window, actual, expected, difference);
    if (isFurthest(difference - window.allowed(expected))) {
      keep(window, at, String.valueOf(actual), String.valueOf(expected));
    }
  }

  private void count(Window window, double actual, double expected, double difference) {
    sums.add(
        1,
        difference,
        difference * difference,
        actual * expected,
        actual * actual,
        expected * expected);
    maxAbsolute = Math.max(maxAbsolute, difference);
    if (Math.abs(expected) > window.tolerance.atol()) {
      maxRelative = Math.max(maxRelative, difference / Math.abs(expected));
    }
    if (difference > 0) {
      toleranceUsed = Math.max(toleranceUsed, difference / window.allowed(expected));
    }
  }

  /** NaN agrees only with NaN, an infinity only with the same infinity. */
  private void addSpecial(Window window, int at, double actual, double expected) {
    boolean bothNaN = Double.isNaN(actual) && Double.isNaN(expected);
    if (bothNaN || actual == expected) {
      return;
    }
    if (Double.isNaN(actual) || Double.isNaN(expected)) {
      nanMismatches++;
    }
    maxAbsolute = Double.POSITIVE_INFINITY;
    toleranceUsed = Double.POSITIVE_INFINITY;
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

  /** How many elements have failed so far, and the worst of them. */
  record Mark(
      long failed,
      long nanMismatches,
      double worstExcess,
      double toleranceUsed,
      ValueComparison.@Nullable Worst worst) {}

  Mark mark() {
    return new Mark(failed, nanMismatches, worstExcess, toleranceUsed, worst);
  }

  /**
   * Takes what has failed since a mark for right: it comes from a step.
   *
   * @param notCompared elements that differ though they could not be compared
   */
  void takeForSteps(Mark since, long notCompared) {
    acrossSteps += failed - since.failed() + notCompared;
    failed = since.failed();
    nanMismatches = since.nanMismatches();
    worstExcess = since.worstExcess();
    toleranceUsed = since.toleranceUsed();
    worst = since.worst();
  }

  /** How elements differ, null if none does. */
  @Nullable String difference() {
    return failed == 0
        ? null
        : failed
            + " of "
            + elements
            + " elements differ"
            + (worst == null ? "" : ", worst at " + worst);
  }

  ValueComparison result(
      String name, ValueComparison.Kind kind, TopRows top, @Nullable String mismatch) {
    return new ValueComparison(
        name,
        kind,
        elements,
        failed,
        maxAbsolute,
        sums.meanAbsolute(),
        maxRelative,
        sums.cosine(),
        sums.decibels(),
        toleranceUsed,
        quantised,
        Distances.of(distances),
        nanMismatches,
        acrossSteps,
        worst,
        top.first(),
        top.several(),
        mismatch);
  }
}
