package dev.sardonyx.ir.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphBuilder;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each typed method, at every opset from the first that has it: the model is valid, its result has
 * the expected type, and the forms of all opsets compute the same.
 */
class TypedOperatorsTest {
  private static final int[] OPSETS = {
    7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 26
  };
  private static final List<Class<?>> THEMES =
      List.of(
          ActivationOps.class,
          ConvolutionOps.class,
          IndexingOps.class,
          LogicOps.class,
          MathOps.class,
          NormalizationOps.class,
          PoolingOps.class,
          QuantizationOps.class,
          ReductionOps.class,
          SequenceModelOps.class,
          ShapeOps.class);

  /** Makes the result from the float input {@code [2,4,6,6]}. */
  private interface Body {
    Value build(GraphBuilder b, Value x);
  }

  private record Case(String method, int since, String type, Body body) {}

  private static Case of(String method, int since, String type, Body body) {
    return new Case(method, since, type, body);
  }

  private static Value floats(GraphBuilder b, long... dims) {
    int size = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
    float[] elements = new float[size];
    Random random = new Random(size);
    for (int i = 0; i < size; i++) {
      elements[i] = 0.1f + random.nextFloat();
    }
    return b.constant(Tensor.ofFloats(elements, dims));
  }

  private static Value longs(GraphBuilder b, long[] dims, long... elements) {
    return b.constant(Tensor.ofLongs(elements, dims));
  }

  private static Value bytes(GraphBuilder b, ElementType type, double[] elements, long... dims) {
    return b.constant(Tensor.ofNumbers(type, elements, dims));
  }

  private static Value matrix(GraphBuilder b, Value x) {
    return b.flatten(x, 1);
  }

  private static final String SAME = "float[2,4,6,6]";
  private static final String FLAGS = "bool[2,4,6,6]";

  private static List<Case> activations() {
    return List.of(
        of("relu", 7, SAME, (b, x) -> b.relu(x)),
        of("sigmoid", 7, SAME, (b, x) -> b.sigmoid(x)),
        of("tanh", 7, SAME, (b, x) -> b.tanh(x)),
        of("softplus", 7, SAME, (b, x) -> b.softplus(x)),
        of("softsign", 7, SAME, (b, x) -> b.softsign(x)),
        of("leakyRelu", 7, SAME, (b, x) -> b.leakyRelu(x, 0.1f)),
        of("pRelu", 7, SAME, (b, x) -> b.pRelu(x, floats(b, 4, 1, 1))),
        of("elu", 7, SAME, (b, x) -> b.elu(x, 0.5f)),
        of("selu", 7, SAME, (b, x) -> b.selu(x)),
        of("celu", 12, SAME, (b, x) -> b.celu(x, 0.5f)),
        of("gelu", 9, SAME, (b, x) -> b.gelu(x)),
        of("hardSigmoid", 7, SAME, (b, x) -> b.hardSigmoid(x, 0.3f, 0.4f)),
        of("hardSwish", 7, SAME, (b, x) -> b.hardSwish(x)),
        of("swish", 7, SAME, (b, x) -> b.swish(x, 1.5f)),
        of("mish", 7, SAME, (b, x) -> b.mish(x)),
        of("thresholdedRelu", 10, SAME, (b, x) -> b.thresholdedRelu(x, 0.5f)),
        of("clip", 7, SAME, (b, x) -> b.clip(x, -0.5, 0.25)),
        of("softmax", 7, SAME, (b, x) -> b.softmax(x, 1)),
        of("softmax", 7, SAME, (b, x) -> b.softmax(x)),
        of("logSoftmax", 7, SAME, (b, x) -> b.logSoftmax(x, -2)),
        of("hardmax", 7, SAME, (b, x) -> b.hardmax(x, 1)));
  }

  private static List<Case> convolutions() {
    ConvOptions strided = ConvOptions.DEFAULT.withStrides(2).withPads(1).withDilations(2);
    return List.of(
        of("conv", 7, "float[2,3,4,4]", (b, x) -> b.conv(x, floats(b, 3, 4, 3, 3))),
        of(
            "conv",
            7,
            "float[2,3,6,6]",
            (b, x) -> b.conv(x, floats(b, 3, 4, 3, 3), ConvOptions.same())),
        of(
            "conv",
            7,
            "float[2,4,2,2]",
            (b, x) -> b.conv(x, floats(b, 4, 2, 3, 3), floats(b, 4), strided.withGroup(2))),
        of(
            "conv",
            7,
            "float[2,1,3,2]",
            (b, x) ->
                b.conv(
                    x,
                    floats(b, 1, 4, 2, 3),
                    ConvOptions.DEFAULT.withStrides(2, 3).withPadding(Padding.SAME_LOWER))),
        of(
            "convTranspose",
            7,
            "float[2,3,13,13]",
            (b, x) ->
                b.convTranspose(
                    x, floats(b, 4, 3, 3, 3), floats(b, 3), ConvOptions.DEFAULT.withStrides(2))),
        of(
            "convTranspose",
            7,
            "float[2,3,12,12]",
            (b, x) ->
                b.convTranspose(x, floats(b, 4, 3, 4, 4), null, ConvOptions.same().withStrides(2))),
        of("depthToSpace", 7, "float[2,1,12,12]", (b, x) -> b.depthToSpace(x, 2)),
        of("spaceToDepth", 7, "float[2,16,3,3]", (b, x) -> b.spaceToDepth(x, 2)));
  }

  private static List<Case> pools() {
    return List.of(
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

  private static List<Case> normalizations() {
    return List.of(
        of(
            "batchNormalization",
            7,
            SAME,
            (b, x) ->
                b.batchNormalization(x, floats(b, 4), floats(b, 4), floats(b, 4), floats(b, 4))),
        of(
            "instanceNormalization",
            7,
            SAME,
            (b, x) -> b.instanceNormalization(x, floats(b, 4), floats(b, 4), 1e-5f)),
        of(
            "groupNormalization",
            7,
            SAME,
            (b, x) -> b.groupNormalization(x, floats(b, 4), floats(b, 4), 2, 1e-5f)),
        of(
            "layerNormalization",
            7,
            SAME,
            (b, x) -> b.layerNormalization(x, floats(b, 6, 6), floats(b, 6, 6), 2, 1e-5f)),
        of(
            "layerNormalization",
            11,
            SAME,
            (b, x) -> b.layerNormalization(x, floats(b, 6), null, -1, 1e-5f)),
        of("rmsNormalization", 7, SAME, (b, x) -> b.rmsNormalization(x, floats(b, 6), 3, 1e-5f)),
        of("lrn", 7, SAME, (b, x) -> b.lrn(x, 3, 1e-2f, 0.75f, 1)),
        of("lpNormalization", 7, SAME, (b, x) -> b.lpNormalization(x, 2, 1)),
        of("dropout", 7, SAME, (b, x) -> b.dropout(x, 0.5f)));
  }

  private static List<Case> mathematics() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("add", 7, SAME, (b, x) -> b.add(x, floats(b, 6))));
    cases.add(of("sub", 7, SAME, (b, x) -> b.sub(x, floats(b, 6))));
    cases.add(of("mul", 7, SAME, (b, x) -> b.mul(x, floats(b, 4, 1, 1))));
    cases.add(of("div", 7, SAME, (b, x) -> b.div(x, floats(b, 6))));
    cases.add(of("pow", 7, SAME, (b, x) -> b.pow(x, b.constant(2f))));
    cases.add(of("mod", 10, SAME, (b, x) -> b.mod(x, floats(b, 6))));
    cases.add(
        of("mod", 10, "int64[3]", (b, x) -> b.mod(b.longs("a", -7, 7, 5), b.longs("b", 3, -3, 3))));
    cases.add(of("neg", 7, SAME, (b, x) -> b.neg(x)));
    cases.add(of("abs", 7, SAME, (b, x) -> b.abs(x)));
    cases.add(of("sqrt", 7, SAME, (b, x) -> b.sqrt(b.abs(x))));
    cases.add(of("exp", 7, SAME, (b, x) -> b.exp(x)));
    cases.add(of("log", 7, SAME, (b, x) -> b.log(b.exp(x))));
    cases.add(of("reciprocal", 7, SAME, (b, x) -> b.reciprocal(b.exp(x))));
    cases.add(of("floor", 7, SAME, (b, x) -> b.floor(x)));
    cases.add(of("ceil", 7, SAME, (b, x) -> b.ceil(x)));
    cases.add(of("round", 11, SAME, (b, x) -> b.round(x)));
    cases.add(of("sign", 9, SAME, (b, x) -> b.sign(x)));
    cases.add(of("erf", 9, SAME, (b, x) -> b.erf(x)));
    cases.add(of("sin", 7, SAME, (b, x) -> b.sin(x)));
    cases.add(of("cos", 7, SAME, (b, x) -> b.cos(x)));
    cases.add(of("tan", 7, SAME, (b, x) -> b.tan(x)));
    cases.add(of("min", 8, SAME, (b, x) -> b.min(x, floats(b, 6))));
    cases.add(of("max", 8, SAME, (b, x) -> b.max(x, floats(b, 6), b.neg(x))));
    cases.add(of("sum", 8, SAME, (b, x) -> b.sum(x, floats(b, 6))));
    cases.add(of("mean", 8, SAME, (b, x) -> b.mean(x, floats(b, 6))));
    cases.add(of("matMul", 7, "float[2,4,6,5]", (b, x) -> b.matMul(x, floats(b, 6, 5))));
    cases.add(
        of(
            "gemm",
            7,
            "float[2,5]",
            (b, x) -> b.gemm(matrix(b, x), floats(b, 144, 5), floats(b, 5))));
    cases.add(
        of(
            "gemm",
            11,
            "float[144,3]",
            (b, x) -> b.gemm(matrix(b, x), floats(b, 3, 2), null, 0.5f, 1, true, true)));
    cases.add(
        of("einsum", 12, "float[2,4,5]", (b, x) -> b.einsum("nchw,hk->nck", x, floats(b, 6, 5))));
    cases.add(of("cumSum", 11, SAME, (b, x) -> b.cumSum(x, 2)));
    cases.add(of("det", 11, "float[2,4]", (b, x) -> b.det(x)));
    return cases;
  }

  private static List<Case> logic() {
    return List.of(
        of("equal", 11, FLAGS, (b, x) -> b.equal(x, x)),
        of("equal", 7, "bool[2]", (b, x) -> b.equal(b.longs("a", 1, 2), b.longs("b", 1, 3))),
        of("less", 7, FLAGS, (b, x) -> b.less(x, floats(b, 6))),
        of("greater", 7, FLAGS, (b, x) -> b.greater(x, floats(b, 6))),
        of("lessOrEqual", 11, FLAGS, (b, x) -> b.lessOrEqual(x, floats(b, 6))),
        of("greaterOrEqual", 11, FLAGS, (b, x) -> b.greaterOrEqual(x, x)),
        of("and", 7, FLAGS, (b, x) -> b.and(positive(b, x), big(b, x))),
        of("or", 7, FLAGS, (b, x) -> b.or(positive(b, x), big(b, x))),
        of("xor", 7, FLAGS, (b, x) -> b.xor(positive(b, x), big(b, x))),
        of("not", 7, FLAGS, (b, x) -> b.not(positive(b, x))),
        of("isNaN", 9, FLAGS, (b, x) -> b.isNaN(b.log(x))),
        of("isInf", 10, FLAGS, (b, x) -> b.isInf(b.reciprocal(b.relu(x)))),
        of("bitwiseNot", 18, "int64[2]", (b, x) -> b.bitwiseNot(b.longs("a", 5, -9))),
        of(
            "bitwiseAnd",
            18,
            "int64[2]",
            (b, x) -> b.bitwiseAnd(b.longs("a", 5, -9), b.longs("b", 3, 3))),
        of(
            "bitwiseOr",
            18,
            "int64[2]",
            (b, x) -> b.bitwiseOr(b.longs("a", 5, -9), b.longs("b", 3, 3))),
        of(
            "bitwiseXor",
            18,
            "int64[2]",
            (b, x) -> b.bitwiseXor(b.longs("a", 5, -9), b.longs("b", 3, 3))),
        of("where", 9, SAME, (b, x) -> b.where(positive(b, x), x, b.constant(0f))));
  }

  private static Value positive(GraphBuilder b, Value x) {
    return b.greater(x, b.constant(0f));
  }

  private static Value big(GraphBuilder b, Value x) {
    return b.greater(b.abs(x), b.constant(1f));
  }

  private static List<Case> reductions() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("reduceSum", 7, "float[2,1,6,1]", (b, x) -> b.reduceSum(x, true, 1, 3)));
    cases.add(of("reduceSum", 11, "float[2,4,6]", (b, x) -> b.reduceSum(x, false, -1)));
    cases.add(of("reduceMean", 7, "float[2,4]", (b, x) -> b.reduceMean(x, false, 2, 3)));
    cases.add(of("reduceMean", 7, "float[]", (b, x) -> b.reduceMean(x, false)));
    cases.add(of("reduceMax", 7, "float[2,4]", (b, x) -> b.reduceMax(x, false, 2, 3)));
    cases.add(of("reduceMin", 7, "float[2,4]", (b, x) -> b.reduceMin(x, false, 2, 3)));
    cases.add(of("reduceProd", 7, "float[2,4,6]", (b, x) -> b.reduceProd(x, false, 3)));
    cases.add(of("reduceL1", 7, "float[2,4]", (b, x) -> b.reduceL1(x, false, 2, 3)));
    cases.add(of("reduceL2", 7, "float[2,4]", (b, x) -> b.reduceL2(x, false, 2, 3)));
    cases.add(of("reduceSumSquare", 7, "float[2,4]", (b, x) -> b.reduceSumSquare(x, false, 2, 3)));
    cases.add(of("reduceLogSum", 7, "float[2,4]", (b, x) -> b.reduceLogSum(b.exp(x), false, 2, 3)));
    cases.add(of("reduceLogSumExp", 7, "float[2,4]", (b, x) -> b.reduceLogSumExp(x, false, 2, 3)));
    cases.add(of("argMax", 7, "int64[2,1,6,6]", (b, x) -> b.argMax(x, 1, true)));
    cases.add(of("argMin", 7, "int64[2,4,6]", (b, x) -> b.argMin(x, 3, false)));
    return cases;
  }

  private static List<Case> shapes() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("reshape", 7, "float[2,144]", (b, x) -> b.reshape(x, 0, -1)));
    cases.add(of("reshape", 7, SAME, (b, x) -> b.reshape(b.flatten(x), b.shape(x))));
    cases.add(of("flatten", 7, "float[2,144]", (b, x) -> b.flatten(x)));
    cases.add(of("flatten", 7, "float[8,36]", (b, x) -> b.flatten(x, 2)));
    cases.add(of("transpose", 7, "float[2,6,6,4]", (b, x) -> b.transpose(x, 0, 2, 3, 1)));
    cases.add(of("transpose", 7, "float[6,6,4,2]", (b, x) -> b.transpose(x)));
    cases.add(of("squeeze", 7, "float[2,4]", (b, x) -> b.squeeze(b.globalMaxPool(x), 2, 3)));
    cases.add(of("squeeze", 7, "float[2,4]", (b, x) -> b.squeeze(b.globalMaxPool(x))));
    cases.add(of("unsqueeze", 7, "float[1,2,4,6,1,6]", (b, x) -> b.unsqueeze(x, 0, 4)));
    cases.add(of("concat", 7, "float[2,8,6,6]", (b, x) -> b.concat(1, x, b.neg(x))));
    cases.add(of("concat", 7, "float[2,4,12,6]", (b, x) -> b.concat(2, List.of(x, x))));
    cases.add(of("split", 7, "float[2,3,6,6]", (b, x) -> b.split(x, 1, 1, 3).get(1)));
    cases.add(of("splitEvenly", 7, "float[2,4,6,3]", (b, x) -> b.splitEvenly(x, 3, 2).get(1)));
    cases.add(of("slice", 7, "float[2,4,2,6]", (b, x) -> b.slice(x, 2, 1, 3)));
    cases.add(
        of(
            "slice",
            10,
            "float[2,4,3,2]",
            (b, x) ->
                b.slice(
                    x,
                    new long[] {2, 3},
                    new long[] {0, 5},
                    new long[] {6, 1},
                    new long[] {2, -2})));
    cases.add(of("pad", 7, "float[2,4,8,7]", (b, x) -> b.pad(x, 0, 0, 1, 0, 0, 0, 1, 1)));
    cases.add(
        of(
            "pad",
            7,
            "float[2,4,7,6]",
            (b, x) -> b.pad(x, "constant", 1.5, 0, 0, 1, 0, 0, 0, 0, 0)));
    cases.add(
        of("pad", 7, "float[2,4,8,6]", (b, x) -> b.pad(x, "reflect", 0, 0, 0, 1, 0, 0, 0, 1, 0)));
    cases.add(of("tile", 7, "float[2,8,6,6]", (b, x) -> b.tile(x, 1, 2, 1, 1)));
    cases.add(of("expand", 8, "float[3,2,4,6,6]", (b, x) -> b.expand(x, 3, 1, 1, 1, 1)));
    cases.add(of("expand", 8, SAME, (b, x) -> b.expand(b.constant(1f), b.shape(x))));
    cases.add(of("shape", 7, "int64[4]", (b, x) -> b.shape(x)));
    cases.add(of("shape", 10, "int64[2]", (b, x) -> b.shape(x, 1, 3)));
    cases.add(of("size", 7, "int64[]", (b, x) -> b.size(x)));
    cases.add(of("identity", 7, SAME, (b, x) -> b.identity(x)));
    cases.add(of("cast", 7, "int32[2,4,6,6]", (b, x) -> b.cast(x, ElementType.INT32)));
    cases.add(of("castLike", 7, "int64[2,4,6,6]", (b, x) -> b.castLike(x, b.constant(1L))));
    cases.add(
        of("constantOfShape", 9, SAME, (b, x) -> b.constantOfShape(b.shape(x), Tensor.scalar(3f))));
    cases.add(
        of(
            "range",
            11,
            "int64[4]",
            (b, x) -> b.range(b.constant(1L), b.constant(9L), b.constant(2L))));
    cases.add(of("trilu", 14, SAME, (b, x) -> b.trilu(x, true)));
    cases.add(
        of(
            "resizeTo",
            11,
            "float[2,4,9,12]",
            (b, x) -> b.resizeTo(x, ResizeOptions.LINEAR, 2, 4, 9, 12)));
    cases.add(
        of(
            "resizeBy",
            11,
            "float[2,4,12,3]",
            (b, x) -> b.resizeBy(x, ResizeOptions.NEAREST, 1, 1, 2, 0.5f)));
    return cases;
  }

  private static List<Case> indexing() {
    return List.of(
        of("topK", 7, "float[2,4,6,2]", (b, x) -> b.topK(x, 2, 3).values()),
        of("topK", 7, "int64[2,4,6,2]", (b, x) -> b.topK(x, 2, 3).indices()),
        of("gather", 7, "float[2,3,6,6]", (b, x) -> b.gather(x, b.longs("i", 3, 0, 0), 1)),
        of(
            "gatherElements",
            11,
            "float[1,1,1,2]",
            (b, x) -> b.gatherElements(x, longs(b, new long[] {1, 1, 1, 2}, 3, 1), 3)),
        of(
            "gatherNd",
            11,
            "float[2,6,6]",
            (b, x) -> b.gatherNd(x, longs(b, new long[] {2, 2}, 0, 1, 1, 3))),
        of(
            "scatterElements",
            11,
            SAME,
            (b, x) ->
                b.scatterElements(
                    x, longs(b, new long[] {1, 1, 1, 2}, 3, 1), floats(b, 1, 1, 1, 2), 3)),
        of(
            "scatterNd",
            11,
            SAME,
            (b, x) -> b.scatterNd(x, longs(b, new long[] {1, 1}, 1), floats(b, 1, 4, 6, 6))),
        of(
            "oneHot",
            9,
            "float[3,5]",
            (b, x) -> b.oneHot(b.longs("i", 1, 4, 0), 5, floats(b, 2), -1)),
        of("nonZero", 9, "int64[4,?]", (b, x) -> b.nonZero(b.relu(x))),
        of(
            "compress",
            9,
            "float[2,2,6,6]",
            (b, x) ->
                b.compress(
                    x,
                    b.constant(Tensor.ofBooleans(new boolean[] {true, false, true, false}, 4)),
                    1)),
        of(
            "nonMaxSuppression",
            10,
            "int64[?,3]",
            (b, x) -> b.nonMaxSuppression(floats(b, 1, 3, 4), floats(b, 1, 2, 3), 2, 0.5f, 0f)));
  }

  private static List<Case> quantization() {
    return List.of(
        of(
            "quantizeLinear",
            10,
            "uint8[2,4,6,6]",
            (b, x) ->
                b.quantizeLinear(
                    x, b.constant(0.1f), bytes(b, ElementType.UINT8, new double[] {128}))),
        of(
            "quantizeLinear",
            13,
            "int8[2,4,6,6]",
            (b, x) ->
                b.quantizeLinear(x, floats(b, 4), bytes(b, ElementType.INT8, new double[4], 4), 1)),
        of(
            "dequantizeLinear",
            10,
            "float[2]",
            (b, x) ->
                b.dequantizeLinear(
                    bytes(b, ElementType.INT8, new double[] {-3, 9}, 2), b.constant(0.5f), null)),
        of(
            "dequantizeLinear",
            13,
            "float[2]",
            (b, x) ->
                b.dequantizeLinear(
                    bytes(b, ElementType.INT8, new double[] {-3, 9}, 2),
                    floats(b, 2),
                    bytes(b, ElementType.INT8, new double[] {1, 2}, 2),
                    0)),
        of("dynamicQuantizeLinear", 11, "uint8[2,4,6,6]", (b, x) -> b.dynamicQuantizeLinear(x).y()),
        of(
            "matMulInteger",
            10,
            "int32[2,2]",
            (b, x) ->
                b.matMulInteger(
                    bytes(b, ElementType.UINT8, new double[] {1, 2, 3, 200}, 2, 2),
                    bytes(b, ElementType.INT8, new double[] {1, -2, 3, -4}, 2, 2),
                    bytes(b, ElementType.UINT8, new double[] {5}),
                    null)),
        of(
            "qLinearMatMul",
            10,
            "uint8[2,2]",
            (b, x) ->
                b.qLinearMatMul(
                    bytes(b, ElementType.UINT8, new double[] {1, 2, 3, 200}, 2, 2),
                    b.constant(0.1f),
                    bytes(b, ElementType.UINT8, new double[] {5}),
                    bytes(b, ElementType.UINT8, new double[] {1, 2, 3, 4}, 2, 2),
                    b.constant(0.2f),
                    bytes(b, ElementType.UINT8, new double[] {1}),
                    b.constant(0.3f),
                    bytes(b, ElementType.UINT8, new double[] {3}))));
  }

  private static List<Case> sequenceModels() {
    RecurrentOptions both =
        RecurrentOptions.DEFAULT.withDirection(RecurrentOptions.Direction.BIDIRECTIONAL);
    return List.of(
        of(
            "lstm",
            7,
            "float[8,1,6,5]",
            (b, x) ->
                b.lstm(
                        steps(b, x),
                        floats(b, 1, 20, 6),
                        floats(b, 1, 20, 5),
                        RecurrentOptions.DEFAULT.withBias(floats(b, 1, 40)))
                    .steps()),
        of(
            "lstm",
            7,
            "float[2,6,5]",
            (b, x) ->
                b.lstm(steps(b, x), floats(b, 2, 20, 6), floats(b, 2, 20, 5), both).lastCell()),
        of(
            "gru",
            7,
            "float[1,6,5]",
            (b, x) ->
                b.gru(
                        steps(b, x),
                        floats(b, 1, 15, 6),
                        floats(b, 1, 15, 5),
                        RecurrentOptions.DEFAULT.withInitialHidden(floats(b, 1, 6, 5)),
                        true)
                    .lastHidden()),
        of(
            "rnn",
            7,
            "float[8,1,6,5]",
            (b, x) ->
                b.rnn(
                        steps(b, x),
                        floats(b, 1, 5, 6),
                        floats(b, 1, 5, 5),
                        RecurrentOptions.DEFAULT.withActivations("Relu"))
                    .steps()),
        of("attention", 23, SAME, (b, x) -> b.attention(x, x, x, null, true)));
  }

  private static Value steps(GraphBuilder b, Value x) {
    return b.reshape(x, 8, 6, 6);
  }

  private static List<Case> all() {
    return Stream.of(
            activations(),
            convolutions(),
            pools(),
            normalizations(),
            mathematics(),
            logic(),
            reductions(),
            shapes(),
            indexing(),
            quantization(),
            sequenceModels())
        .flatMap(List::stream)
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> everyMethodAtEveryOpset() {
    List<Case> cases = all();
    return Stream.iterate(0, i -> i < cases.size(), i -> i + 1)
        .map(i -> dynamicTest(i + " " + cases.get(i).method(), () -> check(cases.get(i))));
  }

  private static void check(Case c) throws Exception {
    Map<Integer, Model> models = new TreeMap<>();
    for (int opset : OPSETS) {
      if (opset >= c.since()) {
        String where = c.method() + " at opset " + opset;
        Model model = model(c, opset);
        assertTrue(Checker.check(model).isValid(), () -> where + ": " + Checker.check(model));
        String type = model.graph().outputs().get(0).type().toString();
        assertTrue(matches(type, c.type()), () -> where + " is " + type + ", not " + c.type());
        models.put(opset, model);
      }
    }
    Tensor expected = null;
    for (Map.Entry<Integer, Model> entry : models.entrySet()) {
      Tensor actual = run(entry.getValue());
      expected = expected == null ? actual : expected;
      compare(expected, actual, c.method() + " at opset " + entry.getKey() + " and " + c.since());
    }
  }

  /** The expected type may leave a dimension open. */
  private static boolean matches(String actual, String expected) {
    String[] a = actual.split("[\\[,\\]]", -1);
    String[] e = expected.split("[\\[,\\]]", -1);
    if (a.length != e.length) {
      return false;
    }
    for (int i = 0; i < a.length; i++) {
      if (!e[i].equals("?") && !e[i].equals(a[i])) {
        return false;
      }
    }
    return true;
  }

  private static Model model(Case c, int opset) {
    GraphBuilder b = GraphBuilder.of("typed", opset);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2, 4, 6, 6)));
    Value y = c.body().build(b, x);
    b.output(y, "y");
    return b.buildModel();
  }

  private static Tensor run(Model model) throws Exception {
    float[] elements = new float[2 * 4 * 6 * 6];
    Random random = new Random(7);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    ReferenceBackend backend = new ReferenceBackend();
    assumeTrue(backend.supports(model), () -> backend.whyUnsupported(model).orElse(""));
    try (PreparedModel prepared = backend.prepare(model)) {
      Map<String, Datum> outputs = prepared.run(Map.of("x", Tensor.ofFloats(elements, 2, 4, 6, 6)));
      return (Tensor) outputs.get("y");
    }
  }

  private static void compare(Tensor expected, Tensor actual, String where) {
    assertEquals(expected.type(), actual.type(), where);
    double[] a = expected.toDoubles();
    double[] b = actual.toDoubles();
    for (int i = 0; i < a.length; i++) {
      if (Double.compare(a[i], b[i]) != 0
          && !(Math.abs(a[i] - b[i]) <= 1e-4 + 1e-4 * Math.abs(a[i]))) {
        fail(where + " differ at " + i + ": " + b[i] + " and " + a[i]);
      }
    }
  }

  @Test
  void noTypedMethodIsLeftOut() {
    Set<String> tested =
        all().stream().map(Case::method).collect(Collectors.toCollection(TreeSet::new));
    Set<String> methods = new TreeSet<>();
    for (Class<?> theme : THEMES) {
      for (Method method : theme.getDeclaredMethods()) {
        if (method.isDefault()
            && Modifier.isPublic(method.getModifiers())
            && !method.isSynthetic()) {
          methods.add(method.getName());
        }
      }
    }
    assertEquals(methods, tested);
  }
}
