package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Broadcasting as ONNX (and NumPy) has it, over dimensions that may be symbolic. */
final class Broadcasting {
  private Broadcasting() {}

  /** The shape that inputs i and j have together, each stretched to the other. */
  static Shape both(InferenceContext c, int i, int j) {
    Shape together = of(c.inputShape(i), c.inputShape(j));
    if (together == null) {
      throw mismatch(c, i, j, "cannot be broadcast together");
    }
    return together;
  }

  /** The shape that all inputs from one index up to another (exclusive) have together. */
  static Shape all(InferenceContext c, int from, int to) {
    Shape together = Shape.SCALAR;
    for (int i = from; i < to; i++) {
      if (!c.hasInput(i)) {
        continue;
      }
      Shape wider = of(together, c.inputShape(i));
      if (wider == null) {
        throw mismatch(c, culprit(c, from, i), i, "cannot be broadcast together");
      }
      together = wider;
    }
    return together;
  }

  /** The input before i that does not fit it; some dimension of the others comes from one. */
  private static int culprit(InferenceContext c, int from, int i) {
    for (int other = from; other < i; other++) {
      if (of(c.inputShape(other), c.inputShape(i)) == null) {
        return other;
      }
    }
    return from;
  }

  /** The shape of input i, to which input j is stretched and which it must not exceed. */
  static Shape into(InferenceContext c, int i, int j) {
    Shape target = c.inputShape(i);
    Shape source = c.inputShape(j);
    if (!fitsInto(source, target)) {
      throw mismatch(c, j, i, "cannot be broadcast in this direction");
    }
    return target;
  }

  /** Whether a shape could be stretched to another without changing that other. */
  static boolean fitsInto(Shape source, Shape target) {
    if (!source.isRanked() || !target.isRanked()) {
      return true;
    }
    int shift = target.rank() - source.rank();
    if (shift < 0) {
      return false;
    }
    for (int i = 0; i < source.rank(); i++) {
      if (!source.dim(i).isFixed(1) && !source.dim(i).isCompatibleWith(target.dim(i + shift))) {
        return false;
      }
    }
    return true;
  }

  /** The shape that two shapes have together, or null if they contradict each other. */
  @SuppressWarnings("ReferenceEquality") // the very same dimensions: no new shape
  static @Nullable Shape of(Shape a, Shape b) {
    if (!a.isRanked() || !b.isRanked()) {
      return Shape.UNKNOWN;
    }
    if (a.equals(b)) {
      return a;
    }
    int rank = Math.max(a.rank(), b.rank());
    Dim[] dims = new Dim[rank];
    boolean isA = rank == a.rank();
    boolean isB = rank == b.rank();
    for (int i = 0; i < rank; i++) {
      int inA = i - (rank - a.rank());
      int inB = i - (rank - b.rank());
      Dim dim = inA < 0 ? b.dim(inB) : inB < 0 ? a.dim(inA) : of(a.dim(inA), b.dim(inB));
      if (dim == null) {
        return null;
      }
      dims[i] = dim;
      isA = isA && dim == a.dim(inA);
      isB = isB && dim == b.dim(inB);
    }
    return isA ? a : isB ? b : Shape.of(dims);
  }

  /**
   * Equal dimensions stay; 1 yields; a number other than 1 beats a symbol, which must then be 1 or
   * that number; of two different symbols nothing is known. Null if two numbers differ.
   */
  static @Nullable Dim of(Dim a, Dim b) {
    if (a.isFixed(1)) {
      return b;
    }
    if (b.isFixed(1) || a.equals(b)) {
      return a;
    }
    if (a.isFixed() && b.isFixed()) {
      return null;
    }
    if (a.isFixed() || b.isFixed()) {
      return a.isFixed() ? a : b;
    }
    // min(512,S) with S: where one of them is 1 so is the other, hence they are equal.
    return a.isCapped(b) ? b : b.isCapped(a) ? a : Dim.UNKNOWN;
  }

  /** Inputs that the operator takes only with the same shape: all that they say of it. */
  static Shape same(InferenceContext c, int... inputs) {
    Shape shape = c.inputShape(inputs[0]);
    for (int input : inputs) {
      if (!shape.isCompatibleWith(c.inputShape(input))) {
        int first = Arrays.stream(inputs).filter(i -> clash(c, i, input)).findFirst().orElse(input);
        throw mismatch(c, first, input, "must be equal");
      }
      shape = TypeMerge.both(shape, c.inputShape(input));
    }
    return shape;
  }

  private static boolean clash(InferenceContext c, int i, int j) {
    return !c.inputShape(i).isCompatibleWith(c.inputShape(j));
  }

  /** An error about two inputs whose shapes do not go together. */
  static InferenceException mismatch(InferenceContext c, int i, int j, String reason) {
    return new InferenceException(
        ProblemCode.SHAPE_MISMATCH,
        c.inputName(j),
        "a shape that fits " + c.inputShape(i),
        c.inputShape(j).toString(),
        "shapes "
            + c.inputShape(i)
            + " of "
            + c.inputName(i)
            + " and "
            + c.inputShape(j)
            + " of "
            + c.inputName(j)
            + " "
            + reason);
  }
}
