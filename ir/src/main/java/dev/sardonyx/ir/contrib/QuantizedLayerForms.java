package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Layers of quantised values, as layers of floats between quantising and dequantising. */
final class QuantizedLayerForms {
  private QuantizedLayerForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("QLinearAdd", n -> binary(n, n.to()::add));
    operators.one("QLinearMul", n -> binary(n, n.to()::mul));
    operators.one("QLinearSigmoid", n -> unary(n, n.to()::sigmoid));
    operators.one(
        "QLinearLeakyRelu", n -> unary(n, x -> n.to().leakyRelu(x, n.number("alpha", 0.01f))));
    operators.one("QLinearSoftmax", n -> unary(n, x -> softmax(n, x)));
    operators.one("QLinearAveragePool", n -> pool(n, x -> averagePool(n, x)));
    operators.one("QLinearGlobalAveragePool", n -> pool(n, n.to()::globalAveragePool));
    operators.one("QLinearConcat", QuantizedLayerForms::concat);
    operators.one("QLinearWhere", QuantizedLayerForms::where);
    operators.one("QLinearConv", QuantizedLayerForms::conv);
    operators.one("NhwcMaxPool", QuantizedLayerForms::maxPool);
  }

  private static Value binary(ContribNode n, BinaryOperator<Value> operator) {
    StandardOps to = n.to();
    Value a = to.dequantizeLinear(n.in(0), n.in(1), n.optional(2));
    Value b = to.dequantizeLinear(n.in(3), n.in(4), n.optional(5));
    return quantized(n, operator.apply(a, b), 6, 7, n.type(0));
  }

  /** Of inputs x, its scale and zero point, the result's scale and zero point. */
  private static Value unary(ContribNode n, UnaryOperator<Value> operator) {
    return unary(n, n.in(0), operator);
  }

  private static Value unary(ContribNode n, Value quantized, UnaryOperator<Value> operator) {
    Value x = n.to().dequantizeLinear(quantized, n.in(1), n.optional(2));
    return quantized(n, operator.apply(x), 3, 4, n.type(0));
  }

  /** Without a zero point, 0 of the inputs' type. */
  private static Value quantized(
      ContribNode n, Value y, int scale, int zeroPoint, ElementType type) {
    StandardOps to = n.to();
    Value zero =
        n.has(zeroPoint)
            ? n.in(zeroPoint)
            : to.numberedConstant("zero_point", Tensor.ofNumbers(type, new double[1]));
    return to.quantizeLinear(y, n.in(scale), zero);
  }

  /** Before opset 13, softmax took all axes from the given one on as one. */
  private static Value softmax(ContribNode n, Value x) {
    long axis = n.integer("axis", -1);
    int rank = ContribNode.rank(x);
    boolean isLast = axis == -1 || axis == rank - 1;
    if (n.integer("opset", 13) < 13 && !isLast) {
      throw new NoStandardFormException("its softmax runs over several axes as one");
    }
    return n.to().softmax(x, axis);
  }

  private static Value averagePool(ContribNode n, Value x) {
    return n.to()
        .node("AveragePool", OperatorBuilder.operands(x), n.attributesBut("channels_last"));
  }

  private static Value pool(ContribNode n, UnaryOperator<Value> operator) {
    return channelwise(n, x -> unary(n, x, operator));
  }

  /** An operator on {@code [N,C,...]} whatever the node's layout; it moves the small integers. */
  private static Value channelwise(ContribNode n, UnaryOperator<Value> operator) {
    return n.flag("channels_last")
        ? n.channelsLast(operator.apply(n.channelsFirst(n.in(0))))
        : operator.apply(n.in(0));
  }

  private static Value concat(ContribNode n) {
    StandardOps to = n.to();
    List<Value> parts = new ArrayList<>();
    for (int i = 2; i + 1 < n.inputs().size(); i += 3) {
      parts.add(to.dequantizeLinear(n.in(i), n.in(i + 1), n.optional(i + 2)));
    }
    Value all = to.concat(n.integer("axis", 0), parts);
    return to.quantizeLinear(all, n.in(0), n.in(1));
  }

  private static Value where(ContribNode n) {
    StandardOps to = n.to();
    Value a = to.dequantizeLinear(n.in(1), n.in(2), n.in(3));
    Value b = to.dequantizeLinear(n.in(4), n.in(5), n.in(6));
    return to.quantizeLinear(to.where(n.in(0), a, b), n.in(7), n.in(8));
  }

  /** ONNX's own with another layout of its input and result. */
  private static Value conv(ContribNode n) {
    Attribute[] attributes = n.attributesBut("channels_last");
    return channelwise(
        n,
        x -> {
          List<Value> inputs = new ArrayList<>(n.inputs());
          inputs.set(0, x);
          return n.to().node("QLinearConv", inputs, attributes);
        });
  }

  private static Value maxPool(ContribNode n) {
    StandardOps to = n.to();
    Value x = n.channelsFirst(n.in(0));
    Value y = to.node("MaxPool", OperatorBuilder.operands(x), n.attributesBut());
    return n.channelsLast(y);
  }
}
