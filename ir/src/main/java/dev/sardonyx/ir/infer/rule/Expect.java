package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.TypeMerge;

/** What operators demand of their inputs' ranks and dimensions. Absent and unknown inputs pass. */
final class Expect {
  private Expect() {}

  /** The input's shape, of a given rank even if it is not known. */
  static Shape rank(InferenceContext context, int input, int rank) {
    Shape shape = context.inputShape(input);
    if (!shape.isRanked()) {
      return Shape.ofRank(rank);
    }
    if (shape.rank() != rank) {
      throw context.rankError(input, Integer.toString(rank));
    }
    return shape;
  }

  /** The input's shape, if known of one of two ranks. */
  static Shape rankEither(InferenceContext context, int input, int rank, int other) {
    Shape shape = context.inputShape(input);
    if (shape.isRanked() && shape.rank() != rank && shape.rank() != other) {
      throw context.rankError(input, rank + " or " + other);
    }
    return shape;
  }

  /** The input's shape, if known of at least the given rank. */
  static Shape rankAtLeast(InferenceContext context, int input, int rank) {
    Shape shape = context.inputShape(input);
    if (shape.isRanked() && shape.rank() < rank) {
      throw context.rankError(input, "at least " + rank);
    }
    return shape;
  }

  /**
   * The size that two inputs share on an axis each.
   *
   * @param what what the size is, such as {@code "batch size"}
   * @throws InferenceException if they differ
   */
  static Dim same(
      InferenceContext context, String what, int input, int axis, int other, int otherAxis) {
    Dim a = context.inputDim(input, axis);
    Dim b = context.inputDim(other, otherAxis);
    if (a.isCompatibleWith(b)) {
      return TypeMerge.both(a, b);
    }
    throw new InferenceException(
        ProblemCode.SHAPE_MISMATCH,
        context.inputName(other),
        a + " on axis " + otherAxis,
        context.inputShape(other).toString(),
        "the "
            + what
            + " of "
            + described(context, input)
            + " is "
            + a
            + " (axis "
            + axis
            + "), but that of "
            + described(context, other)
            + " is "
            + b
            + " (axis "
            + otherAxis
            + "); they must be equal");
  }

  /**
   * Demands a size of an input on an axis.
   *
   * @param reason what the size follows from, such as {@code "the channels of X [N,3,8,8]"}
   */
  static void size(InferenceContext context, int input, int axis, Dim size, String reason) {
    Dim actual = context.inputDim(input, axis);
    if (!actual.isCompatibleWith(size)) {
      throw context.shapeError(
          input,
          size + " on axis " + axis,
          described(context, input)
              + " has "
              + actual
              + " on axis "
              + axis
              + ", but must have "
              + size
              + ", "
              + reason);
    }
  }

  /**
   * The same where the size follows from another input, which only a message describes.
   *
   * @param reason such as {@code "the channels of"}
   */
  static void size(
      InferenceContext context, int input, int axis, Dim size, String reason, int other) {
    if (!context.inputDim(input, axis).isCompatibleWith(size)) {
      size(context, input, axis, size, reason + " " + described(context, other));
    }
  }

  /** The same for the length of a vector, if it is given. */
  static void vector(InferenceContext context, int input, Dim size, String reason, int other) {
    if (context.hasInput(input)) {
      rank(context, input, 1);
      size(context, input, 0, size, reason, other);
    }
  }

  /** Demands that an input, if given, is a vector of a certain length. */
  static void vector(InferenceContext context, int input, Dim size, String reason) {
    if (context.hasInput(input)) {
      rank(context, input, 1);
      size(context, input, 0, size, reason);
    }
  }

  /** How a message names an input: its name and its shape. */
  static String described(InferenceContext context, int input) {
    return context.inputName(input) + " " + context.inputShape(input);
  }
}
