package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link NormalizationOps}. */
class NormalizationOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        NormalizationOps.class,
        method(
            "batchNormalization",
            7,
            SAME,
            (b, x) ->
                b.batchNormalization(x, floats(b, 4), floats(b, 4), floats(b, 4), floats(b, 4))),
        method(
            "instanceNormalization",
            7,
            SAME,
            (b, x) -> b.instanceNormalization(x, floats(b, 4), floats(b, 4), 1e-5f)),
        method(
            "groupNormalization",
            7,
            SAME,
            (b, x) -> b.groupNormalization(x, floats(b, 4), floats(b, 4), 2, 1e-5f)),
        method(
            "layerNormalization",
            7,
            SAME,
            (b, x) -> b.layerNormalization(x, floats(b, 6, 6), floats(b, 6, 6), 2, 1e-5f)),
        method(
            "layerNormalization",
            11,
            SAME,
            (b, x) -> b.layerNormalization(x, floats(b, 6), null, -1, 1e-5f)),
        method(
            "rmsNormalization", 7, SAME, (b, x) -> b.rmsNormalization(x, floats(b, 6), 3, 1e-5f)),
        method("lrn", 7, SAME, (b, x) -> b.lrn(x, 3, 1e-2f, 0.75f, 1)),
        method("lpNormalization", 7, SAME, (b, x) -> b.lpNormalization(x, 2, 1)),
        method("dropout", 7, SAME, (b, x) -> b.dropout(x, 0.5f)));
  }
}
