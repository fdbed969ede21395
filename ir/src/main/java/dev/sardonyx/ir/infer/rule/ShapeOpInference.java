package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;

/** Operators that ask for a shape or give the same elements another one. */
final class ShapeOpInference {
  private ShapeOpInference() {}

  static void addTo(Rules rules) {
    rules.add("Shape", ShapeOpInference::shape);
    rules.add("Size", ShapeOpInference::size);
    rules.add("Reshape", ReshapeInference::reshape);
    rules.add("Flatten", ShapeOpInference::flatten);
    rules.add("Squeeze", ShapeOpInference::squeeze);
    rules.add("Unsqueeze", ShapeOpInference::unsqueeze);
    rules.add("Identity", ShapeOpInference::identity);
    rules.add("Transpose", ShapeOpInference::transpose);
    rules.add("Expand", ShapeOpInference::expand);
    rules.add("DepthToSpace", ShapeOpInference::depthToSpace);
    rules.add("SpaceToDepth", ShapeOpInference::spaceToDepth);
  }

  private static void shape(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      c.setOutputShape(0, Shape.ofRank(1));
      return;
    }
    int rank = shape.rank();
    int start = clamp(c.intAttribute("start", 0), rank);
    int end = clamp(c.intAttribute("end", rank), rank);
    List<Dim> dims = start < end ? shape.dims().subList(start, end) : List.of();
    c.setOutputShape(0, Shape.of((long) dims.size()));
    c.setOutputKnown(0, KnownValues.vector(dims));
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }

  private static void size(InferenceContext c) {
    c.setOutputShape(0, Shape.SCALAR);
    c.setOutputKnown(0, KnownValues.scalar(c.inputShape(0).size()));
  }

  private static void flatten(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      c.setOutputShape(0, Shape.ofRank(2));
      return;
    }
    long given = c.intAttribute("axis");
    if (given < 0 && c.since() < 11) {
      throw c.attributeError(
          "axis",
          "at least 0",
          Long.toString(given),
          "axis " + given + " counts from the end, which Flatten takes from opset 11 on");
    }
    int axis = Axes.normalizeInclusive("axis", given, shape.rank());
    c.setOutputShape(
        0, Shape.of(shape.slice(0, axis).size(), shape.slice(axis, shape.rank()).size()));
    ValuePropagation.keep(c);
  }

  private static void squeeze(InferenceContext c) {
    Shape shape = c.inputShape(0);
    IntegerOperand axes = IntegerOperand.of(c, "axes", 1);
    if (!shape.isRanked()) {
      return;
    }
    if (!axes.given()) {
      // Which dimensions are 1 must be certain, or else not even the rank is known.
      boolean certain =
          shape.dims().stream().allMatch(d -> d.isFixed() || d.minus(2).isNonNegative());
      if (certain) {
        c.setOutputShape(0, Shape.of(shape.dims().stream().filter(d -> !d.isFixed(1)).toList()));
        ValuePropagation.keep(c);
      }
      return;
    }
    long[] numbers = axes.numbers();
    if (numbers == null) {
      if (axes.count() >= 0 && axes.count() <= shape.rank()) {
        c.setOutputShape(0, Shape.ofRank(shape.rank() - axes.count()));
      }
      return;
    }
    Set<Integer> squeezed = Axes.normalize("axes", numbers, shape.rank());
    for (int axis : squeezed) {
      if (!shape.dim(axis).isCompatibleWith(Dim.of(1))) {
        throw c.shapeError(
            0,
            "1 at axis " + axis,
            "axis "
                + axis
                + " of "
                + c.inputName(0)
                + " "
                + shape
                + " is "
                + shape.dim(axis)
                + " and cannot be squeezed; only 1 can");
      }
    }
    c.setOutputShape(0, ReductionInference.without(shape, squeezed, false));
    ValuePropagation.keep(c);
  }

  private static void unsqueeze(InferenceContext c) {
    Shape shape = c.inputShape(0);
    IntegerOperand axes = IntegerOperand.of(c, "axes", 1);
    if (!axes.given() && c.schema().attribute("axes").isPresent()) {
      throw c.attributeError("axes", "numbers", "none", "attribute axes (INTS) is missing");
    }
    if (!shape.isRanked() || !axes.shapeOfCount().isRanked()) {
      return;
    }
    int rank = shape.rank() + axes.count();
    long[] numbers = axes.numbers();
    if (numbers == null) {
      c.setOutputShape(0, Shape.ofRank(rank));
      return;
    }
    SortedSet<Integer> added = Axes.normalize("axes", numbers, rank);
    List<Dim> dims = new ArrayList<>(shape.dims());
    added.forEach(axis -> dims.add(axis, Dim.of(1)));
    c.setOutputShape(0, Shape.of(dims));
    ValuePropagation.keep(c);
  }

  private static void identity(InferenceContext c) {
    c.setOutputType(0, c.inputType(0));
    c.setOutputElementsOf(0, 0);
  }

  private static void transpose(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      return;
    }
    int[] permutation = permutation(c, shape);
    List<Dim> dims = new ArrayList<>();
    for (int axis : permutation) {
      dims.add(shape.dim(axis));
    }
    c.setOutputShape(0, Shape.of(dims));
    KnownValues values = c.inputKnown(0);
    if (values != null) {
      c.setOutputKnown(0, ValueSelection.transpose(values, permutation));
    }
  }

  private static int[] permutation(InferenceContext c, Shape shape) {
    int rank = shape.rank();
    long[] given = c.intsAttribute("perm");
    int[] permutation = new int[rank];
    if (given == null) {
      for (int i = 0; i < rank; i++) {
        permutation[i] = rank - 1 - i;
      }
      return permutation;
    }
    String text = java.util.Arrays.toString(given);
    if (given.length != rank) {
      throw c.attributeError(
          "perm",
          rank + " axes",
          text,
          "perm "
              + text
              + " has "
              + given.length
              + " axes, but "
              + c.inputName(0)
              + " has shape "
              + shape);
    }
    boolean[] seen = new boolean[rank];
    for (int i = 0; i < rank; i++) {
      permutation[i] = Axes.normalize("perm", given[i], rank);
      if (seen[permutation[i]]) {
        throw c.attributeError(
            "perm", "each axis once", text, "perm " + text + " names axis " + given[i] + " twice");
      }
      seen[permutation[i]] = true;
    }
    return permutation;
  }

  private static void expand(InferenceContext c) {
    IntegerOperand target = IntegerOperand.ofInput(c, "shape", 1);
    Shape wanted = target.values() != null ? target.values().toShape() : target.shapeOfCount();
    Shape shape = Broadcasting.of(c.inputShape(0), wanted);
    if (shape == null) {
      throw c.shapeError(
          0,
          "a shape that can be expanded to " + wanted,
          "input "
              + c.inputName(0)
              + " of shape "
              + c.inputShape(0)
              + " cannot be expanded to "
              + wanted
              + " ("
              + c.inputName(1)
              + ")");
    }
    c.setOutputShape(0, shape);
    KnownValues values = c.inputKnown(0);
    if (values != null
        && shape.isStatic()
        && shape.size().isFixed()
        && shape.size().value() <= KnownValues.MAX_ELEMENTS) {
      List<Dim> elements = new ArrayList<>();
      for (int i : ValuePropagation.positions(shape, values.shape())) {
        elements.add(values.get(i));
      }
      c.setOutputKnown(
          0, new KnownValues(ValuePropagation.longs(shape), elements, values.denominator()));
    }
  }

  private static long blockSize(InferenceContext c) {
    long block = c.intAttribute("blocksize");
    if (block < 1 || block > Integer.MAX_VALUE) {
      throw c.attributeError(
          "blocksize",
          "from 1 to " + Integer.MAX_VALUE,
          Long.toString(block),
          "blocksize " + block + " is not from 1 to " + Integer.MAX_VALUE);
    }
    Shape shape = c.inputShape(0);
    if (shape.isRanked() && shape.rank() != 4) {
      throw c.rankError(0, "4");
    }
    return block;
  }

  private static void depthToSpace(InferenceContext c) {
    long block = blockSize(c);
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      c.setOutputShape(0, Shape.ofRank(4));
      return;
    }
    checkMultiple(c, 1, block * block);
    c.setOutputShape(
        0,
        Shape.of(
            shape.dim(0),
            shape.dim(1).floorDiv(block * block),
            shape.dim(2).times(block),
            shape.dim(3).times(block)));
  }

  private static void spaceToDepth(InferenceContext c) {
    long block = blockSize(c);
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      c.setOutputShape(0, Shape.ofRank(4));
      return;
    }
    checkMultiple(c, 2, block);
    checkMultiple(c, 3, block);
    c.setOutputShape(
        0,
        Shape.of(
            shape.dim(0),
            shape.dim(1).times(block * block),
            shape.dim(2).floorDiv(block),
            shape.dim(3).floorDiv(block)));
  }

  private static void checkMultiple(InferenceContext c, int axis, long of) {
    Dim dim = c.inputShape(0).dim(axis);
    if (dim.isFixed() && dim.value() % of != 0) {
      throw c.shapeError(
          0,
          "a multiple of " + of + " at axis " + axis,
          "axis "
              + axis
              + " of "
              + c.inputName(0)
              + " "
              + c.inputShape(0)
              + " is "
              + dim
              + ", not a multiple of "
              + of);
    }
  }
}
