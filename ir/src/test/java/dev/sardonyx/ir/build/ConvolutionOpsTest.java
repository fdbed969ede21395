package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.floats;
import static dev.sardonyx.ir.build.TypedMethods.method;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link ConvolutionOps}. */
class ConvolutionOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    ConvOptions strided = ConvOptions.DEFAULT.withStrides(2).withPads(1).withDilations(2);
    return TypedMethods.tests(
        ConvolutionOps.class,
        method("conv", 7, "float[2,3,4,4]", (b, x) -> b.conv(x, floats(b, 3, 4, 3, 3))),
        method(
            "conv",
            7,
            "float[2,3,6,6]",
            (b, x) -> b.conv(x, floats(b, 3, 4, 3, 3), ConvOptions.same())),
        method(
            "conv",
            7,
            "float[2,4,2,2]",
            (b, x) -> b.conv(x, floats(b, 4, 2, 3, 3), floats(b, 4), strided.withGroup(2))),
        method(
            "conv",
            7,
            "float[2,1,3,2]",
            (b, x) ->
                b.conv(
                    x,
                    floats(b, 1, 4, 2, 3),
                    ConvOptions.DEFAULT.withStrides(2, 3).withPadding(Padding.SAME_LOWER))),
        method(
            "convTranspose",
            7,
            "float[2,3,13,13]",
            (b, x) ->
                b.convTranspose(
                    x, floats(b, 4, 3, 3, 3), floats(b, 3), ConvOptions.DEFAULT.withStrides(2))),
        method(
            "convTranspose",
            7,
            "float[2,3,12,12]",
            (b, x) ->
                b.convTranspose(x, floats(b, 4, 3, 4, 4), null, ConvOptions.same().withStrides(2))),
        method("depthToSpace", 7, "float[2,1,12,12]", (b, x) -> b.depthToSpace(x, 2)),
        method("spaceToDepth", 7, "float[2,16,3,3]", (b, x) -> b.spaceToDepth(x, 2)));
  }
}
