package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.FLAGS;
import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import dev.sardonyx.ir.Value;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link LogicOps}. */
class LogicOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        LogicOps.class,
        method("equal", 11, FLAGS, (b, x) -> b.equal(x, x)),
        method("equal", 7, "bool[2]", (b, x) -> b.equal(b.longs("a", 1, 2), b.longs("b", 1, 3))),
        method("less", 7, FLAGS, (b, x) -> b.less(x, floats(b, 6))),
        method("greater", 7, FLAGS, (b, x) -> b.greater(x, floats(b, 6))),
        method("lessOrEqual", 11, FLAGS, (b, x) -> b.lessOrEqual(x, floats(b, 6))),
        method("greaterOrEqual", 11, FLAGS, (b, x) -> b.greaterOrEqual(x, x)),
        method("and", 7, FLAGS, (b, x) -> b.and(positive(b, x), big(b, x))),
        method("or", 7, FLAGS, (b, x) -> b.or(positive(b, x), big(b, x))),
        method("xor", 7, FLAGS, (b, x) -> b.xor(positive(b, x), big(b, x))),
        method("not", 7, FLAGS, (b, x) -> b.not(positive(b, x))),
        method("isNaN", 9, FLAGS, (b, x) -> b.isNaN(b.log(x))),
        method("isInf", 10, FLAGS, (b, x) -> b.isInf(b.reciprocal(b.relu(x)))),
        method("bitwiseNot", 18, "int64[2]", (b, x) -> b.bitwiseNot(b.longs("a", 5, -9))),
        method(
            "bitwiseAnd",
            18,
            "int64[2]",
            (b, x) -> b.bitwiseAnd(b.longs("a", 5, -9), b.longs("b", 3, 3))),
        method(
            "bitwiseOr",
            18,
            "int64[2]",
            (b, x) -> b.bitwiseOr(b.longs("a", 5, -9), b.longs("b", 3, 3))),
        method(
            "bitwiseXor",
            18,
            "int64[2]",
            (b, x) -> b.bitwiseXor(b.longs("a", 5, -9), b.longs("b", 3, 3))),
        method("where", 9, SAME, (b, x) -> b.where(positive(b, x), x, b.constant(0f))));
  }

  private static Value positive(GraphBuilder b, Value x) {
    return b.greater(x, b.constant(0f));
  }

  private static Value big(GraphBuilder b, Value x) {
    return b.greater(b.abs(x), b.constant(1f));
  }
}
