package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Slice, with bounds that may be computed, symbolic, negative or beyond the end. */
final class SliceInference {
  private SliceInference() {}

  /** Bounds at least this large mean the end, whatever the dimension. */
  private static final long FAR = Integer.MAX_VALUE;

  static void addTo(Rules rules) {
    rules.add("Slice", SliceInference::slice);
  }

  /** What is taken of one axis. */
  private record Range(Dim start, Dim end, Dim step) {}

  private static void slice(InferenceContext c) {
    Shape shape = c.shape(0);
    Operand starts = Operand.of(c, "starts", 1);
    Operand ends = Operand.of(c, "ends", 2);
    if (starts.count() >= 0 && ends.count() >= 0 && starts.count() != ends.count()) {
      throw ends.wrongCount("as many as starts, " + starts.count() + ",");
    }
    if (!shape.isRanked()) {
      return;
    }
    SortedMap<Integer, Range> ranges = ranges(c, shape.rank(), starts, ends);
    if (ranges == null) {
      c.shape(0, Shape.ofRank(shape.rank()));
      return;
    }
    List<Dim> dims = new ArrayList<>(shape.dims());
    ranges.forEach((axis, range) -> dims.set(axis, size(shape.dim(axis), range)));
    c.shape(0, Shape.of(dims));
    sliceValues(c, ranges);
  }

  /** From axis to what is taken of it; null if the axes are not known. */
  private static @Nullable SortedMap<Integer, Range> ranges(
      InferenceContext c, int rank, Operand starts, Operand ends) {
    Operand axes = Operand.of(c, "axes", 3);
    Operand steps =
        c.since() < 10 ? Operand.ofAttribute(c, "steps") : Operand.ofInput(c, "steps", 4);
    int count = Math.max(starts.count(), Math.max(ends.count(), axes.count()));
    for (Operand operand : List.of(starts, ends, axes, steps)) {
      if (count >= 0 && operand.count() >= 0 && operand.count() != count) {
        throw operand.wrongCount("as many as starts, " + count + ",");
      }
    }
    long[] numbers = axes.numbers();
    if (count < 0 || axes.given() && numbers == null) {
      return null;
    }
    SortedMap<Integer, Range> ranges = new TreeMap<>();
    if (numbers != null) {
      Axes.normalize("axes", numbers, rank); // refuses repetition
    } else if (count > rank) {
      throw starts.wrongCount("at most " + rank);
    }
    for (int i = 0; i < count; i++) {
      Dim step = steps.given() ? steps.get(i) : Dim.of(1);
      if (step.isFixed(0)) {
        throw c.attributeError("steps", "not 0", "0", "steps has a 0 at " + i);
      }
      int axis = numbers == null ? i : Axes.normalize("axes", numbers[i], rank);
      ranges.put(axis, new Range(starts.get(i), ends.get(i), step));
    }
    return ranges;
  }

  private static Dim size(Dim dim, Range range) {
    if (!range.step.isFixed()) {
      return dim.isFixed(0) ? dim : Dim.UNKNOWN;
    }
    long step = range.step.value();
    if (dim.isFixed() && range.start.isFixed() && range.end.isFixed()) {
      return Dim.of(indices(dim.value(), range).length);
    }
    if (step < 0) {
      return backwards(dim, range, -step);
    }
    if (isFar(range.end) || range.end.isSameAs(dim)) {
      return toEnd(dim, range.start).ceilDiv(step);
    }
    Dim begin = clamp(dim, range.start);
    Dim end = clamp(dim, range.end);
    Dim length = end.minus(begin);
    return (isPlausible(length) ? length : length.max(Dim.of(0))).ceilDiv(step);
  }

  private static boolean isFar(Dim bound) {
    return bound.isFixed() && bound.value() >= FAR;
  }

  /** How much there is from a start on. */
  private static Dim toEnd(Dim dim, Dim start) {
    if (start.isFixed() && start.value() < 0) {
      if (start.value() <= -FAR) {
        return dim;
      }
      return start.isFixed(-1) ? one(dim) : dim.min(start.times(-1));
    }
    Dim rest = dim.minus(start);
    return isPlausible(rest) ? rest : rest.max(Dim.of(0));
  }

  /** The last element of a dimension, which is hardly ever empty. */
  private static Dim one(Dim dim) {
    return dim.isKnown() ? Dim.of(1) : Dim.UNKNOWN;
  }

  /** A bound as a position from 0 to the dimension. */
  private static Dim clamp(Dim dim, Dim bound) {
    if (bound.isFixed() && (bound.value() == 0 || bound.value() <= -FAR)) {
      return Dim.of(0);
    }
    if (isFar(bound)) {
      return dim;
    }
    boolean fromEnd = bound.isFixed() ? bound.value() < 0 : bound.times(-1).isNonNegative();
    if (fromEnd) {
      Dim position = dim.plus(bound);
      return isPlausible(position) ? position : position.max(Dim.of(0));
    }
    if (!bound.isFixed() && !isPlausible(bound)) {
      return Dim.UNKNOWN; // may count from either end
    }
    return isPlausible(dim.minus(bound)) ? bound : dim.min(bound);
  }

  /** Whether it is a size as soon as every symbol is at least 1; slices of nothing are rare. */
  private static boolean isPlausible(Dim dim) {
    return dim.isNonNegativeForPositiveSymbols();
  }

  /** A negative step; known where the whole dimension is taken. */
  private static Dim backwards(Dim dim, Range range, long step) {
    boolean fromLast = range.start.isFixed(-1) || isFar(range.start);
    boolean toFirst = range.end.isFixed() && range.end.value() <= -FAR;
    return fromLast && toFirst ? dim.ceilDiv(step) : Dim.UNKNOWN;
  }

  /** The positions that a range takes of a dimension, all being fixed. */
  private static int[] indices(long dim, Range range) {
    long step = range.step.value();
    long start = range.start.value() + (range.start.value() < 0 ? dim : 0);
    long end = range.end.value() + (range.end.value() < 0 ? dim : 0);
    long low = step > 0 ? 0 : -1;
    long high = step > 0 ? dim : dim - 1;
    start = Math.max(step > 0 ? 0 : Math.min(0, dim - 1), Math.min(high, start));
    end = Math.max(low, Math.min(high, end));
    long count = Math.max(0, step > 0 ? ceil(end - start, step) : ceil(start - end, -step));
    int[] indices = new int[Math.toIntExact(count)];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = Math.toIntExact(start + i * step);
    }
    return indices;
  }

  private static long ceil(long a, long b) {
    return -Math.floorDiv(-a, b);
  }

  private static void sliceValues(InferenceContext c, SortedMap<Integer, Range> ranges) {
    KnownValues values = c.known(0);
    boolean fixed =
        ranges.values().stream()
            .allMatch(r -> r.start.isFixed() && r.end.isFixed() && r.step.isFixed());
    if (values == null || !fixed) {
      return;
    }
    for (var entry : ranges.entrySet()) {
      int axis = entry.getKey();
      values =
          ValueSelection.along(values, axis, indices(values.shape().get(axis), entry.getValue()));
    }
    c.known(0, values);
  }
}
