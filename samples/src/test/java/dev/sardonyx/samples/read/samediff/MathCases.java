package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.ops.SDMath;
import org.nd4j.enums.PartitionMode;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Arithmetic, element by element and over axes. */
final class MathCases {
  private MathCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDMath.class);
    elementwise(cases);
    operators(cases);
    reductions(cases);
    distances(cases);
    others(cases);
    return cases.list();
  }

  private static SDMath math(Bench b) {
    return b.sd().math();
  }

  private static void elementwise(OperatorCases cases) {
    cases
        .of("abs", b -> math(b).abs(b.x(3, 4)))
        .of("abs", "of whole numbers", b -> math(b).abs(b.ints(5, 3)))
        .of("acos", b -> math(b).acos(b.unit(3, 4)))
        .of("acosh", b -> math(b).acosh(b.positive(3, 4).add(1)))
        .of("asin", b -> math(b).asin(b.unit(3, 4)))
        .of("asinh", b -> math(b).asinh(b.x(3, 4)))
        .of("atan", b -> math(b).atan(b.x(3, 4)))
        .of("atanh", b -> math(b).atanh(b.unit(3, 4)))
        .of("ceil", b -> math(b).ceil(b.x(3, 4)))
        .of("cos", b -> math(b).cos(b.x(3, 4)))
        .of("cosh", b -> math(b).cosh(b.x(3, 4)))
        .of("cube", b -> math(b).cube(b.x(3, 4)))
        .of("erf", b -> math(b).erf(b.x(3, 4)))
        .of("erfc", b -> math(b).erfc(b.x(3, 4)))
        .of("exp", b -> math(b).exp(b.x(3, 4)))
        .of("expm1", b -> math(b).expm1(b.x(3, 4)))
        .of("floor", b -> math(b).floor(b.x(3, 4)))
        .of("isFinite", b -> math(b).isFinite(b.x(3, 4).div(b.whole(2, 3, 4))))
        .of("isInfinite", b -> math(b).isInfinite(b.x(3, 4).div(b.whole(2, 3, 4))))
        .of("isNaN", b -> math(b).isNaN(b.whole(2, 3, 4).div(b.whole(2, 3, 4))))
        .of("log", b -> math(b).log(b.positive(3, 4)))
        .of("log", "to a base", b -> math(b).log(b.positive(3, 4), 2))
        .of("log1p", b -> math(b).log1p(b.positive(3, 4)))
        .of("neg", b -> math(b).neg(b.x(3, 4)))
        .of("rationalTanh", b -> math(b).rationalTanh(b.x(3, 4)))
        .of("reciprocal", b -> math(b).reciprocal(b.positive(3, 4)))
        .of("rectifiedTanh", b -> math(b).rectifiedTanh(b.x(3, 4)))
        .of("round", b -> math(b).round(b.x(3, 4)))
        .of("round", "of halves", b -> math(b).round(b.whole(6, 5, 5).mul(0.5)))
        .of("rsqrt", b -> math(b).rsqrt(b.positive(3, 4)))
        .of("sign", b -> math(b).sign(b.whole(2, 3, 4)))
        .of("sin", b -> math(b).sin(b.x(3, 4)))
        .of("sinh", b -> math(b).sinh(b.x(3, 4)))
        .of("sqrt", b -> math(b).sqrt(b.positive(3, 4)))
        .of("square", b -> math(b).square(b.x(3, 4)))
        .of("step", b -> math(b).step(b.x(3, 4), 0.5))
        .of("step", "at whole numbers", b -> math(b).step(b.whole(2, 3, 4), 1))
        .of("tan", b -> math(b).tan(b.unit(3, 4)))
        .of("tanh", b -> math(b).tanh(b.x(3, 4)))
        .of("tanh", "of doubles", b -> math(b).tanh(b.doubles(3, 4)));
  }

  private static void operators(OperatorCases cases) {
    cases
        .of("add", b -> math(b).add(b.x(3, 4), b.x(3, 4)))
        .of("add", "broadcast", b -> math(b).add(b.x(3, 4), b.weights(4)))
        .of("add", "of two ranks", b -> math(b).add(b.x(2, 3, 4), b.weights(3, 1)))
        .of("add", "a number", b -> math(b).add(b.x(3, 4), 1.5))
        .of("add", "of whole numbers", b -> math(b).add(b.ints(5, 3), b.ints(5, 3)))
        .of("add", "a number to whole numbers", b -> math(b).add(b.ints(5, 3), 2))
        .of("add", "of doubles", b -> math(b).add(b.doubles(3), 0.1))
        .of("sub", b -> math(b).sub(b.x(3, 4), b.x(3, 4)))
        .of("sub", "a number", b -> math(b).sub(b.x(3, 4), 1.5))
        .of("mul", b -> math(b).mul(b.x(3, 4), b.x(3, 4)))
        .of("mul", "a number", b -> math(b).mul(b.x(3, 4), 1.5))
        .of("div", b -> math(b).div(b.x(3, 4), b.positive(3, 4)))
        .of("div", "a number", b -> math(b).div(b.x(3, 4), 1.5))
        .of("div", "of whole numbers", b -> math(b).div(b.ints(9, 5), b.ints(3, 5).add(1)))
        .of("rdiv", b -> math(b).rdiv(b.positive(3, 4), b.x(3, 4)))
        .of("rdiv", "a number", b -> math(b).rdiv(b.positive(3, 4), 2))
        .of("rsub", b -> math(b).rsub(b.x(3, 4), b.x(3, 4)))
        .of("rsub", "a number", b -> math(b).rsub(b.x(3, 4), 2))
        .of("pow", b -> math(b).pow(b.positive(3, 4), b.x(3, 4)))
        .of("pow", "a number", b -> math(b).pow(b.positive(3, 4), 1.7))
        .of("mod", "of whole numbers", b -> math(b).mod(b.ints(9, 5).sub(4), b.ints(3, 5).add(1)))
        .of("mod", b -> math(b).mod(b.x(3, 4), b.positive(3, 4)))
        .of("floorMod", b -> math(b).floorMod(b.x(3, 4), b.positive(3, 4)))
        .of(
            "floorMod",
            "of whole numbers",
            b -> math(b).floorMod(b.ints(9, 5).sub(4), b.ints(3, 5).add(1)))
        .of("floorMod", "a number", b -> math(b).floorMod(b.x(3, 4), 0.7))
        .of("floorDiv", b -> math(b).floorDiv(b.x(3, 4), b.positive(3, 4)))
        .of(
            "floorDiv",
            "of whole numbers",
            b -> math(b).floorDiv(b.ints(9, 5), b.ints(3, 5).add(1)))
        .of("squaredDifference", b -> math(b).squaredDifference(b.x(3, 4), b.x(3, 4)))
        .of("atan2", b -> math(b).atan2(b.x(3, 4), b.x(3, 4)))
        .of("max", b -> math(b).max(b.x(3, 4), b.x(3, 4)))
        .of("min", b -> math(b).min(b.x(3, 4), b.x(3, 4)))
        .of("and", b -> math(b).and(b.bools(3, 4), b.bools(3, 4)))
        .of("or", b -> math(b).or(b.bools(3, 4), b.bools(3, 4)))
        .of("xor", b -> math(b).xor(b.bools(3, 4), b.bools(3, 4)))
        .of("mergeAdd", b -> math(b).mergeAdd(b.x(3, 4), b.x(3, 4), b.x(3, 4)))
        .of("mergeAvg", b -> math(b).mergeAvg(b.x(3, 4), b.x(3, 4), b.x(3, 4)))
        .of("mergeMax", b -> math(b).mergeMax(b.x(3, 4), b.x(3, 4), b.x(3, 4)))
        .of("mergeMaxIndex", b -> math(b).mergeMaxIndex(b.x(3, 4), b.x(3, 4), b.x(3, 4)))
        .of("bitShift", b -> math(b).bitShift(b.ints(9, 5), b.ints(4, 5)))
        .of("bitShiftRight", b -> math(b).bitShiftRight(b.ints(99, 5), b.ints(4, 5)))
        .of("bitShiftRotl", b -> math(b).bitShiftRotl(b.ints(99, 5), b.constant(1)))
        .of("bitShiftRotr", b -> math(b).bitShiftRotr(b.ints(99, 5), b.constant(1)));
  }

  private static void reductions(OperatorCases cases) {
    cases
        .of("sum", b -> math(b).sum(b.x(3, 4, 2), 1))
        .of("sum", "kept", b -> math(b).sum(b.x(3, 4, 2), true, 1, -1))
        .of("sum", "of all", b -> math(b).sum(b.x(3, 4)))
        .of("sum", "of all, kept", b -> math(b).sum(b.x(3, 4), true))
        .of("sum", "along a variable", b -> math(b).sum(b.x(3, 4), b.constant(1)))
        .of("sum", "of whole numbers", b -> math(b).sum(b.ints(5, 3, 4), 1))
        .of("mean", b -> math(b).mean(b.x(3, 4, 2), 0, 2))
        .of("mean", "of all", b -> math(b).mean(b.x(3, 4)))
        .of("mean", "of whole numbers", b -> math(b).mean(b.ints(5, 3, 4), 1))
        .of("prod", b -> math(b).prod(b.x(3, 4), 1))
        .of("reduceMax", b -> math(b).reduceMax(b.x(3, 4), 1))
        .of("reduceMin", b -> math(b).reduceMin(b.x(3, 4), true, 1))
        .of("reduceAMax", b -> math(b).reduceAMax(b.x(3, 4), 1))
        .of("reduceAmean", b -> math(b).reduceAmean(b.x(3, 4), 1))
        .of("reduceAmin", b -> math(b).reduceAmin(b.x(3, 4), 1))
        .of("asum", b -> math(b).asum(b.x(3, 4), 1))
        .of("norm1", b -> math(b).norm1(b.x(3, 4), 1))
        .of("norm2", b -> math(b).norm2(b.x(3, 4), true, 1))
        .of("normMax", b -> math(b).normMax(b.x(3, 4), 1))
        .of("squaredNorm", b -> math(b).squaredNorm(b.x(3, 4), 1))
        .of("countNonZero", b -> math(b).countNonZero(b.whole(2, 3, 4), 1))
        .of("countZero", b -> math(b).countZero(b.whole(2, 3, 4), 1))
        .of("zeroFraction", b -> math(b).zeroFraction(b.whole(2, 3, 4)))
        .of("entropy", b -> math(b).entropy(b.probabilities(3, 4), 1))
        .of("logEntropy", b -> math(b).logEntropy(b.probabilities(3, 4), 1))
        .of("shannonEntropy", b -> math(b).shannonEntropy(b.probabilities(3, 4), 1))
        .of("logSumExp", b -> math(b).logSumExp(b.x(3, 4), 1))
        .of("iamax", b -> math(b).iamax(b.x(3, 4), 1))
        .of("iamin", b -> math(b).iamin(b.x(3, 4), 1))
        .of("firstIndex", b -> math(b).firstIndex(b.x(3, 4), Conditions.greaterThan(0), 1))
        .of("lastIndex", b -> math(b).lastIndex(b.x(3, 4), Conditions.greaterThan(0), 1))
        .all("moments", b -> math(b).moments(b.x(3, 4), new int[] {1}, false))
        .all("moments", "kept", b -> math(b).moments(b.x(3, 4, 2), new int[] {0, 2}, true))
        .refusedAll(
            "normalizeMoments",
            "",
            b ->
                math(b)
                    .normalizeMoments(
                        b.constant(4).castTo(DataType.FLOAT), b.x(3), b.positive(3), 0.5))
        .of("isNonDecreasing", b -> math(b).isNonDecreasing(b.x(4)))
        .of("isStrictlyIncreasing", b -> math(b).isStrictlyIncreasing(b.x(4)));
  }

  private static void distances(OperatorCases cases) {
    cases
        .of("cosineDistance", b -> math(b).cosineDistance(b.x(3, 4), b.x(3, 4), 1))
        .of("cosineSimilarity", b -> math(b).cosineSimilarity(b.x(3, 4), b.x(3, 4), 1))
        .of("euclideanDistance", b -> math(b).euclideanDistance(b.x(3, 4), b.x(3, 4), 1))
        .of("manhattanDistance", b -> math(b).manhattanDistance(b.x(3, 4), b.x(3, 4), 1))
        .of("hammingDistance", b -> math(b).hammingDistance(b.whole(2, 3, 4), b.whole(2, 3, 4), 1))
        .of("jaccardDistance", b -> math(b).jaccardDistance(b.positive(3, 4), b.positive(3, 4), 1));
  }

  private static void others(OperatorCases cases) {
    cases
        .of("clipByValue", b -> math(b).clipByValue(b.x(3, 4), -0.5, 1))
        .of("clipByNorm", b -> math(b).clipByNorm(b.x(3, 4), 1.5, 1))
        .refused("clipByAvgNorm", b -> math(b).clipByAvgNorm(b.x(3, 4), 0.3, 1))
        .of("cross", b -> math(b).cross(b.x(4, 3), b.x(4, 3)))
        .of("diag", b -> math(b).diag(b.x(4)))
        .of("diagPart", b -> math(b).diagPart(b.x(4, 4)))
        .of("setDiag", b -> math(b).setDiag(b.x(4, 4), b.x(4)))
        .of("trace", b -> math(b).trace(b.x(4, 4)))
        .of("eye", b -> b.x(3, 3).add(math(b).eye(3)))
        .of("eye", "of two sizes", b -> b.x(3, 4).add(math(b).eye(3, 4)))
        .of(
            "embeddingLookup",
            b -> math(b).embeddingLookup(b.weights(5, 3), b.ints(5, 4), PartitionMode.MOD))
        .of("isMax", b -> math(b).isMax(b.x(3, 4)))
        .of("standardize", b -> math(b).standardize(b.x(3, 4), 1))
        .of("standardize", "over two axes", b -> math(b).standardize(b.x(2, 3, 4), 1, 2))
        .of("matrixDeterminant", b -> math(b).matrixDeterminant(b.x(3, 3)))
        .refused("matrixInverse", b -> math(b).matrixInverse(b.x(3, 3)))
        .all("meshgrid", b -> math(b).meshgrid(new SDVariable[] {b.x(3), b.x(4)}, true))
        .refusedAll("listDiff", "", b -> math(b).listDiff(b.x(4), b.x(2)))
        .of("confusionMatrix", b -> math(b).confusionMatrix(b.ints(3, 6), b.ints(3, 6), 3));
  }
}
