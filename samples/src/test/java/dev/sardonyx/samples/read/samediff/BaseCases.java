package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.ops.SDBaseOps;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Shapes, indices, comparisons and what else SameDiff has itself. */
final class BaseCases {
  private BaseCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDBaseOps.class);
    comparisons(cases);
    reductions(cases);
    shapes(cases);
    pieces(cases);
    products(cases);
    scattered(cases);
    made(cases);
    others(cases);
    return cases.list();
  }

  private static void comparisons(OperatorCases cases) {
    cases
        .of("eq", b -> b.sd().eq(b.whole(2, 3, 4), b.whole(2, 3, 4)))
        .of("eq", "a number", b -> b.sd().eq(b.whole(2, 3, 4), 1))
        .of("neq", b -> b.sd().neq(b.whole(2, 3, 4), b.whole(2, 3, 4)))
        .of("neq", "a number", b -> b.sd().neq(b.whole(2, 3, 4), 1))
        .of("gt", b -> b.sd().gt(b.whole(2, 3, 4), b.whole(2, 3, 4)))
        .of("gt", "a number", b -> b.sd().gt(b.whole(2, 3, 4), 1))
        .of("gte", b -> b.sd().gte(b.whole(2, 3, 4), b.whole(2, 3, 4)))
        .of("gte", "a number", b -> b.sd().gte(b.whole(2, 3, 4), 1))
        .of("lt", b -> b.sd().lt(b.whole(2, 3, 4), b.whole(2, 3, 4)))
        .of("lt", "a number", b -> b.sd().lt(b.whole(2, 3, 4), 1))
        .of("lte", b -> b.sd().lte(b.whole(2, 3, 4), b.whole(2, 3, 4)))
        .of("lte", "a number", b -> b.sd().lte(b.whole(2, 3, 4), 1))
        .of("lte", "of whole numbers", b -> b.sd().lte(b.ints(3, 5), b.ints(3, 5)))
        .of("matchCondition", b -> b.sd().matchCondition(b.x(3, 4), Conditions.greaterThan(0.5)))
        .of(
            "matchCondition",
            "by size",
            b -> b.sd().matchCondition(b.x(3, 4), Conditions.absLessThan(0.5)))
        .of(
            "matchConditionCount",
            b -> b.sd().matchConditionCount(b.whole(2, 3, 4), Conditions.equals(0)))
        .of(
            "matchConditionCount",
            "along an axis",
            b -> b.sd().matchConditionCount(b.whole(2, 3, 4), Conditions.lessThan(0), true, 1))
        .of("max", b -> b.sd().max(b.x(3, 4), b.x(3, 4)))
        .of("max", "along an axis", b -> b.sd().max(b.x(3, 4), 1))
        .of("min", b -> b.sd().min(b.x(3, 4), b.x(3, 4)))
        .of("min", "along an axis", b -> b.sd().min(b.x(3, 4), 1))
        .of("scalarMax", b -> b.sd().scalarMax(b.x(3, 4), 0.5))
        .of("scalarMin", b -> b.sd().scalarMin(b.x(3, 4), 0.5))
        .of("scalarSet", b -> b.sd().scalarSet(b.x(3, 4), 0.5))
        .of("scalarFloorMod", b -> b.sd().scalarFloorMod(b.x(3, 4), 0.7))
        .of("isNumericTensor", b -> b.sd().isNumericTensor(b.x(3, 4)))
        .of("clipByValue", b -> b.sd().clipByValue(b.x(3, 4), -0.5, 1))
        .of("clipByNorm", b -> b.sd().clipByNorm(b.x(3, 4), 1.5))
        .of("replaceWhere", b -> b.sd().replaceWhere(b.x(3, 4), b.x(3, 4), Conditions.lessThan(0)))
        .of(
            "replaceWhere",
            "a number",
            b -> b.sd().replaceWhere(b.x(3, 4), 7, Conditions.lessThan(0)))
        .of("where", b -> b.sd().where(b.x(3, 4), b.x(3, 4), b.bools(3, 4)))
        .of("where", "of one condition", b -> b.sd().where(b.bools(3, 4)))
        .broken("whereNumpy", "", b -> b.sd().whereNumpy(b.x(3, 4), b.x(3, 4), b.bools(3, 4)));
  }

  private static void reductions(OperatorCases cases) {
    cases
        .of("all", b -> b.sd().all(b.bools(3, 4), 1))
        .of("any", b -> b.sd().any(b.bools(3, 4), 1))
        .of("argmax", b -> b.sd().argmax(b.x(3, 4), 1))
        .of("argmax", "kept", b -> b.sd().argmax(b.x(3, 4, 2), true, -2))
        .of("argmin", b -> b.sd().argmin(b.x(3, 4), 1))
        .of("sum", b -> b.sd().sum(b.x(3, 4), 1))
        .of("mean", b -> b.sd().mean(b.x(3, 4), true, 1))
        .of("mean", "along a variable", b -> b.sd().mean(b.x(3, 4), b.constant(0)))
        .of("prod", b -> b.sd().prod(b.x(3, 4), 1))
        .of("norm1", b -> b.sd().norm1(b.x(3, 4), 1))
        .of("norm2", b -> b.sd().norm2(b.x(3, 4), 1))
        .of("normmax", b -> b.sd().normmax(b.x(3, 4), 1))
        .of("squaredNorm", b -> b.sd().squaredNorm(b.x(3, 4), 1))
        .of("standardDeviation", b -> b.sd().standardDeviation(b.x(3, 4), true, 1))
        .of(
            "standardDeviation",
            "of all that there are",
            b -> b.sd().standardDeviation(b.x(3, 4), false, true, 1))
        .of("variance", b -> b.sd().variance(b.x(3, 4), true, 1))
        .of("variance", "of one element", b -> b.sd().variance(b.fixed(1, 4, 3), true, 0))
        .of("variance", "of all that there are", b -> b.sd().variance(b.x(3, 4, 2), false, 0, 2))
        .of("cumsum", b -> b.sd().cumsum(b.x(3, 4), 1))
        .of("cumsum", "exclusive, reverse", b -> b.sd().cumsum(b.x(3, 4), true, true, 0))
        .refused("cumprod", b -> b.sd().cumprod(b.x(3, 4), 1))
        .of("segmentSum", b -> b.sd().segmentSum(b.x(4, 2), b.constant(0, 0, 1, 2)))
        .of("segmentMean", b -> b.sd().segmentMean(b.x(4, 2), b.constant(0, 0, 1, 2)))
        .of("segmentMax", b -> b.sd().segmentMax(b.x(4, 2), b.constant(0, 0, 1, 2)))
        .of("segmentMin", b -> b.sd().segmentMin(b.x(4, 2), b.constant(0, 0, 1, 2)))
        .of("segmentProd", b -> b.sd().segmentProd(b.x(4, 2), b.constant(0, 0, 1, 2)))
        .of("unsortedSegmentSum", b -> b.sd().unsortedSegmentSum(b.x(4, 2), b.ints(3, 4), 3))
        .of(
            "unsortedSegmentMean",
            b -> b.sd().unsortedSegmentMean(b.x(4, 2), b.constant(2, 0, 1, 0), 3))
        .of(
            "unsortedSegmentMax",
            b -> b.sd().unsortedSegmentMax(b.x(4, 2), b.constant(2, 0, 1, 0), 3))
        .of(
            "unsortedSegmentMin",
            b -> b.sd().unsortedSegmentMin(b.x(4, 2), b.constant(2, 0, 1, 0), 3))
        .of(
            "unsortedSegmentProd",
            b -> b.sd().unsortedSegmentProd(b.x(4, 2), b.constant(2, 0, 1, 0), 3))
        .of(
            "unsortedSegmentSqrtN",
            b -> b.sd().unsortedSegmentSqrtN(b.x(4, 2), b.constant(2, 0, 1, 0), 3));
  }

  private static void shapes(OperatorCases cases) {
    cases
        .of("castTo", b -> b.sd().castTo(b.x(3, 4), DataType.INT32))
        .of("castTo", "from truth values", b -> b.sd().castTo(b.bools(3, 4), DataType.DOUBLE))
        .of("expandDims", b -> b.sd().expandDims(b.x(3, 4), 1))
        .of("expandDims", "from behind", b -> b.sd().expandDims(b.x(3, 4), -1))
        .of("squeeze", b -> b.sd().squeeze(b.x(3, 1, 4), 1))
        .of("permute", b -> b.sd().permute(b.x(2, 3, 4), 2, 0, 1))
        .of("permute", "by a variable", b -> b.sd().permute(b.x(2, 3, 4), b.constant(0, 2, 1)))
        .of("transpose", b -> b.sd().transpose(b.x(3, 4)))
        .of("reshape", b -> b.sd().reshape(b.x(2, 3, 4), -1, 6))
        .of("reshape", "by a variable", b -> b.sd().reshape(b.x(2, 3, 4), b.constant(-1, 2, 6)))
        .of(
            "reshape",
            "to the shape of another",
            b -> b.sd().reshape(b.x(2, 6), b.sd().shape(b.x(2, 3, 2))))
        .of("flatten", b -> b.sd().flatten(b.x(2, 3), b.x(4)))
        .of("shape", b -> b.sd().shape(b.x(2, 3, 4)))
        .of("size", b -> b.sd().size(b.x(2, 3, 4)))
        .of("sizeAt", b -> b.sd().sizeAt(b.x(2, 3, 4), 1))
        .of("rank", b -> b.sd().rank(b.x(2, 3, 4)))
        .of("tile", b -> b.sd().tile(b.x(2, 3), 2, 3))
        .of("tile", "by a variable", b -> b.sd().tile(b.x(2, 3), b.constant(2, 1)))
        .refused("repeat", b -> b.sd().repeat(b.x(2, 3), b.constant(2), 1))
        .of("reverse", b -> b.sd().reverse(b.x(2, 3, 4), 1, 2))
        .of("reverseSequence", b -> b.sd().reverseSequence(b.x(2, 5), b.constant(3, 5), 1, 0))
        .refusedAll("setShape", "", b -> b.sd().setShape(b.x(2, 6), b.constant(3, 4)))
        .of("identity", b -> b.sd().identity(b.x(2, 3)))
        .refused("assign", b -> b.sd().assign(b.x(2, 3), b.x(2, 3)))
        .of(
            "invertPermutation",
            b -> b.sd().invertPermutation(b.constant(2, 0, 1)).add(b.ints(3, 3)));
  }

  private static void pieces(OperatorCases cases) {
    cases
        .of("concat", b -> b.sd().concat(1, b.x(2, 3), b.x(2, 4)))
        .of("concat", "from behind", b -> b.sd().concat(-1, b.x(2, 3, 1), b.x(2, 3, 2)))
        .of("concat", "of scalars", b -> b.sd().concat(0, b.x(3, 4).mean(), b.x(2, 3).max()))
        .of("stack", b -> b.sd().stack(1, b.x(2, 3), b.x(2, 3)))
        .of("stack", "from behind", b -> b.sd().stack(-1, b.x(2, 3), b.x(2, 3)))
        .all("unstack", b -> b.sd().unstack(b.x(2, 3, 4), 1, 3))
        .all("split", b -> b.sd().split(b.x(2, 6), 3, 1))
        .brokenAll("split", "by a variable", b -> b.sd().split(b.x(2, 6), b.constant(3), 1))
        .all("splitV", b -> b.sd().splitV(b.x(2, 6), b.constant(1, 3, 2), 3, 1))
        .of("slice", b -> b.sd().slice(b.x(3, 4, 5), new int[] {1, 0, 2}, 2, 3, 2))
        .of("slice", "to the end", b -> b.sd().slice(b.x(3, 4), new int[] {1, 1}, -1, 2))
        .of(
            "slice",
            "by variables",
            b -> b.sd().slice(b.x(3, 4), b.constant(1, 0), b.constant(2, 3)))
        .of(
            "stridedSlice",
            b -> b.sd().stridedSlice(b.x(4, 6), new long[] {1, 0}, new long[] {4, 5}, 1, 2))
        .of(
            "stridedSlice",
            "with masks",
            b ->
                b.sd()
                    .stridedSlice(
                        b.x(4, 6, 3),
                        new long[] {1, 1, 0},
                        new long[] {3, 5, 1},
                        new long[] {1, 2, 1},
                        1,
                        2,
                        0,
                        0,
                        4))
        .refused(
            "stridedSlice",
            "with an ellipsis",
            b ->
                b.sd()
                    .stridedSlice(
                        b.x(4, 6, 3),
                        new long[] {0, 1},
                        new long[] {0, 2},
                        new long[] {1, 1},
                        0,
                        0,
                        1,
                        0,
                        0))
        .of(
            "stridedSlice",
            "with a new axis",
            b ->
                b.sd()
                    .stridedSlice(
                        b.x(4, 6),
                        new long[] {0, 0, 1},
                        new long[] {4, 0, 3},
                        new long[] {1, 1, 1},
                        0,
                        0,
                        0,
                        2,
                        0))
        .refused(
            "stridedSlice",
            "backwards",
            b -> b.sd().stridedSlice(b.x(4, 6), new long[] {0, -2}, new long[] {3, -5}, 1, -1))
        .of(
            "stridedSlice",
            "by get",
            b -> b.x(4, 6, 3).get(SDIndex.interval(1, 3), SDIndex.all(), SDIndex.point(2)))
        .refused("createView", b -> b.sd().createView(b.x(4, 6), new SDVariable[] {b.constant(0)}))
        .of("gather", b -> b.sd().gather(b.x(3, 4, 2), new int[] {2, 0}, 1))
        .of("gather", "by a variable", b -> b.sd().gather(b.x(4, 2), b.ints(4, 3, 2), 0))
        .of("gatherNd", b -> b.sd().gatherNd(b.x(3, 4, 2), b.ints(3, 5, 2)))
        .all("dynamicPartition", b -> b.sd().dynamicPartition(b.x(4), b.ints(2, 4), 2))
        .of(
            "dynamicStitch",
            b ->
                b.sd()
                    .dynamicStitch(
                        new SDVariable[] {b.constant(0, 2), b.constant(1)}, b.x(2, 3), b.x(1, 3)));
  }

  private static void products(OperatorCases cases) {
    cases
        .of("mmul", b -> b.sd().mmul(b.x(2, 3), b.weights(3, 4)))
        .of("mmul", "transposed", b -> b.sd().mmul(b.x(3, 2), b.weights(4, 3), true, true, false))
        .of(
            "mmul",
            "the result transposed",
            b -> b.sd().mmul(b.x(2, 3), b.weights(3, 4), false, false, true))
        .of("mmul", "of batches", b -> b.sd().mmul(b.x(2, 3, 4), b.x(2, 4, 2)))
        .of("mmul", "of doubles", b -> b.sd().mmul(b.doubles(2, 3), b.doubles(3, 4)))
        .refusedAll(
            "batchMmul",
            "",
            b ->
                b.sd()
                    .batchMmul(
                        new SDVariable[] {b.fixed(2, 3), b.fixed(2, 3)},
                        b.fixed(3, 4),
                        b.fixed(3, 4)))
        .refused(
            "tensorMmul",
            "of two axes",
            b -> b.sd().tensorMmul(b.x(2, 3, 4), b.weights(4, 3, 5), new int[] {1, 2}, 1, 0))
        .of("tensorMmul", b -> b.sd().tensorMmul(b.x(2, 3, 4), b.weights(4, 5), new int[] {2}, 0))
        .of("dot", b -> b.sd().dot(b.x(3, 4), b.x(3, 4), 1));
  }

  private static void scattered(OperatorCases cases) {
    cases
        .refused("scatterUpdate", b -> b.sd().scatterUpdate(b.x(5, 2), b.constant(3, 0), b.x(2, 2)))
        .of("scatterAdd", b -> b.sd().scatterAdd(b.x(5, 2), b.constant(3, 0), b.x(2, 2)))
        .of("scatterSub", b -> b.sd().scatterSub(b.x(5, 2), b.constant(3, 0), b.x(2, 2)))
        .of("scatterMul", b -> b.sd().scatterMul(b.x(5, 2), b.constant(3, 0), b.x(2, 2)))
        .of("scatterDiv", b -> b.sd().scatterDiv(b.x(5, 2), b.constant(3, 0), b.positive(2, 2)))
        .of("scatterMax", b -> b.sd().scatterMax(b.x(5, 2), b.constant(3, 0), b.x(2, 2)))
        .of("scatterMin", b -> b.sd().scatterMin(b.x(5, 2), b.constant(3, 0), b.x(2, 2)))
        .refused(
            "sparseToDense", b -> b.sd().sparseToDense(b.ints(3, 2, 2), b.constant(3, 4), b.x(2)))
        .of("oneHot", b -> b.sd().oneHot(b.ints(4, 3), 4))
        .of(
            "oneHot",
            "of two numbers",
            b -> b.sd().oneHot(b.ints(4, 3, 2), 4, 1, 2.5, -1.0, DataType.FLOAT));
  }

  private static void made(OperatorCases cases) {
    cases
        .of("onesLike", b -> b.sd().onesLike(b.x(2, 3)))
        .of("onesLike", "of another type", b -> b.sd().onesLike(b.x(2, 3), DataType.INT32))
        .of("zerosLike", b -> b.sd().zerosLike(b.x(2, 3)))
        .of("fill", b -> b.sd().fill(b.constant(2, 3), DataType.FLOAT, 1.5).add(b.x(2, 3)))
        .of(
            "create",
            b -> b.sd().create(b.constant(2, 3), DataType.FLOAT, "c", true).add(b.x(2, 3)))
        .refused(
            "create",
            "of any numbers",
            b -> b.sd().create(b.constant(2, 3), DataType.FLOAT).add(b.x(2, 3)))
        .of("linspace", b -> b.sd().linspace(DataType.FLOAT, 1, 2, 5).add(b.x(5)))
        .of("range", b -> b.sd().range(0, 5, 1.5, DataType.FLOAT).add(b.x(4)))
        .of(
            "range",
            "to a variable",
            b ->
                b.sd()
                    .range(
                        b.constant(Nd4j.scalar(0)),
                        b.sd().sizeAt(b.x(5, 2), 0),
                        b.constant(Nd4j.scalar(1)),
                        DataType.INT32))
        .of("sequenceMask", b -> b.sd().sequenceMask(b.ints(5, 3), 5, DataType.FLOAT))
        .of("minMax", b -> b.x(3).add(b.sd().minMax(DataType.FLOAT.toInt(), 1).mul(0)));
  }

  private static void others(OperatorCases cases) {
    cases
        .refusedAll("switchOp", "", b -> b.sd().switchOp(b.x(3), b.sd().constant(true)))
        .refused("merge", b -> b.sd().merge(b.x(3), b.x(3)));
  }
}
