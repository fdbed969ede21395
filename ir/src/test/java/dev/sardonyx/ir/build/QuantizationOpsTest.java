package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link QuantizationOps}. */
class QuantizationOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        QuantizationOps.class,
        method(
            "quantizeLinear",
            10,
            "uint8[2,4,6,6]",
            (b, x) ->
                b.quantizeLinear(
                    x, b.constant(0.1f), bytes(b, ElementType.UINT8, new double[] {128}))),
        method(
            "quantizeLinear",
            13,
            "int8[2,4,6,6]",
            (b, x) ->
                b.quantizeLinear(x, floats(b, 4), bytes(b, ElementType.INT8, new double[4], 4), 1)),
        method(
            "dequantizeLinear",
            10,
            "float[2]",
            (b, x) ->
                b.dequantizeLinear(
                    bytes(b, ElementType.INT8, new double[] {-3, 9}, 2), b.constant(0.5f), null)),
        method(
            "dequantizeLinear",
            13,
            "float[2]",
            (b, x) ->
                b.dequantizeLinear(
                    bytes(b, ElementType.INT8, new double[] {-3, 9}, 2),
                    floats(b, 2),
                    bytes(b, ElementType.INT8, new double[] {1, 2}, 2),
                    0)),
        method(
            "dynamicQuantizeLinear",
            11,
            "uint8[2,4,6,6]",
            (b, x) -> b.dynamicQuantizeLinear(x).y()),
        method(
            "matMulInteger",
            10,
            "int32[2,2]",
            (b, x) ->
                b.matMulInteger(
                    bytes(b, ElementType.UINT8, new double[] {1, 2, 3, 200}, 2, 2),
                    bytes(b, ElementType.INT8, new double[] {1, -2, 3, -4}, 2, 2),
                    bytes(b, ElementType.UINT8, new double[] {5}),
                    null)),
        method(
            "qLinearMatMul",
            10,
            "uint8[2,2]",
            (b, x) ->
                b.qLinearMatMul(
                    bytes(b, ElementType.UINT8, new double[] {1, 2, 3, 200}, 2, 2),
                    b.constant(0.1f),
                    bytes(b, ElementType.UINT8, new double[] {5}),
                    bytes(b, ElementType.UINT8, new double[] {1, 2, 3, 4}, 2, 2),
                    b.constant(0.2f),
                    bytes(b, ElementType.UINT8, new double[] {1}),
                    b.constant(0.3f),
                    bytes(b, ElementType.UINT8, new double[] {3}))));
  }

  private static Value bytes(GraphBuilder b, ElementType type, double[] elements, long... dims) {
    return b.constant(Tensor.ofNumbers(type, elements, dims));
  }
}
