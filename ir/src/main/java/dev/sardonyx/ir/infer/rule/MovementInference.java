package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that join, part, repeat, pad and reorder tensors. */
final class MovementInference {
  private MovementInference() {}

  static void addTo(Rules rules) {
    rules.add("Concat", MovementInference::concat);
    rules.add("Split", MovementInference::split);
    rules.add("Tile", MovementInference::tile);
    rules.add("Pad", MovementInference::pad);
    rules.add("CenterCropPad", MovementInference::centerCropPad);
    rules.add("ReverseSequence", MovementInference::reverseSequence);
    rules.add("Trilu", MovementInference::trilu);
  }

  private static void concat(InferenceContext c) {
    int rank = -1;
    int first = -1;
    for (int i = 0; i < c.inputs(); i++) {
      Shape shape = c.inputShape(i);
      if (shape.isRanked() && rank < 0) {
        rank = shape.rank();
        first = i;
      } else if (shape.isRanked() && shape.rank() != rank) {
        throw Broadcasting.mismatch(c, first, i, "have different ranks and cannot be joined");
      }
    }
    if (rank < 0) {
      return;
    }
    if (rank == 0) {
      throw c.rankError(first, "of at least 1");
    }
    // Version 1 joins along axis 1 unless told otherwise.
    int axis =
        Axes.normalize(
            "axis", c.since() < 4 ? c.intAttribute("axis", 1) : c.intAttribute("axis"), rank);
    Shape joined = null;
    for (int i = 0; i < c.inputs(); i++) {
      Shape shape = c.inputShape(i).isRanked() ? c.inputShape(i) : Shape.ofRank(rank);
      joined = joined == null ? shape : join(c, joined, shape, axis, first, i);
    }
    c.setOutputShape(0, joined == null ? Shape.UNKNOWN : joined);
    if (axis == 0 && rank == 1) {
      concatValues(c);
    }
  }

  private static Shape join(
      InferenceContext c, Shape joined, Shape next, int axis, int first, int input) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < joined.rank(); i++) {
      Dim a = joined.dim(i);
      Dim b = next.dim(i);
      if (i == axis) {
        dims.add(a.plus(b));
      } else if (a.isCompatibleWith(b)) {
        dims.add(TypeMerge.both(a, b));
      } else {
        throw Broadcasting.mismatch(
            c, first, input, "differ at axis " + i + "; only axis " + axis + " may when joined");
      }
    }
    return Shape.of(dims);
  }

  private static void concatValues(InferenceContext c) {
    if (!ValuePropagation.anyKnown(c)) {
      return;
    }
    List<Dim> elements = new ArrayList<>();
    long denominator = 1;
    for (int i = 0; i < c.inputs(); i++) {
      KnownValues values = ValuePropagation.of(c, i);
      if (values == null) {
        return;
      }
      denominator = Math.max(denominator, values.denominator());
    }
    for (int i = 0; i < c.inputs(); i++) {
      KnownValues values = ValuePropagation.of(c, i);
      if (values == null || denominator % values.denominator() != 0) {
        return;
      }
      elements.addAll(ValuePropagation.scale(values, denominator).elements());
    }
    c.setOutputKnown(0, new KnownValues(List.of((long) elements.size()), elements, denominator));
  }

  private static void split(InferenceContext c) {
    Shape shape = c.inputShape(0);
    IntegerOperand parts =
        c.since() == 1 && c.hasInput(1)
            ? IntegerOperand.ofInput(c, "split", 1)
            : IntegerOperand.of(c, "split", 1);
    if (!shape.isRanked()) {
      return;
    }
    int axis = Axes.normalize("axis", c.intAttribute("axis", 0), shape.rank());
    List<Dim> sizes = sizes(c, shape.dim(axis), axis, parts);
    for (int i = 0; i < c.outputs(); i++) {
      c.setOutputShape(i, shape.with(axis, sizes.get(i)));
    }
    splitValues(c, sizes);
  }

  private static List<Dim> sizes(InferenceContext c, Dim dim, int axis, IntegerOperand parts) {
    return parts.given() ? givenSizes(c, dim, axis, parts) : equalSizes(c, dim, axis);
  }

  private static List<Dim> givenSizes(InferenceContext c, Dim dim, int axis, IntegerOperand parts) {
    int count = c.outputs();
    if (parts.count() >= 0 && parts.count() != count) {
      throw parts.wrongCount(count + ", as many as there are outputs");
    }
    List<Dim> sizes = IntStream.range(0, count).mapToObj(parts::get).toList();
    Dim sum = sizes.stream().reduce(Dim.of(0), Dim::plus);
    if (!sum.isCompatibleWith(dim)) {
      throw c.shapeError(
          0,
          "a sum of " + dim,
          "split %s adds up to %s, but axis %d of %s %s is %s"
              .formatted(sizes, sum, axis, c.inputName(0), c.inputShape(0), dim));
    }
    return sizes;
  }

  private static List<Dim> equalSizes(InferenceContext c, Dim dim, int axis) {
    int count = c.outputs();
    long wanted = c.intAttribute("num_outputs", count);
    if (wanted != count) {
      throw c.attributeError(
          "num_outputs",
          Integer.toString(count),
          Long.toString(wanted),
          "num_outputs is " + wanted + ", but the node has " + count + " outputs");
    }
    if (dim.isFixed() && dim.value() % count != 0 && c.since() < 18) {
      throw c.shapeError(
          0,
          "a multiple of " + count + " at axis " + axis,
          "axis %d of %s %s is %s and cannot be split into %d equal parts"
              .formatted(axis, c.inputName(0), c.inputShape(0), dim, count));
    }
    Dim[] sizes = new Dim[count];
    Dim chunk = c.since() < 18 ? dim.floorDiv(count) : dim.ceilDiv(count);
    Arrays.fill(sizes, chunk);
    if (c.since() >= 18) {
      sizes[count - 1] = dim.minus(chunk.times(count - 1L));
    }
    return List.of(sizes);
  }

  private static void splitValues(InferenceContext c, List<Dim> sizes) {
    KnownValues values = c.inputKnown(0);
    if (values == null || values.shape().size() != 1 || !sizes.stream().allMatch(Dim::isFixed)) {
      return;
    }
    int from = 0;
    for (int i = 0; i < c.outputs(); i++) {
      long size = sizes.get(i).value();
      if (size < 0 || size > values.size() - from) {
        return;
      }
      int to = from + (int) size;
      List<Dim> part = values.elements().subList(from, to);
      c.setOutputKnown(i, new KnownValues(List.of((long) part.size()), part, values.denominator()));
      from = to;
    }
  }

  private static void tile(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (c.since() < 6) {
      c.setOutputShape(0, tileOneAxis(c, shape));
      return;
    }
    IntegerOperand repeats = IntegerOperand.ofInput(c, "repeats", 1);
    if (!shape.isRanked()) {
      c.setOutputShape(0, repeats.shapeOfCount());
      return;
    }
    if (repeats.count() >= 0 && repeats.count() != shape.rank()) {
      throw repeats.wrongCount(shape.rank() + ", one an axis of " + c.inputName(0) + " " + shape);
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      dims.add(shape.dim(i).times(repeats.get(i)));
    }
    c.setOutputShape(0, Shape.of(dims));
    KnownValues values = c.inputKnown(0);
    Dim times = shape.rank() == 1 ? repeats.get(0) : Dim.UNKNOWN;
    if (values != null
        && times.isFixed()
        && times.value() <= KnownValues.MAX_ELEMENTS / Math.max(1, values.size())) {
      List<Dim> elements = new ArrayList<>();
      for (int i = 0; i < times.value(); i++) {
        elements.addAll(values.elements());
      }
      c.setOutputKnown(
          0, new KnownValues(List.of((long) elements.size()), elements, values.denominator()));
    }
  }

  /** Version 1 repeats along one axis; both numbers are inputs. */
  private static Shape tileOneAxis(InferenceContext c, Shape shape) {
    double[] tiles = single(c, 1);
    double[] axis = single(c, 2);
    if (!shape.isRanked() || axis == null) {
      return shape.isRanked() ? Shape.ofRank(shape.rank()) : Shape.UNKNOWN;
    }
    int at = Axes.normalize("axis", (long) axis[0], shape.rank());
    return shape.with(at, tiles == null ? Dim.UNKNOWN : shape.dim(at).times((long) tiles[0]));
  }

  private static double @Nullable [] single(InferenceContext c, int input) {
    KnownValues values = c.inputKnown(input);
    double[] numbers = values == null ? null : values.toDoubles().orElse(null);
    return numbers == null || numbers.length != 1 ? null : numbers;
  }

  /** Pads are all begins, then all ends, of every axis or of those that axes names. */
  private static void pad(InferenceContext c) {
    Shape shape = c.inputShape(0);
    IntegerOperand pads = IntegerOperand.of(c, c.since() == 1 ? "paddings" : "pads", 1);
    IntegerOperand axes = IntegerOperand.ofInput(c, "axes", c.since() < 18 ? Integer.MAX_VALUE : 3);
    if (!shape.isRanked()) {
      return;
    }
    int rank = shape.rank();
    long[] numbers = axes.numbers();
    long padded = numbers != null ? numbers.length : axes.given() ? axes.count() : rank;
    if (pads.count() >= 0 && padded >= 0 && pads.count() != 2 * padded) {
      throw pads.wrongCount(2 * padded + ", two an axis of " + c.inputName(0) + " " + shape);
    }
    if (axes.given() && numbers == null) {
      c.setOutputShape(0, Shape.ofRank(rank));
      return;
    }
    if (numbers != null) {
      Axes.normalize("axes", numbers, rank); // refuses repetition
    }
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < padded; i++) {
      int axis = numbers == null ? i : Axes.normalize("axes", numbers[i], rank);
      Dim after = pads.get(i + (int) padded);
      Dim size = dims.get(axis).plus(pads.get(i)).plus(after);
      if (size.isFixed() && size.value() < 0) {
        throw c.shapeError(
            0,
            "a size of at least 0 along axis " + axis,
            "padding axis "
                + axis
                + " of "
                + c.inputName(0)
                + " "
                + shape
                + " by "
                + pads.get(i)
                + " and "
                + after
                + " leaves "
                + size);
      }
      dims.set(axis, size);
    }
    c.setOutputShape(0, Shape.of(dims));
  }

  private static void centerCropPad(InferenceContext c) {
    Shape shape = c.inputShape(0);
    IntegerOperand target = IntegerOperand.ofInput(c, "shape", 1);
    if (!shape.isRanked()) {
      return;
    }
    long[] axes = c.intsAttribute("axes");
    int count = axes == null ? shape.rank() : axes.length;
    if (target.count() >= 0 && target.count() != count) {
      throw target.wrongCount(count + ", one an axis");
    }
    if (axes != null) {
      Axes.normalize("axes", axes, shape.rank()); // refuses repetition
    }
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < count; i++) {
      dims.set(axes == null ? i : Axes.normalize("axes", axes[i], shape.rank()), target.get(i));
    }
    c.setOutputShape(0, Shape.of(dims));
  }

  private static void reverseSequence(InferenceContext c) {
    Shape shape = c.inputShape(0);
    Shape lengths = c.inputShape(1);
    if (lengths.isRanked() && lengths.rank() != 1) {
      throw c.rankError(1, "1");
    }
    if (shape.isRanked()) {
      if (shape.rank() < 2) {
        throw c.rankError(0, "of at least 2");
      }
      int batch = Axes.attribute(c, "batch_axis", shape.rank());
      int time = Axes.attribute(c, "time_axis", shape.rank());
      if (batch == time) {
        throw c.attributeError(
            "time_axis",
            "another axis than batch_axis",
            Integer.toString(time),
            "batch_axis and time_axis are both " + time);
      }
      if (lengths.isRanked() && !lengths.dim(0).isCompatibleWith(shape.dim(batch))) {
        throw Broadcasting.mismatch(
            c, 0, 1, "differ in the number of sequences, axis " + batch + " of the first");
      }
    }
    c.setOutputShape(0, shape);
  }

  private static void trilu(InferenceContext c) {
    if (c.inputShape(0).isRanked() && c.inputShape(0).rank() < 2) {
      throw c.rankError(0, "of at least 2");
    }
    c.setOutputShape(0, c.inputShape(0));
  }
}
