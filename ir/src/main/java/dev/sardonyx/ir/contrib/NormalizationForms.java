package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;
import java.util.stream.LongStream;

/** Normalisations of the last axes, alone and of a sum. */
final class NormalizationForms {
  private static final long[] LAST = {-1};

  private NormalizationForms() {}

  static void addTo(ContribOperators operators) {
    operators.add("", "LayerNormalization", NormalizationForms::layer);
    operators.add("", "SimplifiedLayerNormalization", NormalizationForms::simplified);
    operators.add("SkipLayerNormalization", NormalizationForms::skip);
    operators.add("SkipSimplifiedLayerNormalization", NormalizationForms::skipSimplified);
  }

  /** ONNX has it from opset 17 on; the optimizer writes it into any. */
  private static List<Value> layer(ContribNode n) {
    long axis = n.integer("axis", -1);
    float epsilon = n.number("epsilon", 1e-5f);
    Value y = n.to().layerNormalization(n.in(0), n.in(1), n.optional(2), axis, epsilon);
    long[] axes = axes(n, axis);
    return List.of(y, mean(n, 1, n.in(0), axes), deviation(n, 2, n.in(0), axes, epsilon));
  }

  private static List<Value> simplified(ContribNode n) {
    long axis = n.integer("axis", -1);
    float epsilon = n.number("epsilon", 1e-5f);
    Value y = n.to().rmsNormalization(n.in(0), n.in(1), axis, epsilon);
    return List.of(y, root(n, 1, n.in(0), axes(n, axis), epsilon));
  }

  private static List<Value> skip(ContribNode n) {
    Value sum = sum(n, 4);
    float epsilon = n.number("epsilon", 1e-12f);
    return List.of(
        n.to().layerNormalization(sum, n.in(2), n.optional(3), -1, epsilon),
        mean(n, 1, sum, LAST),
        deviation(n, 2, sum, LAST, epsilon),
        sum);
  }

  private static List<Value> skipSimplified(ContribNode n) {
    Value sum = sum(n, 3);
    float epsilon = n.number("epsilon", 1e-12f);
    n.refuseOutput(1);
    return List.of(
        n.to().rmsNormalization(sum, n.in(2), -1, epsilon),
        OperatorBuilder.ABSENT,
        root(n, 2, sum, LAST, epsilon),
        sum);
  }

  private static Value sum(ContribNode n, int bias) {
    StandardOps to = n.to();
    Value sum = to.add(n.in(0), n.in(1));
    return n.has(bias) ? to.add(sum, n.in(bias)) : sum;
  }

  private static long[] axes(ContribNode n, long first) {
    int rank = n.rank(0);
    long from = first < 0 ? first + rank : first;
    return LongStream.range(from, rank).toArray();
  }

  // Statistics, which few ask for

  private static Value mean(ContribNode n, int output, Value x, long[] axes) {
    return n.wants(output) ? n.to().reduceMean(x, true, axes) : OperatorBuilder.ABSENT;
  }

  /** One divided by the standard deviation. */
  private static Value deviation(ContribNode n, int output, Value x, long[] axes, float epsilon) {
    return n.wants(output)
        ? root(n, output, n.to().sub(x, n.to().reduceMean(x, true, axes)), axes, epsilon)
        : OperatorBuilder.ABSENT;
  }

  /** One divided by the root of the mean square. */
  private static Value root(ContribNode n, int output, Value x, long[] axes, float epsilon) {
    if (!n.wants(output)) {
      return OperatorBuilder.ABSENT;
    }
    StandardOps to = n.to();
    Value square = to.reduceMean(to.mul(x, x), true, axes);
    return to.reciprocal(to.sqrt(to.add(square, to.scalarLike(square, epsilon))));
  }
}
