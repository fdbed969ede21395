package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Set;

/** Quantisation: numbers as small integers (or floats) with a scale and a zero point. */
final class QuantizationInference {
  private QuantizationInference() {}

  static void addTo(Rules rules) {
    rules.add("QuantizeLinear", QuantizationInference::quantizeLinear);
    rules.add("DequantizeLinear", QuantizationInference::dequantizeLinear);
    rules.add("DynamicQuantizeLinear", QuantizationInference::dynamicQuantizeLinear);
  }

  /** The result's type is the zero point's, else attribute output_dtype's, else uint8. */
  private static void quantizeLinear(InferenceContext c) {
    granularity(c);
    ElementType asked = c.elementTypeAttribute("output_dtype").orElse(ElementType.UNDEFINED);
    ElementType zeroPoint = c.inputElementType(2);
    if (asked != ElementType.UNDEFINED
        && zeroPoint != ElementType.UNDEFINED
        && asked != zeroPoint) {
      throw c.attributeError(
          "output_dtype",
          zeroPoint.toString(),
          asked.toString(),
          "attribute output_dtype is "
              + asked
              + ", but zero point "
              + c.inputName(2)
              + " has type "
              + zeroPoint
              + "; leave one of them out or make them equal");
    }
    ElementType type = zeroPoint == ElementType.UNDEFINED ? asked : zeroPoint;
    if (type == ElementType.UNDEFINED && !c.hasInput(2)) {
      type = ElementType.UINT8;
    }
    c.setOutputType(0, type, c.inputShape(0));
  }

  /** From version 23 on the result's type is attribute output_dtype's, else the scale's. */
  private static void dequantizeLinear(InferenceContext c) {
    granularity(c);
    c.setOutputShape(0, c.inputShape(0));
    if (c.since() >= 23) {
      ElementType asked = c.elementTypeAttribute("output_dtype").orElse(ElementType.UNDEFINED);
      ElementType scale = c.inputElementType(1);
      if (asked != ElementType.UNDEFINED) {
        ElementwiseInference.checkAllowed(c, "output_dtype", asked);
        c.setOutputElementType(0, asked);
      } else if (allowed(c).contains(TensorType.of(scale, Shape.UNKNOWN))) {
        c.setOutputElementType(0, scale);
      } else if (scale == ElementType.FLOAT8E8M0) {
        throw c.attributeError(
            "output_dtype",
            "a type of the result",
            "none",
            "scale "
                + c.inputName(1)
                + " has type "
                + scale
                + ", which no result can have; give attribute output_dtype");
      }
    }
  }

  private static Set<?> allowed(InferenceContext c) {
    return c.schema()
        .output(0)
        .<Set<?>>map(p -> c.schema().types().getOrDefault(p.type(), Set.of()))
        .orElse(Set.of());
  }

  /**
   * A scale is a scalar (or has one element) for the whole tensor, a vector for one axis (from
   * version 13 on), or has the data's rank for blocks along one axis (from version 21 on).
   */
  private static void granularity(InferenceContext c) {
    Shape data = c.inputShape(0);
    Shape scale = c.inputShape(1);
    // A single element is as good as a scalar.
    boolean single = isPerhapsSingle(scale);
    if (c.hasInput(2) && !(single && isPerhapsSingle(c.inputShape(2)))) {
      Broadcasting.same(c, 1, 2);
    }
    long block = c.intAttribute("block_size", 0);
    boolean known = data.isRanked() && scale.isRanked();
    boolean isOfBlocks = block > 0 && known && data.rank() > 0 && scale.rank() == data.rank();
    if (!known || single && !isOfBlocks) {
      return;
    }
    if (block == 0 && scale.rank() == 1 && data.rank() > 0) {
      int axis = Axes.normalize("axis", c.intAttribute("axis", 1), data.rank());
      Expect.size(c, 1, 0, data.dim(axis), "axis " + axis + " of " + Expect.described(c, 0));
    } else if (block > 0) {
      blocks(c, data, scale, block);
    } else if (c.since() < 21 || scale.rank() != data.rank()) {
      throw c.shapeError(
          1,
          "a scalar or a vector",
          "scale "
              + Expect.described(c, 1)
              + " must be a scalar, or a vector with one number for"
              + " each position of an axis of "
              + Expect.described(c, 0));
    }
  }

  private static boolean isPerhapsSingle(Shape shape) {
    return shape.isRanked() && shape.dims().stream().allMatch(d -> d.isCompatibleWith(Dim.of(1)));
  }

  private static void blocks(InferenceContext c, Shape data, Shape scale, long block) {
    if (scale.rank() != data.rank()) {
      throw c.shapeError(
          1,
          "rank " + data.rank(),
          "scale "
              + Expect.described(c, 1)
              + " must have the rank of "
              + Expect.described(c, 0)
              + ", since block_size is "
              + block);
    }
    int axis = Axes.normalize("axis", c.intAttribute("axis", 1), data.rank());
    for (int i = 0; i < data.rank(); i++) {
      Dim expected = i == axis ? data.dim(i).ceilDiv(block) : data.dim(i);
      Expect.size(
          c,
          1,
          i,
          expected,
          i == axis
              ? "the blocks of " + block + " along axis " + axis + " of " + Expect.described(c, 0)
              : "the size of " + Expect.described(c, 0) + " there");
    }
  }

  private static void dynamicQuantizeLinear(InferenceContext c) {
    c.setOutputShape(0, c.inputShape(0));
    c.setOutputShape(1, Shape.SCALAR);
    c.setOutputShape(2, Shape.SCALAR);
  }
}
