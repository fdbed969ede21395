package dev.sardonyx.ir.build;

import static dev.sardonyx.ir.build.TypedMethods.SAME;
import static dev.sardonyx.ir.build.TypedMethods.method;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The methods of {@link ShapeOps}. */
class ShapeOpsTest {
  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    return TypedMethods.tests(
        ShapeOps.class,
        method("reshape", 7, "float[2,144]", (b, x) -> b.reshape(x, 0, -1)),
        method("reshape", 7, SAME, (b, x) -> b.reshape(b.flatten(x), b.shape(x))),
        method("flatten", 7, "float[2,144]", (b, x) -> b.flatten(x)),
        method("flatten", 7, "float[8,36]", (b, x) -> b.flatten(x, 2)),
        method("transpose", 7, "float[2,6,6,4]", (b, x) -> b.transpose(x, 0, 2, 3, 1)),
        method("transpose", 7, "float[6,6,4,2]", (b, x) -> b.transpose(x)),
        method("squeeze", 7, "float[2,4]", (b, x) -> b.squeeze(b.globalMaxPool(x), 2, 3)),
        method("squeeze", 7, "float[2,4]", (b, x) -> b.squeeze(b.globalMaxPool(x))),
        method("unsqueeze", 7, "float[1,2,4,6,1,6]", (b, x) -> b.unsqueeze(x, 0, 4)),
        method("concat", 7, "float[2,8,6,6]", (b, x) -> b.concat(1, x, b.neg(x))),
        method("concat", 7, "float[2,4,12,6]", (b, x) -> b.concat(2, List.of(x, x))),
        method("split", 7, "float[2,3,6,6]", (b, x) -> b.split(x, 1, 1, 3).get(1)),
        method("splitEvenly", 7, "float[2,4,6,3]", (b, x) -> b.splitEvenly(x, 3, 2).get(1)),
        method("slice", 7, "float[2,4,2,6]", (b, x) -> b.slice(x, 2, 1, 3)),
        method(
            "slice",
            10,
            "float[2,4,3,2]",
            (b, x) ->
                b.slice(
                    x,
                    new long[] {2, 3},
                    new long[] {0, 5},
                    new long[] {6, 1},
                    new long[] {2, -2})),
        method("pad", 7, "float[2,4,8,7]", (b, x) -> b.pad(x, 0, 0, 1, 0, 0, 0, 1, 1)),
        method(
            "pad",
            7,
            "float[2,4,7,6]",
            (b, x) -> b.pad(x, "constant", 1.5, 0, 0, 1, 0, 0, 0, 0, 0)),
        method(
            "pad", 7, "float[2,4,8,6]", (b, x) -> b.pad(x, "reflect", 0, 0, 0, 1, 0, 0, 0, 1, 0)),
        method("tile", 7, "float[2,8,6,6]", (b, x) -> b.tile(x, 1, 2, 1, 1)),
        method("expand", 8, "float[3,2,4,6,6]", (b, x) -> b.expand(x, 3, 1, 1, 1, 1)),
        method("expand", 8, SAME, (b, x) -> b.expand(b.constant(1f), b.shape(x))),
        method("shape", 7, "int64[4]", (b, x) -> b.shape(x)),
        method("shape", 10, "int64[2]", (b, x) -> b.shape(x, 1, 3)),
        method("size", 7, "int64[]", (b, x) -> b.size(x)),
        method("identity", 7, SAME, (b, x) -> b.identity(x)),
        method("cast", 7, "int32[2,4,6,6]", (b, x) -> b.cast(x, ElementType.INT32)),
        method("castLike", 7, "int64[2,4,6,6]", (b, x) -> b.castLike(x, b.constant(1L))),
        method(
            "constantOfShape", 9, SAME, (b, x) -> b.constantOfShape(b.shape(x), Tensor.scalar(3f))),
        method(
            "range",
            11,
            "int64[4]",
            (b, x) -> b.range(b.constant(1L), b.constant(9L), b.constant(2L))),
        method("trilu", 14, SAME, (b, x) -> b.trilu(x, true)),
        method(
            "resizeTo",
            11,
            "float[2,4,9,12]",
            (b, x) -> b.resizeTo(x, ResizeOptions.LINEAR, 2, 4, 9, 12)),
        method(
            "resizeBy",
            11,
            "float[2,4,12,3]",
            (b, x) -> b.resizeBy(x, ResizeOptions.NEAREST, 1, 1, 2, 0.5f)));
  }
}
