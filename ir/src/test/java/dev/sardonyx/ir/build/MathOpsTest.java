package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import dev.sardonyx.ir.Value;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link MathOps}. */
class MathOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        MathOps.class,
        method("add", 7, SAME, (b, x) -> b.add(x, floats(b, 6))),
        method("sub", 7, SAME, (b, x) -> b.sub(x, floats(b, 6))),
        method("mul", 7, SAME, (b, x) -> b.mul(x, floats(b, 4, 1, 1))),
        method("div", 7, SAME, (b, x) -> b.div(x, floats(b, 6))),
        method("pow", 7, SAME, (b, x) -> b.pow(x, b.constant(2f))),
        method("mod", 10, SAME, (b, x) -> b.mod(x, floats(b, 6))),
        method(
            "mod", 10, "int64[3]", (b, x) -> b.mod(b.longs("a", -7, 7, 5), b.longs("b", 3, -3, 3))),
        method("neg", 7, SAME, (b, x) -> b.neg(x)),
        method("abs", 7, SAME, (b, x) -> b.abs(x)),
        method("sqrt", 7, SAME, (b, x) -> b.sqrt(b.abs(x))),
        method("exp", 7, SAME, (b, x) -> b.exp(x)),
        method("log", 7, SAME, (b, x) -> b.log(b.exp(x))),
        method("reciprocal", 7, SAME, (b, x) -> b.reciprocal(b.exp(x))),
        method("floor", 7, SAME, (b, x) -> b.floor(x)),
        method("ceil", 7, SAME, (b, x) -> b.ceil(x)),
        method("round", 11, SAME, (b, x) -> b.round(x)),
        method("sign", 9, SAME, (b, x) -> b.sign(x)),
        method("erf", 9, SAME, (b, x) -> b.erf(x)),
        method("sin", 7, SAME, (b, x) -> b.sin(x)),
        method("cos", 7, SAME, (b, x) -> b.cos(x)),
        method("tan", 7, SAME, (b, x) -> b.tan(x)),
        method("min", 8, SAME, (b, x) -> b.min(x, floats(b, 6))),
        method("max", 8, SAME, (b, x) -> b.max(x, floats(b, 6), b.neg(x))),
        method("sum", 8, SAME, (b, x) -> b.sum(x, floats(b, 6))),
        method("mean", 8, SAME, (b, x) -> b.mean(x, floats(b, 6))),
        method("matMul", 7, "float[2,4,6,5]", (b, x) -> b.matMul(x, floats(b, 6, 5))),
        method(
            "gemm",
            7,
            "float[2,5]",
            (b, x) -> b.gemm(matrix(b, x), floats(b, 144, 5), floats(b, 5))),
        method(
            "gemm",
            11,
            "float[144,3]",
            (b, x) -> b.gemm(matrix(b, x), floats(b, 3, 2), null, 0.5f, 1, true, true)),
        method(
            "einsum", 12, "float[2,4,5]", (b, x) -> b.einsum("nchw,hk->nck", x, floats(b, 6, 5))),
        method("cumSum", 11, SAME, (b, x) -> b.cumSum(x, 2)),
        method("det", 11, "float[2,4]", (b, x) -> b.det(x)));
  }

  private static Value matrix(GraphBuilder b, Value x) {
    return b.flatten(x, 1);
  }
}
