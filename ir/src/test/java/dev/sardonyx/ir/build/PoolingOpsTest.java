package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.of;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link PoolingOps}. */
class PoolingOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        PoolingOps.class,
        of("maxPool", 7, "float[2,4,3,3]", (b, x) -> b.maxPool(x, 2)),
        of(
            "maxPool",
            7,
            "float[2,4,3,3]",
            (b, x) -> b.maxPool(x, PoolOptions.of(3).withStrides(2).withPads(1))),
        of(
            "maxPool",
            10,
            "float[2,4,3,2]",
            (b, x) -> b.maxPool(x, PoolOptions.of(1, 3).withStrides(2, 3).withCeilMode(true))),
        of(
            "maxPool",
            10,
            "float[2,4,4,4]",
            (b, x) -> b.maxPool(x, PoolOptions.of(2).withDilations(2))),
        of("averagePool", 7, "float[2,4,2,2]", (b, x) -> b.averagePool(x, 3)),
        of(
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
        of("lpPool", 7, "float[2,4,5,5]", (b, x) -> b.lpPool(x, 2, PoolOptions.of(2))),
        of("globalAveragePool", 7, "float[2,4,1,1]", (b, x) -> b.globalAveragePool(x)),
        of("globalMaxPool", 7, "float[2,4,1,1]", (b, x) -> b.globalMaxPool(x)));
  }
}
