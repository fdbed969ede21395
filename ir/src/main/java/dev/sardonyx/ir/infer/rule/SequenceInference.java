package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.infer.NodeInference;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences and optionals. A sequence's items may differ in shape; its type says what they share.
 */
final class SequenceInference {
  private SequenceInference() {}

  static void addTo(Rules rules) {
    rules.add("SequenceConstruct", SequenceInference::sequenceConstruct);
    rules.add("SequenceEmpty", SequenceInference::sequenceEmpty);
    rules.add("SequenceAt", SequenceInference::sequenceAt);
    rules.add("SequenceInsert", SequenceInference::sequenceInsert);
    rules.add("SequenceErase", SequenceInference::sequenceErase);
    rules.add("SequenceLength", SequenceInference::sequenceLength);
    rules.add("ConcatFromSequence", SequenceInference::concatFromSequence);
    rules.add("SplitToSequence", SequenceInference::splitToSequence);
    rules.add("Optional", SequenceInference::optional);
    rules.add("OptionalGetElement", SequenceInference::optionalGetElement);
    rules.add("OptionalHasElement", c -> c.setOutputType(0, ElementType.BOOL, Shape.SCALAR));
  }

  /** The type of a sequence's items; unknown if the input is not known to be a sequence. */
  static ValueType item(InferenceContext c, int input) {
    return c.inputType(input) instanceof SequenceType sequence
        ? sequence.element()
        : ValueType.unknown();
  }

  private static Shape itemShape(InferenceContext c) {
    return item(c, 0) instanceof TensorType tensor ? tensor.shape() : Shape.UNKNOWN;
  }

  /** How many items an input has. */
  static Dim length(InferenceContext c, int input) {
    KnownValues length = c.inputKnown(input);
    return length == null ? Dim.UNKNOWN : length.get(0);
  }

  private static void length(InferenceContext c, Dim length) {
    if (length.isKnown()) {
      c.setOutputKnown(0, KnownValues.scalar(length));
    }
  }

  private static void sequenceConstruct(InferenceContext c) {
    ValueType items = c.inputType(0);
    for (int i = 1; i < c.inputs(); i++) {
      items = either(c, i, items, c.inputType(i));
    }
    c.setOutputType(0, new SequenceType(items));
    length(c, Dim.of(c.inputs()));
  }

  private static void sequenceEmpty(InferenceContext c) {
    ElementType type = c.elementTypeAttribute("dtype").orElse(ElementType.FLOAT);
    c.setOutputType(0, new SequenceType(TensorType.of(type, Shape.UNKNOWN)));
    length(c, Dim.of(0));
  }

  private static void sequenceAt(InferenceContext c) {
    position(c, 1, 0);
    c.setOutputType(0, item(c, 0));
  }

  /** An empty sequence says nothing of its items, so the new item's type counts. */
  private static void sequenceInsert(InferenceContext c) {
    position(c, 2, 1);
    ValueType items = either(c, 1, item(c, 0), c.inputType(1));
    boolean first = length(c, 0).isFixed(0) && c.inputType(1).isKnown();
    c.setOutputType(0, new SequenceType(first ? c.inputType(1) : items));
    length(c, length(c, 0).plus(1));
  }

  private static void sequenceErase(InferenceContext c) {
    position(c, 1, 0);
    c.setOutputType(0, c.inputType(0));
    length(c, length(c, 0).minus(1));
  }

  private static void sequenceLength(InferenceContext c) {
    c.setOutputType(0, ElementType.INT64, Shape.SCALAR);
    length(c, length(c, 0));
  }

  /**
   * Demands that a position, if known, is in a sequence whose length is known.
   *
   * @param beyond how far it may be behind the last item
   */
  private static void position(InferenceContext c, int input, int beyond) {
    KnownValues position = c.inputKnown(input);
    Dim length = length(c, 0);
    if (position == null || position.size() != 1 || !position.isStatic() || !length.isFixed()) {
      return;
    }
    long at = position.get(0).value();
    long last = length.value() - 1 + beyond;
    if (at < -length.value() || at > last) {
      throw new InferenceException(
          ProblemCode.ATTRIBUTE_VALUE,
          c.inputName(input),
          "from " + -length.value() + " to " + last,
          Long.toString(at),
          "position "
              + at
              + " in "
              + c.inputName(input)
              + " is outside of sequence "
              + c.inputName(0)
              + ", which has "
              + length
              + " items");
    }
  }

  private static ValueType either(InferenceContext c, int input, ValueType items, ValueType added) {
    if (!items.isKnown() || !added.isKnown()) {
      return NodeInference.withoutShape(items.isKnown() ? items : added);
    }
    return TypeMerge.either(items, added)
        .orElseThrow(
            () ->
                new InferenceException(
                    ProblemCode.TYPE_BINDING,
                    c.inputName(input),
                    items.toString(),
                    added.toString(),
                    "input "
                        + c.inputName(input)
                        + " has type "
                        + added
                        + ", but the sequence's items have "
                        + items));
  }

  private static void concatFromSequence(InferenceContext c) {
    Shape items = itemShape(c);
    boolean newAxis = c.flag("new_axis");
    if (item(c, 0) instanceof TensorType tensor) {
      c.setOutputElementType(0, tensor.elementType());
    }
    if (!items.isRanked()) {
      return;
    }
    int axis = Axes.attribute(c, "axis", newAxis ? items.rank() + 1 : items.rank());
    List<Dim> dims = new ArrayList<>(items.dims());
    if (newAxis) {
      dims.add(axis, length(c, 0));
    } else {
      dims.set(axis, items.dim(axis).times(length(c, 0)));
    }
    c.setOutputShape(0, Shape.of(dims));
  }

  /** Without a split each item has one position, and keepdims says whether its axis stays. */
  private static void splitToSequence(InferenceContext c) {
    Shape data = c.inputShape(0);
    Shape items = Shape.UNKNOWN;
    if (data.isRanked()) {
      int axis = Axes.attribute(c, "axis", data.rank());
      if (c.hasInput(1)) {
        if (c.inputShape(1).equals(Shape.of(0))) {
          throw c.shapeError(
              1, "at least one length", "split " + c.inputName(1) + " names no lengths");
        }
        items = data.with(axis, partSize(c, axis));
      } else if (c.intAttribute("keepdims", 1) != 0) {
        items = data.with(axis, Dim.of(1));
      } else {
        items = data.slice(0, axis).concat(data.slice(axis + 1, data.rank()));
      }
      length(c, parts(c, axis));
    }
    c.setOutputType(0, new SequenceType(TensorType.of(c.inputElementType(0), items)));
  }

  private static Dim parts(InferenceContext c, int axis) {
    if (!c.hasInput(1)) {
      return c.inputDim(0, axis);
    }
    if (c.inputShape(1).isRanked() && c.inputShape(1).rank() == 1) {
      return c.inputDim(1, 0);
    }
    KnownValues split = c.inputKnown(1);
    return split != null && split.isScalar() && split.get(0).isFixed()
        ? c.inputDim(0, axis).ceilDiv(split.get(0).value())
        : Dim.UNKNOWN;
  }

  /** The size that all parts have, unknown if they differ. */
  private static Dim partSize(InferenceContext c, int axis) {
    KnownValues split = c.inputKnown(1);
    Expect.rankEither(c, 1, 0, 1);
    if (split == null || !split.isStatic() || split.size() == 0) {
      return Dim.UNKNOWN;
    }
    long[] sizes = split.toLongs();
    Dim whole = c.inputDim(0, axis);
    if (Arrays.stream(sizes).anyMatch(s -> s < 0) || split.isScalar() && sizes[0] == 0) {
      throw wrongSplit(c, axis, sizes, "sizes are not negative, and a single one is not 0");
    }
    if (split.isScalar()) {
      return whole.isFixed() && whole.value() % sizes[0] == 0 ? split.get(0) : Dim.UNKNOWN;
    }
    Dim sum = split.elements().stream().reduce(Dim.of(0), Dim::plus);
    if (whole.isFixed() && !sum.equals(whole)) {
      throw wrongSplit(c, axis, sizes, "they must add up to its size " + whole);
    }
    return Arrays.stream(sizes).allMatch(s -> s == sizes[0]) ? split.get(0) : Dim.UNKNOWN;
  }

  private static InferenceException wrongSplit(
      InferenceContext c, int axis, long[] sizes, String reason) {
    return new InferenceException(
        ProblemCode.ATTRIBUTE_VALUE,
        c.inputName(1),
        "sizes that fit " + c.inputDim(0, axis),
        Arrays.toString(sizes),
        "sizes "
            + Arrays.toString(sizes)
            + " in "
            + c.inputName(1)
            + " do not split axis "
            + axis
            + " of "
            + Expect.described(c, 0)
            + ": "
            + reason);
  }

  /** The type is the input's, or for an absent input the one that attribute type gives. */
  private static void optional(InferenceContext c) {
    if (c.hasInput(0)) {
      if (c.inputType(0).isKnown()) {
        c.setOutputType(0, new OptionalType(c.inputType(0)));
      }
      return;
    }
    ValueType given =
        c.node()
            .attribute("type", AttributeValue.Type.class)
            .map(AttributeValue.Type::value)
            .orElseThrow(
                () ->
                    c.attributeError(
                        "type",
                        "the type of the absent value",
                        "none",
                        "there is neither an input nor attribute type, so the optional has no type;"
                            + " give one of them"));
    c.setOutputType(0, new OptionalType(given));
  }

  /** From version 18 on a tensor or sequence passes unchanged. */
  private static void optionalGetElement(InferenceContext c) {
    c.setOutputType(
        0, c.inputType(0) instanceof OptionalType optional ? optional.element() : c.inputType(0));
  }
}
