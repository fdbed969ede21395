package dev.sardonyx.export.keras;

import dev.sardonyx.export.keras.OperationReaders.Called;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Reductions of {@code keras.ops}, and products of matrices. */
final class ReductionOperations {
  static final Map<String, LayerReader> OPERATIONS = new TreeMap<>();

  /** A reduction. */
  private interface Reduction {
    Value apply(GraphBuilder b, Value x, boolean keepDims, long... axes);
  }

  /** An operation of two operands. */
  private interface BinaryOperation {
    Value apply(GraphBuilder b, Value x, Value y);
  }

  static {
    reduce("Sum", false, GraphBuilder::reduceSum);
    reduce("Prod", false, GraphBuilder::reduceProd);
    extreme(GraphBuilder::reduceMax, (b, x, y) -> b.max(x, y), "Max", "Amax");
    extreme(GraphBuilder::reduceMin, (b, x, y) -> b.min(x, y), "Min", "Amin");
    reduce("Mean", true, GraphBuilder::reduceMean);
    reduce("Logsumexp", true, GraphBuilder::reduceLogSumExp);
    reduce("Var", true, ReductionOperations::variance);
    reduce("Std", true, (b, x, keep, axes) -> b.sqrt(variance(b, x, keep, axes)));
    reduce("Any", false, (b, x, keep, axes) -> truths(b, b.reduceMax(whole(b, x), keep, axes)));
    reduce("All", false, (b, x, keep, axes) -> truths(b, b.reduceMin(whole(b, x), keep, axes)));
    best("Argmax", GraphBuilder::argMax);
    best("Argmin", GraphBuilder::argMin);
    OPERATIONS.put("Norm", OperationReaders.operation(ReductionOperations::norm));
    OPERATIONS.put("Normalize", OperationReaders.operation(ReductionOperations::normalize));
    OPERATIONS.put("Cumsum", OperationReaders.operation(ReductionOperations::cumsum));
    OPERATIONS.put("Matmul", OperationReaders.operation(ReductionOperations::matmul));
    OPERATIONS.put("Einsum", OperationReaders.operation(ReductionOperations::einsum));
  }

  private ReductionOperations() {}

  private static void reduce(String name, boolean floats, Reduction function) {
    OPERATIONS.put(name, OperationReaders.operation(o -> reduced(o, name, floats, function)));
  }

  /** Merges what is greatest or least with the number that the reduction starts from, if any. */
  private static void extreme(Reduction function, BinaryOperation merge, String... names) {
    for (String name : names) {
      OPERATIONS.put(
          name,
          OperationReaders.operation(
              o -> {
                Value y = reduced(o, name, false, function);
                LayerConfig settings = o.in().settings("axis", "keepdims", "initial");
                GraphBuilder b = o.layer().builder();
                return settings.has("initial")
                    ? merge.apply(b, y, b.scalarLike(y, settings.number("initial", 0)))
                    : y;
              }));
    }
  }

  private static Value reduced(Called o, String name, boolean floats, Reduction function) {
    LayerConfig settings = o.in().settings("axis", "keepdims");
    Value x = floats ? o.in().firstFloat() : o.in().first();
    boolean truths = KerasLayer.type(x) == ElementType.BOOL;
    Value numbers =
        truths && !List.of("Any", "All").contains(name)
            ? o.layer().builder().cast(x, ElementType.INT32)
            : x;
    return function.apply(
        o.layer().builder(),
        name.equals("Prod") ? inAskedType(o, numbers) : numbers,
        settings.truth("keepdims", false),
        axes(settings, KerasLayer.rank(x)));
  }

  /** In the element type that the operation is told to compute in, if any. */
  private static Value inAskedType(Called o, Value x) {
    LayerConfig settings = o.layer().config();
    return settings.has("dtype")
        ? o.in().cast(x, GraphReading.elementType(settings.text("dtype")))
        : x;
  }

  /** The axes to reduce; all if none are given. */
  private static long[] axes(LayerConfig settings, int rank) {
    if (!settings.has("axis")) {
      return IntStream.range(0, rank).asLongStream().toArray();
    }
    long[] axes = settings.wholes("axis");
    for (int i = 0; i < axes.length; i++) {
      axes[i] = KerasLayer.axis(axes[i], rank);
    }
    return axes;
  }

  private static Value variance(GraphBuilder b, Value x, boolean keep, long... axes) {
    Value centred = b.sub(x, b.reduceMean(x, true, axes));
    return b.reduceMean(b.mul(centred, centred), keep, axes);
  }

  private static Value whole(GraphBuilder b, Value x) {
    return b.cast(b.cast(x, ElementType.BOOL), ElementType.INT32);
  }

  private static Value truths(GraphBuilder b, Value x) {
    return b.cast(x, ElementType.BOOL);
  }

  /** The index of the largest or smallest element. */
  private interface Best {
    Value apply(GraphBuilder b, Value x, long axis, boolean keepDims);
  }

  private static void best(String name, Best function) {
    OPERATIONS.put(
        name,
        OperationReaders.operation(
            o -> {
              LayerConfig settings = o.in().settings("axis", "keepdims");
              GraphBuilder b = o.layer().builder();
              Value x = o.in().first();
              boolean keep = settings.truth("keepdims", false);
              if (!settings.has("axis")) {
                if (keep) {
                  throw o.layer().refusal("it keeps the axes of a place among all elements");
                }
                Value place = function.apply(b, b.reshape(x, -1), 0, false);
                return b.cast(place, ElementType.INT32);
              }
              int axis = KerasLayer.axis(settings.whole("axis"), KerasLayer.rank(x));
              return b.cast(function.apply(b, x, axis, keep), ElementType.INT32);
            }));
  }

  private static Value norm(Called o) {
    LayerConfig settings = o.in().settings("ord", "axis", "keepdims");
    Value x = o.in().firstFloat();
    long[] axes = axes(settings, KerasLayer.rank(x));
    boolean euclidean =
        !settings.has("ord")
            || axes.length == 1
                && settings.element("ord").isJsonPrimitive()
                && settings.element("ord").getAsString().matches("2(\\.0)?");
    boolean taxicab =
        axes.length == 1
            && settings.has("ord")
            && settings.element("ord").getAsString().matches("1(\\.0)?");
    if (!euclidean && !taxicab) {
      throw o.layer().refusal("it is of the order " + settings.element("ord"));
    }
    boolean keep = settings.truth("keepdims", false);
    return euclidean
        ? o.layer().builder().reduceL2(x, keep, axes)
        : o.layer().builder().reduceL1(x, keep, axes);
  }

  private static Value normalize(Called o) {
    LayerConfig settings = o.in().settings("axis", "order", "epsilon");
    if (settings.number("order", 2) != 2) {
      throw o.layer().refusal("it is of the order " + settings.element("order"));
    }
    Value x = o.in().firstFloat();
    int axis = KerasLayer.axis(settings.whole("axis", -1), KerasLayer.rank(x));
    return NormalizationReaders.unit(
        o.layer().builder(), x, settings.number("epsilon", 1e-7), axis);
  }

  private static Value cumsum(Called o) {
    LayerConfig settings = o.in().settings("axis");
    GraphBuilder b = o.layer().builder();
    Value x = inAskedType(o, o.in().first());
    return settings.has("axis")
        ? b.cumSum(x, KerasLayer.axis(settings.whole("axis"), KerasLayer.rank(x)))
        : b.cumSum(b.reshape(x, -1), 0);
  }

  private static Value matmul(Called o) {
    Value[] pair = o.in().pair("x1", "x2");
    return o.layer().builder().matMul(pair[0], pair[1]);
  }

  private static Value einsum(Called o) {
    String equation = o.layer().config().text("subscripts").replaceAll("\\s", "");
    Value[] operands = o.layer().inputs().toArray(Value[]::new);
    ElementType type = KerasLayer.type(operands[0]);
    for (int i = 0; i < operands.length; i++) {
      operands[i] = o.in().cast(operands[i], type);
    }
    return o.layer().builder().einsum(equation, operands);
  }
}
