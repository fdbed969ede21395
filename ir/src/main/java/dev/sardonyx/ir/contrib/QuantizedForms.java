package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.QuantizationOps.Quantized;
import dev.sardonyx.ir.build.StandardOps;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Quantising, and matrix products of quantised matrices. */
final class QuantizedForms {
  private QuantizedForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("QuantizeLinear", n -> linear(n, "QuantizeLinear"));
    operators.one("DequantizeLinear", n -> linear(n, "DequantizeLinear"));
    operators.one("MatMulIntegerToFloat", QuantizedForms::matMulIntegerToFloat);
    operators.one("DynamicQuantizeMatMul", QuantizedForms::dynamicQuantizeMatMul);
    operators.one("QGemm", QuantizedForms::gemm);
  }

  private static Value linear(ContribNode n, String operator) {
    List<Attribute> attributes = new ArrayList<>();
    boolean isVector = n.rank(1) == 1 && !isOne(n);
    if (isVector) {
      attributes.add(Attribute.ofInt("axis", n.integer("axis", 1)));
    }
    return n.to().node(operator, n.inputs(), attributes);
  }

  private static boolean isOne(ContribNode n) {
    return OperatorBuilder.shapeOf(n.in(1)).dim(0).equals(Dim.of(1));
  }

  private static Value matMulIntegerToFloat(ContribNode n) {
    Value scale = n.to().mul(n.in(2), n.in(3));
    Value y = scaledProduct(n, scale, n.in(0), n.in(1), n.optional(4), n.optional(5));
    return n.has(6) ? n.to().add(y, n.in(6)) : y;
  }

  private static Value dynamicQuantizeMatMul(ContribNode n) {
    StandardOps to = n.to();
    Quantized a = to.dynamicQuantizeLinear(n.in(0));
    Value scale = to.mul(a.scale(), n.in(2));
    Value y = scaledProduct(n, scale, a.y(), n.in(1), a.zeroPoint(), n.optional(3));
    return n.has(4) ? to.add(y, n.in(4)) : y;
  }

  /** The product of two quantised matrices in floating point. */
  static Value scaledProduct(
      ContribNode n,
      Value scale,
      Value a,
      Value b,
      @Nullable Value zeroPointA,
      @Nullable Value zeroPointB) {
    StandardOps to = n.to();
    Value product = to.matMulInteger(a, b, zeroPointA, zeroPointB);
    return to.mul(to.cast(product, OperatorBuilder.elementType(scale)), scale);
  }

  private static Value gemm(ContribNode n) {
    StandardOps to = n.to();
    Value a = n.flag("transA") ? to.transpose(n.in(0), 1, 0) : n.in(0);
    Value b = n.flag("transB") ? to.transpose(n.in(3), 1, 0) : n.in(3);
    Value zeroPointB = n.in(5);
    Value sum = to.matMulInteger(a, b, n.in(2), zeroPointB);
    if (n.has(6)) {
      sum = to.add(sum, n.in(6));
    }
    Value scale = to.mul(n.in(1), n.in(4));
    float alpha = n.number("alpha", 1);
    if (alpha != 1) {
      scale = to.mul(scale, to.scalarLike(scale, alpha));
    }
    Value y = to.mul(to.cast(sum, ElementType.FLOAT), scale);
    return n.has(7) ? to.quantizeLinear(y, n.in(7), n.optional(8)) : y;
  }
}
