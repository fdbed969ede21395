package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One Slice in the place of a Slice of a Slice, and one Split in the place of Slices that cut a
 * value into all its parts along an axis. Outcomes are the same to the last bit.
 */
public record Slices() implements Pass {
  private static final Set<String> OPERATORS = Set.of("Slice");

  static final NodeTransform RULES =
      NodeTransform.of("Slice", Slices::merged).andThen(new Cutting());

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "slices", RULES);
  }

  // A Slice of a Slice

  private static @Nullable Value merged(Node node, Rewriter to) {
    Node before = to.producer(node.input(0));
    if (before == null
        || !before.is("Slice")
        || to.isOpen(before)
        || !to.isUsedOnce(node.input(0))) {
      return null;
    }
    Shape shape = to.shape(before.input(0));
    Map<Integer, Range> first = ranges(before, shape, to::tensor);
    Map<Integer, Range> second = ranges(node, shape, to::tensor);
    if (first == null || second == null) {
      return null;
    }
    Map<Integer, Range> both = new TreeMap<>(first);
    for (Map.Entry<Integer, Range> entry : second.entrySet()) {
      Range outer = first.get(entry.getKey());
      Range inner = entry.getValue();
      Range range = outer == null ? inner : outer.then(inner, shape.dim(entry.getKey()));
      if (range == null) {
        return null;
      }
      both.put(entry.getKey(), range);
    }
    return to.slice(
        to.input(before, 0),
        both.keySet().stream().mapToLong(axis -> axis).toArray(),
        both.values().stream().mapToLong(Range::start).toArray(),
        both.values().stream().mapToLong(Range::end).toArray(),
        both.values().stream().mapToLong(Range::step).toArray());
  }

  /** What a Slice takes of each axis, or null if that is not known. */
  private static @Nullable Map<Integer, Range> ranges(
      Node slice, Shape shape, Function<String, @Nullable Tensor> constants) {
    long[] starts = vector(slice, "starts", 1, constants);
    long[] ends = vector(slice, "ends", 2, constants);
    if (starts == null || ends == null || !shape.isRanked() || ends.length != starts.length) {
      return null;
    }
    long[] axes = new long[starts.length];
    long[] steps = new long[starts.length];
    for (int i = 0; i < starts.length; i++) {
      axes[i] = i;
      steps[i] = 1;
    }
    if (slice.hasInput(3) || slice.attribute("axes").isPresent()) {
      axes = vector(slice, "axes", 3, constants);
    }
    if (slice.hasInput(4)) {
      steps = vector(slice, "steps", 4, constants);
    }
    if (axes == null || steps == null || axes.length != starts.length) {
      return null;
    }
    Map<Integer, Range> ranges = new TreeMap<>();
    for (int i = 0; i < axes.length; i++) {
      long axis = axes[i] < 0 ? axes[i] + shape.rank() : axes[i];
      if (steps[i] == 0
          || axis < 0
          || axis >= shape.rank()
          || ranges.put((int) axis, new Range(starts[i], ends[i], steps[i])) != null) {
        return null;
      }
    }
    return ranges;
  }

  private static long @Nullable [] vector(
      Node node, String attribute, int input, Function<String, @Nullable Tensor> constants) {
    if (!node.hasInput(input)) {
      return node.intsAttribute(attribute).orElse(null);
    }
    Tensor tensor = constants.apply(node.input(input));
    return tensor == null || tensor.rank() != 1 ? null : tensor.toLongs();
  }

  /** What a Slice takes of an axis; numbers below 0 count from its end. */
  private record Range(long start, long end, long step) {
    private static final Range NOTHING = new Range(0, 0, 1);

    /** From where to where on an axis of a size; both are on it, or one before or after it. */
    Range on(long size) {
      if (size == 0) {
        return NOTHING;
      }
      long least = step > 0 ? 0 : -1;
      long most = step > 0 ? size : size - 1;
      long from = clamped(start, size, Math.max(least, 0), most);
      return new Range(from, clamped(end, size, least, most), step);
    }

    private static long clamped(long position, long size, long least, long most) {
      long counted = position < 0 ? position + size : position;
      return Math.max(least, Math.min(most, counted));
    }

    /** How many elements it takes, if it {@link #on is on} an axis. */
    long count() {
      long distance = step > 0 ? end - start : start - end;
      return distance <= 0 ? 0 : (distance - 1) / Math.abs(step) + 1;
    }

    /** This, and then another of what it takes; null if that is no range for certain. */
    @Nullable Range then(Range inner, Dim dim) {
      if (!dim.isFixed()) {
        boolean isSimple = step == 1 && inner.step == 1 && Math.min(start, end) >= 0;
        return isSimple && Math.min(inner.start, inner.end) >= 0
            ? new Range(sum(start, inner.start), Math.min(end, sum(start, inner.end)), 1)
            : null;
      }
      Range outer = on(dim.value());
      Range own = inner.on(outer.count());
      long count = own.count();
      if (count == 0) {
        return NOTHING;
      }
      if (leaves(own.step, dim.value()) || leaves(outer.step, dim.value())) {
        return null; // one element at most, by a step too large to multiply
      }
      long steps = outer.step * own.step;
      long from = outer.start + own.start * outer.step;
      long last = from + (count - 1) * steps;
      // Before the first element there is none, and -1 would be the last one.
      long to = steps > 0 ? last + 1 : last == 0 ? -dim.value() - 1 : last - 1;
      return new Range(from, to, steps);
    }

    private static boolean leaves(long step, long size) {
      return step >= size || step <= -size;
    }

    private static long sum(long a, long b) {
      return a + b < 0 ? Long.MAX_VALUE : a + b;
    }
  }

  // Slices that cut a value up

  /** A Slice along one axis, by its result. */
  private record Cut(String result, Range range) {}

  /** A part of a value, among the parts of which it is made up along an axis. */
  private record Part(String value, int axis, long[] sizes, int number, Range range) {}

  /** What a graph's Slices cut up, by the names of their results, and the Splits made for it. */
  private record Plan(Map<String, Part> parts, Map<String, List<String>> made) {
    static final Plan NONE = new Plan(Map.of(), Map.of());
  }

  private record Cutting() implements NodeTransform {
    @Override
    public Set<String> operators() {
      return OPERATORS;
    }

    @Override
    public void begin(Graph graph, Rewriter to) {
      Set<String> sliced = new HashSet<>();
      for (Node node : graph.nodes()) {
        if (node.is("Slice") && !sliced.add(node.input(0))) {
          to.memory(this, () -> plan(graph, to));
          return;
        }
      }
    }

    @Override
    public void rewrite(Node node, Rewriter to) {
      Plan plan = to.memory(this, () -> Plan.NONE);
      Part part = plan.parts().isEmpty() ? null : plan.parts().get(node.output(0).name());
      if (part == null || !isStill(part, node, to)) {
        return;
      }
      String cut = part.value() + " " + part.axis();
      List<String> before = plan.made().get(cut);
      if (before != null) {
        Value known = to.value(before.get(part.number()));
        if (!to.needsIdentity(node.output(0), known)) {
          to.replace(node.output(0), known);
        }
        return;
      }
      List<Value> split = to.split(to.input(node, 0), part.axis(), part.sizes());
      List<String> names = new ArrayList<>(split.stream().map(Value::name).toList());
      names.set(part.number(), node.output(0).name()); // as the part will be called
      plan.made().put(cut, names);
      to.replace(node.output(0), split.get(part.number()));
    }

    /** Whether what the walk has made of the graph leaves the part as it was seen before. */
    private static boolean isStill(Part part, Node node, Rewriter to) {
      Shape shape = to.shape(node.input(0));
      Map<Integer, Range> ranges = Slices.ranges(node, shape, to::tensor);
      return ranges != null
          && to.has(part.value())
          && to.value(part.value()).name().equals(node.input(0))
          && ranges.equals(Map.of(part.axis(), part.range()));
    }

    private static Plan plan(Graph graph, Rewriter to) {
      GraphIndex index = GraphIndex.of(graph);
      Map<String, Map<Integer, List<Cut>>> byValue = new LinkedHashMap<>();
      for (Node node : graph.nodes()) {
        Map<Integer, Range> ranges = node.is("Slice") ? ranges(node, index, to) : null;
        if (ranges != null && ranges.size() == 1 && !isSqueezed(node, index)) {
          ranges.forEach(
              (axis, range) ->
                  byValue
                      .computeIfAbsent(node.input(0), v -> new TreeMap<>())
                      .computeIfAbsent(axis, a -> new ArrayList<>())
                      .add(new Cut(node.output(0).name(), range)));
        }
      }
      Plan plan = new Plan(new HashMap<>(), new HashMap<>());
      byValue.forEach(
          (value, byAxis) ->
              byAxis.forEach(
                  (axis, cuts) -> {
                    Dim dim = shape(value, index, to).dim(axis);
                    if (dim.isFixed() && cuts.size() > 1) {
                      addParts(value, axis, dim.value(), cuts, plan);
                    }
                  }));
      return plan;
    }

    /** One element without its axis is better taken by a Gather. */
    private static boolean isSqueezed(Node slice, GraphIndex index) {
      return index.consumers(slice.output(0).name()).stream().anyMatch(n -> n.is("Squeeze"));
    }

    private static Shape shape(String value, GraphIndex index, Rewriter to) {
      return index.has(value) ? index.shape(value) : to.shape(value);
    }

    private static @Nullable Map<Integer, Range> ranges(Node slice, GraphIndex index, Rewriter to) {
      return to.isOpen(slice)
          ? null
          : Slices.ranges(
              slice,
              shape(slice.input(0), index, to),
              name -> index.has(name) ? index.constant(name).orElse(null) : to.tensor(name));
    }

    /** Adds the parts if each element is in just one of them. */
    private static void addParts(String value, int axis, long size, List<Cut> cuts, Plan plan) {
      cuts.sort(Comparator.comparingLong(cut -> cut.range().on(size).start()));
      long[] sizes = new long[cuts.size()];
      long covered = 0;
      for (int i = 0; i < sizes.length; i++) {
        Range on = cuts.get(i).range().on(size);
        sizes[i] = on.count();
        if (on.step() != 1 || on.start() != covered || sizes[i] == 0) {
          return;
        }
        covered += sizes[i];
      }
      if (covered == size) {
        for (int i = 0; i < sizes.length; i++) {
          Cut cut = cuts.get(i);
          plan.parts().put(cut.result(), new Part(value, axis, sizes, i, cut.range()));
        }
      }
    }
  }
}
