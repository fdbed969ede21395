package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link IndexingOps}. */
class IndexingOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        IndexingOps.class,
        method("topK", 7, "float[2,4,6,2]", (b, x) -> b.topK(x, 2, 3).values()),
        method("topK", 7, "int64[2,4,6,2]", (b, x) -> b.topK(x, 2, 3).indices()),
        method("gather", 7, "float[2,3,6,6]", (b, x) -> b.gather(x, b.longs("i", 3, 0, 0), 1)),
        method(
            "gatherElements",
            11,
            "float[1,1,1,2]",
            (b, x) -> b.gatherElements(x, longs(b, new long[] {1, 1, 1, 2}, 3, 1), 3)),
        method(
            "gatherNd",
            11,
            "float[2,6,6]",
            (b, x) -> b.gatherNd(x, longs(b, new long[] {2, 2}, 0, 1, 1, 3))),
        method(
            "scatterElements",
            11,
            SAME,
            (b, x) ->
                b.scatterElements(
                    x, longs(b, new long[] {1, 1, 1, 2}, 3, 1), floats(b, 1, 1, 1, 2), 3)),
        method(
            "scatterNd",
            11,
            SAME,
            (b, x) -> b.scatterNd(x, longs(b, new long[] {1, 1}, 1), floats(b, 1, 4, 6, 6))),
        method(
            "oneHot",
            9,
            "float[3,5]",
            (b, x) -> b.oneHot(b.longs("i", 1, 4, 0), 5, floats(b, 2), -1)),
        method("nonZero", 9, "int64[4,?]", (b, x) -> b.nonZero(b.relu(x))),
        method(
            "compress",
            9,
            "float[2,2,6,6]",
            (b, x) ->
                b.compress(
                    x,
                    b.constant(Tensor.ofBooleans(new boolean[] {true, false, true, false}, 4)),
                    1)),
        method(
            "nonMaxSuppression",
            10,
            "int64[?,3]",
            (b, x) -> b.nonMaxSuppression(floats(b, 1, 3, 4), floats(b, 1, 2, 3), 2, 0.5f, 0f)));
  }

  private static Value longs(GraphBuilder b, long[] dims, long... elements) {
    return b.constant(Tensor.ofLongs(elements, dims));
  }
}
