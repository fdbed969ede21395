package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Quantisation: {@code x = (q - zeroPoint) * scale}. */
public interface QuantizationOps extends OperatorBuilder {
  /**
   * What dynamic quantisation gives.
   *
   * @param y the quantised elements, uint8
   * @param scale a float scalar
   * @param zeroPoint a uint8 scalar
   */
  record Quantized(Value y, Value scale, Value zeroPoint) {}

  /**
   * Floats to small integers, with saturation (ONNX {@code QuantizeLinear}, opset 10 on).
   *
   * @param scale a scalar
   * @param zeroPoint a scalar whose element type is that of the result; null for uint8 0
   */
  default Value quantizeLinear(Value x, Value scale, @Nullable Value zeroPoint) {
    return node("QuantizeLinear", OperatorBuilder.inputs(x, scale, zeroPoint));
  }

  /** {@link #quantizeLinear} with vectors of scales and zero points along an axis (opset 13 on). */
  default Value quantizeLinear(Value x, Value scale, @Nullable Value zeroPoint, long axis) {
    return node(
        "QuantizeLinear",
        OperatorBuilder.inputs(x, scale, zeroPoint),
        Attribute.ofInt("axis", axis));
  }

  /** Small integers to floats (ONNX {@code DequantizeLinear}, opset 10 on). */
  default Value dequantizeLinear(Value x, Value scale, @Nullable Value zeroPoint) {
    return node("DequantizeLinear", OperatorBuilder.inputs(x, scale, zeroPoint));
  }

  /** {@link #dequantizeLinear} with vectors along an axis (opset 13 on). */
  default Value dequantizeLinear(Value x, Value scale, @Nullable Value zeroPoint, long axis) {
    return node(
        "DequantizeLinear",
        OperatorBuilder.inputs(x, scale, zeroPoint),
        Attribute.ofInt("axis", axis));
  }

  /** Floats to uint8 by their own range (ONNX {@code DynamicQuantizeLinear}, opset 11 on). */
  default Quantized dynamicQuantizeLinear(Value x) {
    List<Value> all = nodes("DynamicQuantizeLinear", 3, OperatorBuilder.operands(x));
    return new Quantized(all.get(0), all.get(1), all.get(2));
  }

  /** Product of 8-bit matrices in int32 (ONNX {@code MatMulInteger}, opset 10 on). */
  default Value matMulInteger(
      Value a, Value b, @Nullable Value zeroPointA, @Nullable Value zeroPointB) {
    return node("MatMulInteger", OperatorBuilder.inputs(a, b, zeroPointA, zeroPointB));
  }

  /** Product of quantised matrices, requantised (ONNX {@code QLinearMatMul}, opset 10 on). */
  default Value qLinearMatMul(
      Value a,
      Value scaleA,
      Value zeroPointA,
      Value b,
      Value scaleB,
      Value zeroPointB,
      Value scaleY,
      Value zeroPointY) {
    return node("QLinearMatMul", a, scaleA, zeroPointA, b, scaleB, zeroPointB, scaleY, zeroPointY);
  }
}
