package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import java.util.ArrayList;
import java.util.List;

/** Reshape: 0 copies a dimension, -1 takes what is left; both may be computed and symbolic. */
final class ReshapeInference {
  private ReshapeInference() {}

  static void reshape(InferenceContext c) {
    IntegerOperand target = IntegerOperand.of(c, "shape", 1);
    if (!target.given()) {
      return;
    }
    if (target.values() == null) {
      c.setOutputShape(0, target.shapeOfCount());
      return;
    }
    c.setOutputShape(0, reshaped(c, target.values().elements()));
    ValuePropagation.keep(c);
  }

  private static Shape reshaped(InferenceContext c, List<Dim> target) {
    Shape shape = c.inputShape(0);
    boolean zeroCopies = !c.flag("allowzero");
    List<Dim> dims = new ArrayList<>();
    // What is left of the input once equal dimensions on both sides are struck out.
    List<Dim> left = shape.isRanked() ? new ArrayList<>(shape.dims()) : new ArrayList<>();
    List<Dim> others = new ArrayList<>();
    int open = -1;
    for (int i = 0; i < target.size(); i++) {
      Dim wanted = target.get(i);
      if (wanted.isFixed() && wanted.value() < -1) {
        throw bad(c, target, "has " + wanted + " at axis " + i);
      }
      if (wanted.isFixed(-1)) {
        if (open >= 0) {
          throw bad(c, target, "has -1 twice");
        }
        open = i;
        dims.add(Dim.UNKNOWN);
      } else if (wanted.isFixed(0) && zeroCopies) {
        Dim dim = copied(c, target, i);
        dims.add(dim);
        if (!left.remove(dim)) {
          others.add(dim);
        }
      } else {
        dims.add(wanted);
        if (!wanted.isKnown() || !left.remove(wanted)) {
          others.add(wanted);
        }
      }
    }
    if (!zeroCopies && open >= 0 && target.contains(Dim.of(0))) {
      throw bad(c, target, "has both 0 and -1, which allowzero forbids");
    }
    if (shape.isRanked()) {
      fill(c, target, dims, left, others, open);
    }
    return Shape.of(dims);
  }

  private static Dim copied(InferenceContext c, List<Dim> target, int axis) {
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      return Dim.UNKNOWN;
    }
    if (axis >= shape.rank()) {
      throw bad(c, target, "copies axis " + axis + ", which the input does not have");
    }
    return shape.dim(axis);
  }

  /** Finds what -1 stands for, or checks the sizes where there is none. */
  private static void fill(
      InferenceContext c,
      List<Dim> target,
      List<Dim> dims,
      List<Dim> left,
      List<Dim> others,
      int open) {
    Dim remaining = product(left);
    Dim taken = product(others);
    boolean fixed = remaining.isFixed() && taken.isFixed();
    if (open < 0) {
      if (fixed && !remaining.equals(taken) && !product(dims).isFixed(0)) {
        throw bad(c, target, "holds a different number of elements");
      }
      solve(dims, others, remaining);
      return;
    }
    if (fixed && taken.value() != 0 && remaining.value() % taken.value() != 0) {
      throw bad(c, target, "does not divide the number of elements");
    }
    if (taken.isFixed(0)) {
      return; // any size in the place of -1 gives 0 elements
    }
    dims.set(open, remaining.floorDiv(taken));
  }

  /** A single unknown dimension follows from the number of elements. */
  private static void solve(List<Dim> dims, List<Dim> others, Dim remaining) {
    long unknowns = others.stream().filter(d -> !d.isKnown()).count();
    int at = dims.indexOf(Dim.UNKNOWN);
    if (unknowns == 1 && at == dims.lastIndexOf(Dim.UNKNOWN)) {
      Dim rest = product(others.stream().filter(Dim::isKnown).toList());
      if (!rest.isFixed(0)) {
        dims.set(at, remaining.floorDiv(rest));
      }
    }
  }

  private static Dim product(List<Dim> dims) {
    return dims.stream().reduce(Dim.of(1), Dim::times);
  }

  private static InferenceException bad(InferenceContext c, List<Dim> target, String reason) {
    Shape wanted = Shape.of(target);
    return new InferenceException(
        ProblemCode.SHAPE_MISMATCH,
        c.inputs() > 1 ? c.inputName(1) : "shape",
        "a shape of as many elements as " + c.inputShape(0),
        wanted.toString(),
        "input "
            + c.inputName(0)
            + " of shape "
            + c.inputShape(0)
            + " cannot be reshaped to "
            + wanted
            + (c.inputs() > 1 ? " (" + c.inputName(1) + ")" : "")
            + ": it "
            + reason);
  }
}
