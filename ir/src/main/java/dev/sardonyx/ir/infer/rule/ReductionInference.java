package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Reductions: ReduceSum and its kin, ArgMax and ArgMin. */
final class ReductionInference {
  private ReductionInference() {}

  static void addTo(Rules rules) {
    for (String name :
        List.of(
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMean",
            "ReduceSumSquare")) {
      rules.add(name, c -> reduce(c, null));
    }
    rules.add("ReduceSum", c -> reduce(c, Dim::plus));
    rules.add("ReduceProd", c -> reduce(c, Dim::times));
    rules.add("ReduceMax", c -> reduce(c, Dim::max));
    rules.add("ReduceMin", c -> reduce(c, Dim::min));
    rules.add("ArgMax", ReductionInference::argument);
    rules.add("ArgMin", ReductionInference::argument);
  }

  private static void reduce(InferenceContext c, @Nullable BinaryOperator<Dim> operation) {
    Shape shape = c.inputShape(0);
    IntegerOperand axes = IntegerOperand.of(c, "axes", 1);
    boolean keep = c.intAttribute("keepdims", 1) != 0;
    boolean none = !axes.given() || axes.count() == 0;
    if (none && c.flag("noop_with_empty_axes")) {
      c.setOutputShape(0, shape);
      ValuePropagation.keep(c);
      return;
    }
    if (!shape.isRanked()) {
      // All axes at once leave one number, whatever the rank.
      c.setOutputShape(0, none && !keep ? Shape.SCALAR : Shape.UNKNOWN);
      return;
    }
    long[] numbers = none ? null : axes.numbers();
    if (none) {
      c.setOutputShape(0, keep ? ones(shape.rank()) : Shape.SCALAR);
    } else if (numbers != null) {
      c.setOutputShape(0, without(shape, Axes.normalize("axes", numbers, shape.rank()), keep));
    } else if (keep) {
      c.setOutputShape(0, Shape.ofRank(shape.rank()));
    } else if (axes.count() >= 0 && axes.count() <= shape.rank()) {
      c.setOutputShape(0, Shape.ofRank(shape.rank() - axes.count()));
    }
    boolean whole = none || numbers != null && numbers.length == shape.rank();
    KnownValues values = c.inputKnown(0);
    if (operation != null && whole && values != null && values.isWhole() && values.size() > 0) {
      Dim result = values.elements().stream().reduce(operation).orElse(Dim.UNKNOWN);
      c.setOutputKnown(
          0,
          new KnownValues(
              ValuePropagation.longs(keep ? ones(shape.rank()) : Shape.SCALAR), List.of(result)));
    }
  }

  private static Shape ones(int rank) {
    long[] ones = new long[rank];
    java.util.Arrays.fill(ones, 1);
    return Shape.of(ones);
  }

  /** The shape whose given axes are reduced: to 1 if kept, left out otherwise. */
  static Shape without(Shape shape, Set<Integer> axes, boolean keep) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (!axes.contains(i)) {
        dims.add(shape.dim(i));
      } else if (keep) {
        dims.add(Dim.of(1));
      }
    }
    return Shape.of(dims);
  }

  private static void argument(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      return;
    }
    int axis = Axes.attribute(c, "axis", shape.rank());
    if (shape.dim(axis).isFixed(0)) {
      throw c.shapeError(
          0,
          "at least one element along axis " + axis,
          "axis "
              + axis
              + " of "
              + c.inputName(0)
              + " "
              + shape
              + " has no elements to choose from");
    }
    c.setOutputShape(0, without(shape, Set.of(axis), c.intAttribute("keepdims", 1) != 0));
  }
}
