package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;

/** Quantisation. */
final class QuantizationConstraints {
  private QuantizationConstraints() {}

  static void addTo(Constraints all) {
    Constraint blocks = Demand.within("block_size", 0, Integer.MAX_VALUE).since(21);
    all.add(
        "QuantizeLinear", blocks, QuantizationConstraints::ranks, Demand.within("saturate", 0, 1));
    all.add("DequantizeLinear", blocks, QuantizationConstraints::ranks);
    all.add(
        "ConvInteger",
        WindowConstraints::countable,
        WindowConstraints::noPadsBesideAutomaticOnes,
        Demand.single(2),
        c -> perFilter(c, 1, 3));
    all.add(
        "QLinearConv",
        WindowConstraints::countable,
        WindowConstraints::noPadsBesideAutomaticOnes,
        Demand.single(1),
        Demand.single(2),
        c -> perFilter(c, 3, 4),
        c -> perFilter(c, 3, 5),
        Demand.single(6),
        Demand.single(7));
    all.add("QLinearMatMul", c -> sameShape(c, 1, 2), c -> sameShape(c, 4, 5));
  }

  /** A scale or zero point is one for all filters, or one for each. */
  private static void perFilter(InferenceContext c, int filters, int input) {
    Shape shape = c.inputShape(input);
    Dim count = c.inputShape(filters).isRanked() ? c.inputDim(filters, 0) : Dim.UNKNOWN;
    boolean fits =
        !c.hasInput(input)
            || !shape.isRanked()
            || shape.rank() == 0
            || shape.rank() == 1
                && (shape.dim(0).isFixed(1) || shape.dim(0).isCompatibleWith(count));
    if (!fits) {
      throw c.shapeError(
          input,
          "one element, or one for each of " + count + " filters",
          "%s has shape %s, but it is one number, or one for each of the %s filters of %s"
              .formatted(c.inputName(input), shape, count, c.inputName(filters)));
    }
  }

  /** The scales of blocks have an axis for each of the data's. */
  private static void ranks(InferenceContext c) {
    Shape data = c.inputShape(0);
    Shape scale = c.inputShape(1);
    boolean known = data.isRanked() && scale.isRanked();
    if (c.intAttribute("block_size", 0) > 0 && known && data.rank() != scale.rank()) {
      throw c.shapeError(
          1,
          "rank " + data.rank(),
          "%s has shape %s, but the scales of blocks of %s have its rank, %d"
              .formatted(c.inputName(1), scale, c.inputName(0), data.rank()));
    }
  }

  /** A zero point has its scale's shape. */
  private static void sameShape(InferenceContext c, int scale, int zeroPoint) {
    Shape a = c.inputShape(scale);
    Shape b = c.inputShape(zeroPoint);
    boolean scalars = a.size().isFixed(1) && b.size().isFixed(1);
    if (c.hasInput(zeroPoint)
        && a.isRanked()
        && b.isRanked()
        && !scalars
        && !a.isCompatibleWith(b)) {
      throw new InferenceException(
          ProblemCode.SHAPE_MISMATCH,
          c.inputName(zeroPoint),
          a.toString(),
          b.toString(),
          "zero point "
              + c.inputName(zeroPoint)
              + " has shape "
              + b
              + ", but its scale "
              + c.inputName(scale)
              + " has shape "
              + a);
    }
  }
}
