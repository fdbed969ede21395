package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.method;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link ReductionOps}. */
class ReductionOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        ReductionOps.class,
        method("reduceSum", 7, "float[2,1,6,1]", (b, x) -> b.reduceSum(x, true, 1, 3)),
        method("reduceSum", 11, "float[2,4,6]", (b, x) -> b.reduceSum(x, false, -1)),
        method("reduceMean", 7, "float[2,4]", (b, x) -> b.reduceMean(x, false, 2, 3)),
        method("reduceMean", 7, "float[]", (b, x) -> b.reduceMean(x, false)),
        method("reduceMax", 7, "float[2,4]", (b, x) -> b.reduceMax(x, false, 2, 3)),
        method("reduceMin", 7, "float[2,4]", (b, x) -> b.reduceMin(x, false, 2, 3)),
        method("reduceProd", 7, "float[2,4,6]", (b, x) -> b.reduceProd(x, false, 3)),
        method("reduceL1", 7, "float[2,4]", (b, x) -> b.reduceL1(x, false, 2, 3)),
        method("reduceL2", 7, "float[2,4]", (b, x) -> b.reduceL2(x, false, 2, 3)),
        method("reduceSumSquare", 7, "float[2,4]", (b, x) -> b.reduceSumSquare(x, false, 2, 3)),
        method("reduceLogSum", 7, "float[2,4]", (b, x) -> b.reduceLogSum(b.exp(x), false, 2, 3)),
        method("reduceLogSumExp", 7, "float[2,4]", (b, x) -> b.reduceLogSumExp(x, false, 2, 3)),
        method("argMax", 7, "int64[2,1,6,6]", (b, x) -> b.argMax(x, 1, true)),
        method("argMin", 7, "int64[2,4,6]", (b, x) -> b.argMin(x, 3, false)));
  }
}
