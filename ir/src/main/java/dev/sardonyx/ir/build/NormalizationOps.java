package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Normalisation. */
public interface NormalizationOps extends OperatorBuilder {
  /** {@link #batchNormalization(Value, Value, Value, Value, Value, float)} with epsilon 1e-5. */
  default Value batchNormalization(Value x, Value scale, Value bias, Value mean, Value variance) {
    return batchNormalization(x, scale, bias, mean, variance, 1e-5f);
  }

  /**
   * Batch normalisation with fixed statistics (ONNX {@code BatchNormalization}, inference): {@code
   * scale * (x - mean) / sqrt(variance + epsilon) + bias}, channel by channel.
   *
   * @param x {@code [N,C,...]}; the other values are {@code [C]}
   */
  default Value batchNormalization(
      Value x, Value scale, Value bias, Value mean, Value variance, float epsilon) {
    return node(
        "BatchNormalization",
        OperatorBuilder.operands(x, scale, bias, mean, variance),
        Attribute.ofFloat("epsilon", epsilon));
  }

  /**
   * Each image and channel to mean 0 and variance 1 (ONNX {@code InstanceNormalization}).
   *
   * @param x {@code [N,C,...]}; scale and bias are {@code [C]}
   */
  default Value instanceNormalization(Value x, Value scale, Value bias, float epsilon) {
    return instanceNormalization(this, x, scale, bias, epsilon);
  }

  private static Value instanceNormalization(
      OperatorBuilder b, Value x, Value scale, Value bias, float epsilon) {
    return b.node(
        "InstanceNormalization",
        OperatorBuilder.operands(x, scale, bias),
        Attribute.ofFloat("epsilon", epsilon));
  }

  /**
   * Each group of channels of an image to mean 0 and variance 1 (ONNX {@code GroupNormalization} of
   * opset 21; made of older operators before).
   *
   * @param x {@code [N,C,...]}; scale and bias are {@code [C]}
   * @param groups divides C
   */
  default Value groupNormalization(Value x, Value scale, Value bias, long groups, float epsilon) {
    if (opset() >= 21) {
      return node(
          "GroupNormalization",
          OperatorBuilder.operands(x, scale, bias),
          Attribute.ofInt("num_groups", groups),
          Attribute.ofFloat("epsilon", epsilon));
    }
    // Opset 18 scales groups, not channels, so it cannot say this.
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked()) {
      throw GraphBuildException.here(
          "Group normalisation before opset 21 needs the rank of " + x.name());
    }
    double[] ones = new double[Math.toIntExact(groups)];
    Arrays.fill(ones, 1);
    Value unit = numberedConstant("ones", Tensor.ofNumbers(type(x), ones, groups));
    Value none =
        numberedConstant("zeros", Tensor.ofNumbers(type(x), new double[ones.length], groups));
    OperatorBuilder inside = inside();
    Value grouped = inside.node("Reshape", x, longs("shape", 0, groups, -1));
    Value normal = instanceNormalization(inside, grouped, unit, none, epsilon);
    Value back = inside.node("Reshape", normal, inside.node("Shape", x));
    long[] channels = new long[shape.rank() - 1];
    Arrays.fill(channels, 1);
    channels[0] = -1;
    Value factor = inside.node("Reshape", scale, longs("shape", channels));
    Value shift = inside.node("Reshape", bias, longs("shape", channels));
    return node("Add", inside.node("Mul", back, factor), shift);
  }

  /**
   * The last axes to mean 0 and variance 1 (ONNX {@code LayerNormalization} of opset 17; made of
   * older operators before).
   *
   * @param scale of the shape of the normalised axes
   * @param bias likewise, or null for none
   * @param axis the first normalised axis; negative axes count from the end
   */
  default Value layerNormalization(
      Value x, Value scale, @Nullable Value bias, long axis, float epsilon) {
    if (opset() >= 17) {
      return node(
          "LayerNormalization",
          OperatorBuilder.inputs(x, scale, bias),
          Attribute.ofInt("axis", axis),
          Attribute.ofFloat("epsilon", epsilon));
    }
    Attribute axes = Attribute.ofInts("axes", lastAxes(x, axis));
    OperatorBuilder inside = inside();
    Value mean = inside.node("ReduceMean", OperatorBuilder.operands(x), axes);
    Value centred = inside.node("Sub", x, mean);
    Value square = inside.node("Mul", centred, centred);
    Value variance = inside.node("ReduceMean", OperatorBuilder.operands(square), axes);
    Value deviation = inside.node("Sqrt", inside.node("Add", variance, scalarLike(x, epsilon)));
    Value normal = inside.node("Div", centred, deviation);
    return bias == null
        ? node("Mul", normal, scale)
        : node("Add", inside.node("Mul", normal, scale), bias);
  }

  /**
   * The last axes divided by their root mean square (ONNX {@code RMSNormalization} of opset 23;
   * made of older operators before).
   *
   * @param scale of the shape of the normalised axes
   * @param axis the first normalised axis; negative axes count from the end
   */
  default Value rmsNormalization(Value x, Value scale, long axis, float epsilon) {
    if (opset() >= 23) {
      return node(
          "RMSNormalization",
          OperatorBuilder.operands(x, scale),
          Attribute.ofInt("axis", axis),
          Attribute.ofFloat("epsilon", epsilon));
    }
    long[] axes = lastAxes(x, axis);
    OperatorBuilder inside = inside();
    Value square = inside.node("Mul", x, x);
    Value mean =
        opset() >= 18
            ? inside.node("ReduceMean", square, longs("axes", axes))
            : inside.node(
                "ReduceMean", OperatorBuilder.operands(square), Attribute.ofInts("axes", axes));
    Value root = inside.node("Sqrt", inside.node("Add", mean, scalarLike(x, epsilon)));
    return node("Mul", inside.node("Div", x, root), scale);
  }

  /**
   * Local response normalisation across channels (ONNX {@code LRN}): {@code x / (bias + alpha /
   * size * sum of squares of size neighbouring channels) ^ beta}.
   */
  default Value lrn(Value x, long size, float alpha, float beta, float bias) {
    return node(
        "LRN",
        OperatorBuilder.operands(x),
        Attribute.ofInt("size", size),
        Attribute.ofFloat("alpha", alpha),
        Attribute.ofFloat("beta", beta),
        Attribute.ofFloat("bias", bias));
  }

  /** Divides by the p-norm (p is 1 or 2) along an axis (ONNX {@code LpNormalization}). */
  default Value lpNormalization(Value x, long p, long axis) {
    return node(
        "LpNormalization",
        OperatorBuilder.operands(x),
        Attribute.ofInt("p", p),
        Attribute.ofInt("axis", axis));
  }

  /**
   * Zeroes elements at random in training, does nothing in inference (ONNX {@code Dropout}).
   *
   * @param ratio how many elements are dropped, 0 (inclusive) to 1 (exclusive)
   */
  default Value dropout(Value x, float ratio) {
    if (!(ratio >= 0 && ratio < 1)) {
      throw GraphBuildException.here("A dropout ratio is from 0 to below 1, not " + ratio);
    }
    return opset() >= 12
        ? node("Dropout", x, numberedConstant("ratio", Tensor.scalar(ratio)))
        : node("Dropout", OperatorBuilder.operands(x), Attribute.ofFloat("ratio", ratio));
  }

  private static ElementType type(Value x) {
    return OperatorBuilder.elementType(x);
  }

  private static long[] lastAxes(Value x, long axis) {
    Shape shape = OperatorBuilder.shapeOf(x);
    if (axis < 0) {
      long[] axes = new long[Math.toIntExact(-axis)];
      Arrays.setAll(axes, i -> axis + i);
      return axes;
    }
    if (!shape.isRanked()) {
      throw GraphBuildException.here(
          "This opset needs the rank of " + x.name() + "; give a negative axis");
    }
    long[] axes = new long[Math.toIntExact(shape.rank() - axis)];
    Arrays.setAll(axes, i -> axis + i);
    return axes;
  }
}
