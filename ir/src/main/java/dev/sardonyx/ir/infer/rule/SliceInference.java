package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

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

  /** What a node gives; steps came in version 10 as an input. */
  private record Bounds(
      IntegerOperand starts, IntegerOperand ends, IntegerOperand axes, IntegerOperand steps) {
    static Bounds of(InferenceContext c) {
      return new Bounds(
          IntegerOperand.of(c, "starts", 1),
          IntegerOperand.of(c, "ends", 2),
          IntegerOperand.of(c, "axes", 3),
          c.since() < 10
              ? IntegerOperand.ofAttribute(c, "steps")
              : IntegerOperand.ofInput(c, "steps", 4));
    }

    /** How many numbers each operand has, -1 if that is known of none. */
    int count() {
      IntegerOperand first = null;
      for (IntegerOperand operand : List.of(starts, ends, axes, steps)) {
        if (first == null) {
          first = operand.count() >= 0 ? operand : null;
        } else if (operand.count() >= 0 && operand.count() != first.count()) {
          throw operand.wrongCount(first.count() + ", as many as " + first.name());
        }
      }
      return first == null ? -1 : first.count();
    }
  }

  private static void slice(InferenceContext c) {
    Shape shape = c.inputShape(0);
    Bounds bounds = Bounds.of(c);
    int count = bounds.count();
    if (!shape.isRanked()) {
      return;
    }
    if (count < 0 || bounds.axes.given() && bounds.axes.numbers() == null) {
      c.setOutputShape(0, Shape.ofRank(shape.rank()));
      return;
    }
    SortedMap<Integer, Range> ranges = ranges(c, shape.rank(), bounds, count);
    List<Dim> dims = new ArrayList<>(shape.dims());
    ranges.forEach((axis, range) -> dims.set(axis, size(shape.dim(axis), range)));
    c.setOutputShape(0, Shape.of(dims));
    sliceValues(c, ranges);
  }

  /** From axis to what is taken of it. */
  private static SortedMap<Integer, Range> ranges(
      InferenceContext c, int rank, Bounds bounds, int count) {
    long[] axes = bounds.axes.numbers();
    if (axes != null) {
      Axes.normalize("axes", axes, rank); // refuses repetition
    } else if (count > rank) {
      throw bounds.starts.wrongCount("at most " + rank);
    }
    SortedMap<Integer, Range> ranges = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      Dim step = bounds.steps.given() ? bounds.steps.get(i) : Dim.of(1);
      if (step.isFixed(0)) {
        throw c.attributeError("steps", "not 0", "0", "steps has a 0 at " + i);
      }
      int axis = axes == null ? i : Axes.normalize("axes", axes[i], rank);
      ranges.put(axis, new Range(bound(bounds.starts, i), bound(bounds.ends, i), step));
    }
    return ranges;
  }

  /** A bound that can be negated; the least number means the same as the next. */
  private static Dim bound(IntegerOperand bounds, int i) {
    Dim bound = bounds.get(i);
    return bound.isFixed(Long.MIN_VALUE) ? Dim.of(-Long.MAX_VALUE) : bound;
  }

  private static Dim size(Dim dim, Range range) {
    if (!range.step.isFixed()) {
      return dim.isFixed(0) ? dim : Dim.UNKNOWN;
    }
    if (dim.isFixed() && range.start.isFixed() && range.end.isFixed()) {
      return Dim.of(Positions.of(dim.value(), range).count);
    }
    return range.step.value() > 0
        ? forwards(dim, range.start, range.end).ceilDiv(range.step.value())
        : backwards(dim, range);
  }

  /** How much there is from a start to an end; both may lie outside of the dimension. */
  private static Dim forwards(Dim dim, Dim start, Dim end) {
    Dim last = end(dim, end);
    if (isPositive(start.negated())) {
      boolean all = isFar(dim, start.negated());
      return last.isSameAs(dim)
          ? all ? dim : dim.min(start.negated())
          : notNegative(all ? last : last.minus(notNegative(dim.plus(start))));
    }
    if (!start.isNonNegative()) {
      return Dim.UNKNOWN; // may count from either end
    }
    return isFar(dim, start) ? Dim.of(0) : notNegative(last.minus(start));
  }

  /** An end as a position up to the dimension; negative if it lies before the first element. */
  private static Dim end(Dim dim, Dim end) {
    if (isPositive(end.negated())) {
      return isFar(dim, end.negated()) ? Dim.of(0) : dim.plus(end);
    }
    if (!end.isNonNegative()) {
      return Dim.UNKNOWN;
    }
    return isFar(dim, end) ? dim : dim.min(end);
  }

  private static boolean isPositive(Dim dim) {
    return dim.minus(1).isNonNegative();
  }

  private static Dim notNegative(Dim dim) {
    return dim.max(Dim.of(0));
  }

  /** Whether a bound means the end, whatever a dimension that is no fixed number stands for. */
  private static boolean isFar(Dim dim, Dim bound) {
    return !dim.isFixed() && bound.isFixed() && bound.value() >= FAR;
  }

  /** A negative step; known where the whole dimension is taken. */
  private static Dim backwards(Dim dim, Range range) {
    boolean fromLast = range.start.isFixed(-1) || isFar(dim, range.start);
    boolean toFirst = range.end.isFixed() && isFar(dim, range.end.negated());
    return fromLast && toFirst ? dim.ceilDiv(opposite(range.step.value())) : Dim.UNKNOWN;
  }

  /** A negative step as a positive one; a step of either extreme takes one element at most. */
  private static long opposite(long step) {
    return -Math.max(step, -Long.MAX_VALUE);
  }

  /** The positions that a range takes of a dimension, all being fixed. */
  private record Positions(long start, long step, long count) {
    static Positions of(long dim, Range range) {
      long step = range.step.value();
      long start = range.start.value() + (range.start.value() < 0 ? dim : 0);
      long end = range.end.value() + (range.end.value() < 0 ? dim : 0);
      long low = step > 0 ? 0 : -1;
      long high = step > 0 ? dim : dim - 1;
      start = Math.max(step > 0 ? 0 : Math.min(0, dim - 1), Math.min(high, start));
      end = Math.max(low, Math.min(high, end));
      long count = step > 0 ? ceil(end - start, step) : ceil(start - end, opposite(step));
      return new Positions(start, step, Math.max(0, count));
    }

    private static long ceil(long a, long b) {
      return -Math.floorDiv(-a, b);
    }

    /** As indices into an array, which the dimension's elements must be few enough to fit. */
    int[] toIndices() {
      int[] indices = new int[Math.toIntExact(count)];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = Math.toIntExact(start + i * step);
      }
      return indices;
    }
  }

  private static void sliceValues(InferenceContext c, SortedMap<Integer, Range> ranges) {
    KnownValues values = c.inputKnown(0);
    boolean fixed =
        ranges.values().stream()
            .allMatch(r -> r.start.isFixed() && r.end.isFixed() && r.step.isFixed());
    if (values == null || !fixed) {
      return;
    }
    for (var entry : ranges.entrySet()) {
      int axis = entry.getKey();
      Positions taken = Positions.of(values.shape().get(axis), entry.getValue());
      values = ValueSelection.along(values, axis, taken.toIndices());
    }
    c.setOutputKnown(0, values);
  }
}
