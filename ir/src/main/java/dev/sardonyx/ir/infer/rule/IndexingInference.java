package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;

/** Operators that pick or place elements by index, or tell the indices of elements. */
final class IndexingInference {
  private IndexingInference() {}

  static void addTo(Rules rules) {
    rules.add("Gather", IndexingInference::gather);
    rules.add("GatherElements", IndexingInference::gatherElements);
    rules.add("GatherND", IndexingInference::gatherNd);
    rules.add("Scatter", IndexingInference::scatterElements);
    rules.add("ScatterElements", IndexingInference::scatterElements);
    rules.add("ScatterND", IndexingInference::scatterNd);
    rules.add("TensorScatter", IndexingInference::tensorScatter);
    rules.add("TopK", IndexingInference::topK);
    rules.add("Unique", IndexingInference::unique);
    rules.add("NonZero", IndexingInference::nonZero);
    rules.add("Compress", IndexingInference::compress);
    rules.add("OneHot", IndexingInference::oneHot);
  }

  private static void gather(InferenceContext c) {
    Shape data = c.inputShape(0);
    Shape indices = c.inputShape(1);
    if (!data.isRanked()) {
      return;
    }
    if (data.rank() == 0) {
      throw c.rankError(0, "of at least 1");
    }
    int axis = Axes.attribute(c, "axis", data.rank());
    checkIndices(c, data.dim(axis), axis);
    if (!indices.isRanked()) {
      return;
    }
    c.setOutputShape(
        0, data.slice(0, axis).concat(indices).concat(data.slice(axis + 1, data.rank())));
    KnownValues values = c.inputKnown(0);
    KnownValues picked = c.inputKnown(1);
    if (values != null && picked != null && picked.isStatic() && data.rank() == 1) {
      List<Dim> elements = new ArrayList<>();
      for (long index : picked.toLongs()) {
        if (index < -values.size() || index >= values.size()) {
          return;
        }
        elements.add(values.get((int) (index < 0 ? index + values.size() : index)));
      }
      c.setOutputKnown(0, new KnownValues(picked.shape(), elements, values.denominator()));
    }
  }

  /** Constant indices must lie within the axis. */
  private static void checkIndices(InferenceContext c, Dim size, int axis) {
    KnownValues indices = c.inputKnown(1);
    if (indices == null || !size.isFixed()) {
      return;
    }
    for (Dim index : indices.elements()) {
      if (index.isFixed() && (index.value() < -size.value() || index.value() >= size.value())) {
        throw c.attributeError(
            c.inputName(1),
            "from " + -size.value() + " to " + (size.value() - 1),
            index.toString(),
            "index "
                + index
                + " of "
                + c.inputName(1)
                + " is outside axis "
                + axis
                + " of "
                + c.inputName(0)
                + " "
                + c.inputShape(0));
      }
    }
  }

  private static void gatherElements(InferenceContext c) {
    sameRank(c, 0, 1);
    if (c.inputShape(0).isRanked() && c.inputShape(0).rank() > 0) {
      Axes.attribute(c, "axis", c.inputShape(0).rank());
    }
    c.setOutputShape(0, c.inputShape(1));
  }

  private static void sameRank(InferenceContext c, int i, int j) {
    Shape a = c.inputShape(i);
    Shape b = c.inputShape(j);
    if (a.isRanked() && b.isRanked() && a.rank() != b.rank()) {
      throw Broadcasting.mismatch(c, i, j, "must have the same rank");
    }
  }

  private static void gatherNd(InferenceContext c) {
    Shape data = c.inputShape(0);
    Shape indices = c.inputShape(1);
    if (!data.isRanked() || !indices.isRanked()) {
      return;
    }
    for (int i = 0; i < 2; i++) {
      if (c.inputShape(i).rank() == 0) {
        throw c.rankError(i, "of at least 1");
      }
    }
    long batch = c.intAttribute("batch_dims", 0);
    if (batch < 0 || batch >= Math.min(data.rank(), indices.rank())) {
      throw c.attributeError(
          "batch_dims",
          "from 0 to " + (Math.min(data.rank(), indices.rank()) - 1),
          Long.toString(batch),
          "batch_dims "
              + batch
              + " does not suit "
              + c.inputName(0)
              + " "
              + data
              + " and "
              + c.inputName(1)
              + " "
              + indices);
    }
    Dim depth = indices.dim(-1);
    if (!depth.isFixed()) {
      return;
    }
    if (depth.value() > data.rank() - batch) {
      throw Broadcasting.mismatch(
          c, 0, 1, "do not fit: indices of length " + depth + " are too long");
    }
    int used = (int) (batch + depth.value());
    c.setOutputShape(0, indices.slice(0, indices.rank() - 1).concat(data.slice(used, data.rank())));
  }

  private static void scatterElements(InferenceContext c) {
    sameRank(c, 0, 1);
    Broadcasting.same(c, 1, 2);
    Shape data = c.inputShape(0);
    if (data.isRanked() && data.rank() > 0) {
      Axes.attribute(c, "axis", data.rank());
    }
    c.setOutputShape(0, data);
    KnownValues values = c.inputKnown(0);
    if (values != null && values.shape().size() == 1 && isPlain(c)) {
      scatterValues(c, values);
    }
  }

  private static boolean isPlain(InferenceContext c) {
    return c.stringAttribute("reduction", "none").equals("none");
  }

  /** Puts elements of a known vector in other places' stead. */
  private static void scatterValues(InferenceContext c, KnownValues values) {
    KnownValues indices = c.inputKnown(1);
    KnownValues updates = ValuePropagation.of(c, 2);
    if (indices == null
        || updates == null
        || !indices.isStatic()
        || updates.size() != indices.size()
        || updates.denominator() != values.denominator()) {
      return;
    }
    List<Dim> elements = new ArrayList<>(values.elements());
    long[] at = indices.toLongs();
    for (int i = 0; i < at.length; i++) {
      long index = at[i] < 0 ? at[i] + elements.size() : at[i];
      if (index < 0 || index >= elements.size()) {
        return;
      }
      elements.set((int) index, updates.get(i));
    }
    c.setOutputKnown(0, new KnownValues(values.shape(), elements, values.denominator()));
  }

  private static void scatterNd(InferenceContext c) {
    Shape data = c.inputShape(0);
    Shape indices = c.inputShape(1);
    Shape updates = c.inputShape(2);
    c.setOutputShape(0, data);
    if (data.isRanked() && indices.isRanked() && indices.rank() > 0 && indices.dim(-1).isFixed()) {
      long depth = indices.dim(-1).value();
      if (depth > data.rank()) {
        throw Broadcasting.mismatch(
            c, 0, 1, "do not fit: indices of length " + depth + " are too long");
      }
      Shape expected =
          indices.slice(0, indices.rank() - 1).concat(data.slice((int) depth, data.rank()));
      if (!expected.isCompatibleWith(updates)) {
        throw c.shapeError(
            2,
            expected.toString(),
            "updates "
                + c.inputName(2)
                + " "
                + updates
                + " must have shape "
                + expected
                + " for data "
                + c.inputName(0)
                + " "
                + data
                + " and indices "
                + c.inputName(1)
                + " "
                + indices);
      }
      KnownValues values = c.inputKnown(0);
      if (values != null && data.rank() == 1 && depth == 1 && isPlain(c)) {
        scatterValues(c, values);
      }
    }
  }

  /** The cache keeps its shape; what is written to it must fit. */
  private static void tensorScatter(InferenceContext c) {
    Shape cache = c.inputShape(0);
    Shape update = c.inputShape(1);
    c.setOutputShape(0, cache);
    Expect.vector(c, 2, c.inputDim(0, 0), "the batch of", 0);
    sameRank(c, 0, 1);
    if (!cache.isRanked() || !update.isRanked()) {
      return;
    }
    int axis = Axes.attribute(c, "axis", cache.rank());
    for (int i = 0; i < cache.rank(); i++) {
      boolean fits =
          i == axis
              ? !(update.dim(i).isFixed()
                  && cache.dim(i).isFixed()
                  && update.dim(i).value() > cache.dim(i).value())
              : cache.dim(i).isCompatibleWith(update.dim(i));
      if (!fits) {
        throw Broadcasting.mismatch(
            c, 0, 1, "do not fit at axis " + i + "; only axis " + axis + " may be shorter");
      }
    }
  }

  private static void topK(InferenceContext c) {
    Shape shape = c.inputShape(0);
    c.setOutputElementType(1, ElementType.INT64);
    if (!shape.isRanked()) {
      return;
    }
    if (shape.rank() == 0) {
      throw c.rankError(0, "of at least 1");
    }
    int axis = Axes.attribute(c, "axis", shape.rank());
    Dim k = c.since() < 10 ? Dim.of(c.intAttribute("k")) : one(c, 1);
    Dim size = shape.dim(axis);
    if (k.isFixed() && (k.value() < 0 || size.isFixed() && k.value() > size.value())) {
      throw c.attributeError(
          c.since() < 10 ? "k" : c.inputName(1),
          "from 0 to " + size,
          k.toString(),
          "k "
              + k
              + " is not from 0 to "
              + size
              + ", the size of axis "
              + axis
              + " of "
              + c.inputName(0)
              + " "
              + shape);
    }
    c.setOutputShape(0, shape.with(axis, k));
    c.setOutputShape(1, shape.with(axis, k));
  }

  /** The one number of a scalar or vector input, as far as it is known. */
  private static Dim one(InferenceContext c, int input) {
    Shape shape = c.inputShape(input);
    if (shape.isRanked() && !shape.size().isCompatibleWith(Dim.of(1))) {
      throw c.shapeError(
          input, "[1]", "input " + c.inputName(input) + " " + shape + " must hold one number");
    }
    KnownValues values = c.inputKnown(input);
    return values != null && values.size() == 1 && values.isWhole() ? values.get(0) : Dim.UNKNOWN;
  }

  private static void unique(InferenceContext c) {
    Shape shape = c.inputShape(0);
    boolean along = c.hasAttribute("axis");
    if (!along) {
      c.setOutputShape(0, Shape.ofRank(1));
    } else if (shape.isRanked()) {
      c.setOutputShape(0, shape.with(Axes.attribute(c, "axis", shape.rank()), Dim.UNKNOWN));
    }
    for (int i = 1; i < c.outputs(); i++) {
      c.setOutputType(i, ElementType.INT64, Shape.ofRank(1));
    }
    if (shape.isRanked()) {
      Dim inverse = along ? shape.dim(Axes.attribute(c, "axis", shape.rank())) : shape.size();
      c.setOutputShape(2, Shape.of(inverse));
    }
  }

  /** [rank, count]; a scalar counts as a vector. */
  private static void nonZero(InferenceContext c) {
    Shape shape = c.inputShape(0);
    Dim rank = shape.isRanked() ? Dim.of(shape.rank()) : Dim.UNKNOWN;
    c.setOutputShape(0, Shape.of(rank, Dim.UNKNOWN));
    KnownValues values = c.inputKnown(0);
    if (values != null && values.isStatic() && values.shape().size() == 1) {
      List<Dim> indices = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        if (!values.get(i).isFixed(0)) {
          indices.add(Dim.of(i));
        }
      }
      c.setOutputShape(0, Shape.of(1, indices.size()));
      c.setOutputKnown(0, new KnownValues(List.of(1L, (long) indices.size()), indices));
    }
  }

  private static void compress(InferenceContext c) {
    Shape shape = Expect.rankAtLeast(c, 0, 1);
    Shape condition = c.inputShape(1);
    if (condition.isRanked() && condition.rank() != 1) {
      throw c.rankError(1, "1");
    }
    Dim count = trueCount(c);
    if (!c.hasAttribute("axis")) {
      c.setOutputShape(0, Shape.of(count));
    } else if (shape.isRanked()) {
      c.setOutputShape(0, shape.with(Axes.attribute(c, "axis", shape.rank()), count));
    }
  }

  /** How often a constant condition is true; it may be shorter than the axis, and so decides. */
  private static Dim trueCount(InferenceContext c) {
    KnownValues condition = c.inputKnown(1);
    if (condition == null || !condition.isStatic()) {
      return Dim.UNKNOWN;
    }
    return Dim.of(condition.elements().stream().filter(d -> !d.isFixed(0)).count());
  }

  private static void oneHot(InferenceContext c) {
    Shape indices = Expect.rankAtLeast(c, 0, 1);
    Shape values = c.inputShape(2);
    if (values.isRanked() && values.rank() != 1) {
      throw c.rankError(2, "1");
    }
    if (values.isRanked() && !values.dim(0).isCompatibleWith(Dim.of(2))) {
      throw c.shapeError(
          2,
          "[2]",
          "values " + c.inputName(2) + " " + values + " must be the off and the on value, [2]");
    }
    if (!indices.isRanked()) {
      return;
    }
    int rank = indices.rank() + 1;
    int axis = Axes.attribute(c, "axis", rank);
    Dim depth = depth(c);
    c.setOutputShape(
        0, indices.slice(0, axis).concat(Shape.of(depth)).concat(indices.slice(axis, rank - 1)));
  }

  /** The number of classes, which may come as a float. */
  private static Dim depth(InferenceContext c) {
    Dim known = one(c, 1);
    Tensor constant = known.isKnown() ? null : c.inputConstant(1);
    if (constant == null || constant.elementType().bits() == 0 || constant.size() != 1) {
      return known;
    }
    return Dim.of((long) constant.toScalar());
  }
}
