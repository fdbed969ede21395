package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.method;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link PoolingOps}. */
class PoolingOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        PoolingOps.class,
        method("maxPool", 7, "float[2,4,3,3]", (b, x) -> b.maxPool(x, 2)),
        method(
            "maxPool",
            7,
            "float[2,4,3,3]",
            (b, x) -> b.maxPool(x, PoolOptions.of(3).withStrides(2).withPads(1))),
        method(
            "maxPool",
            10,
            "float[2,4,3,2]",
            (b, x) -> b.maxPool(x, PoolOptions.of(1, 3).withStrides(2, 3).withCeilMode(true))),
        method(
            "maxPool",
            10,
            "float[2,4,4,4]",
            (b, x) -> b.maxPool(x, PoolOptions.of(2).withDilations(2))),
        method("averagePool", 7, "float[2,4,2,2]", (b, x) -> b.averagePool(x, 3)),
        method(
            "averagePool",
            7,
            "float[2,4,3,3]",
            (b, x) ->
                b.averagePool(
                    x,
                    PoolOptions.of(3)
                        .withStrides(2)
                        .withPadding(Padding.SAME)
                        .withCountIncludePad(true))),
        method("lpPool", 7, "float[2,4,5,5]", (b, x) -> b.lpPool(x, 2, PoolOptions.of(2))),
        method("globalAveragePool", 7, "float[2,4,1,1]", (b, x) -> b.globalAveragePool(x)),
        method("globalMaxPool", 7, "float[2,4,1,1]", (b, x) -> b.globalMaxPool(x)));
  }
}
