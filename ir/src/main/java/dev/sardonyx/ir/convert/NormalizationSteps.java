package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Normalisations, which newer opsets have as operators. */
final class NormalizationSteps {
  private NormalizationSteps() {}

  static void addTo(StepTable table) {
    table.step(
        "BatchNormalization",
        9,
        Effect.REWRITTEN,
        NormalizationSteps::spatial,
        Effect.NUMBER,
        StepRule.SAME);
    table.step(
        "BatchNormalization",
        14,
        Effect.REWRITTEN,
        (node, to) ->
            Given.firstOutputs(node, 1, to, "its statistics of training have other forms"),
        Effect.REWRITTEN,
        NormalizationSteps::training);
    table.added(
        "MeanVarianceNormalization",
        9,
        Effect.DECOMPOSED,
        StepRule.by(NormalizationSteps::meanVariance));
    table.added("LayerNormalization", 17, Effect.DECOMPOSED, NormalizationSteps::layer);
    table.added("RMSNormalization", 23, Effect.DECOMPOSED, StepRule.by(NormalizationSteps::rms));
    table.added(
        "GroupNormalization", 18, Effect.DECOMPOSED, StepRule.by(NormalizationSteps::groups));
    table.step(
        "GroupNormalization",
        21,
        Effect.REWRITTEN,
        NormalizationSteps::scaleByChannel,
        Effect.DECOMPOSED,
        StepRule.by(NormalizationSteps::channels));
  }

  // Batch normalisation

  /** With statistics of its own for each element of an image, it is plain arithmetic. */
  private static @Nullable Node spatial(Node node, Rewriter to) {
    if (node.intAttribute("spatial", 1) != 0) {
      return node.withoutAttribute("spatial");
    }
    Given.firstOutputs(node, 1, to, "its statistics of training have other forms");
    List<Value> in = to.inputs(node);
    to.replace(
        node.output(0),
        normalized(in.get(0), in.get(1), in.get(2), in.get(3), in.get(4), epsilon(node), to));
    return null;
  }

  private static Value normalized(
      Value x, Value scale, Value bias, Value mean, Value variance, float epsilon, Rewriter to) {
    Value deviation = to.sqrt(to.add(variance, to.scalarLike(variance, epsilon)));
    return to.add(to.mul(to.div(to.sub(x, mean), deviation), scale), bias);
  }

  private static float epsilon(Node node) {
    return node.floatAttribute("epsilon", 1e-5f);
  }

  private static @Nullable Node training(Node node, Rewriter to) {
    if (node.intAttribute("training_mode", 0) == 0) {
      return Given.firstOutputs(node, 1, to, "statistics are given back in training only")
          .withoutAttribute("training_mode");
    }
    int rank = Given.rank(node, 0, to);
    long[] others = IntStream.range(0, rank).filter(i -> i != 1).mapToLong(i -> i).toArray();
    long[] spatial = IntStream.range(1, rank - 1).mapToLong(i -> i).toArray();
    List<Value> in = to.inputs(node);
    Value x = in.get(0);
    Value mean = to.reduceMean(x, true, others);
    Value centred = to.sub(x, mean);
    Value variance = to.reduceMean(to.mul(centred, centred), true, others);
    Value scale = spatial.length == 0 ? in.get(1) : to.unsqueeze(in.get(1), spatial);
    Value bias = spatial.length == 0 ? in.get(2) : to.unsqueeze(in.get(2), spatial);
    float momentum = node.floatAttribute("momentum", 0.9f);
    List<Value> results = new ArrayList<>();
    results.add(normalized(x, scale, bias, mean, variance, epsilon(node), to));
    results.add(running(in.get(3), to.squeeze(mean, others), momentum, to));
    results.add(running(in.get(4), to.squeeze(variance, others), momentum, to));
    to.replace(results);
    return null;
  }

  private static Value running(Value before, Value now, float momentum, Rewriter to) {
    return to.add(
        to.mul(before, to.scalarLike(before, momentum)),
        to.mul(now, to.scalarLike(now, 1 - momentum)));
  }

  // Others

  private static Value meanVariance(Node node, Rewriter to) {
    long[] axes = node.intsAttribute("axes").orElse(new long[] {0, 2, 3});
    Value x = to.input(node, 0);
    Value centred = to.sub(x, to.reduceMean(x, true, axes));
    Value deviation = to.sqrt(to.reduceMean(to.mul(centred, centred), true, axes));
    return to.div(centred, to.add(deviation, to.scalarLike(x, 1e-9)));
  }

  private static long[] lastAxes(Node node, Rewriter to) {
    long axis = node.intAttribute("axis", -1);
    if (axis < 0) {
      return LongStream.range(axis, 0).toArray();
    }
    return LongStream.range(axis, Given.rank(node, 0, to)).toArray();
  }

  /** The input as the type that the operator computes in. */
  private static Value stashed(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    ElementType stash = ElementType.of((int) node.intAttribute("stash_type", 1));
    return Given.type(node, 0, to) == stash ? x : to.cast(x, stash);
  }

  private static Value back(Value x, Node node, Rewriter to) {
    ElementType type = Given.type(node, 0, to);
    return OperatorBuilder.elementType(x) == type ? x : to.cast(x, type);
  }

  private static @Nullable Node layer(Node node, Rewriter to) {
    long[] axes = lastAxes(node, to);
    Value x = stashed(node, to);
    Value mean = to.reduceMean(x, true, axes);
    Value centred = to.sub(x, mean);
    Value variance = to.reduceMean(to.mul(centred, centred), true, axes);
    Value deviation = to.sqrt(to.add(variance, to.scalarLike(x, epsilon(node))));
    boolean asked = Given.isUsed(node, 2, to);
    Value inverse = asked ? to.reciprocal(deviation) : OperatorBuilder.ABSENT;
    Value normal = back(to.div(centred, deviation), node, to);
    Value scaled = to.mul(normal, to.input(node, 1));
    Value shifted = node.hasInput(2) ? to.add(scaled, to.input(node, 2)) : scaled;
    to.replace(List.of(shifted, mean, inverse));
    return null;
  }

  private static Value rms(Node node, Rewriter to) {
    long[] axes = lastAxes(node, to);
    Value x = stashed(node, to);
    Value mean = to.reduceMean(to.mul(x, x), true, axes);
    Value root = to.sqrt(to.add(mean, to.scalarLike(x, epsilon(node))));
    return to.mul(back(to.div(x, root), node, to), to.input(node, 1));
  }

  // Groups

  /** Each group of channels by InstanceNormalization, scaled as groups. */
  private static Value byGroups(Value x, Value scale, Value bias, Node node, Rewriter to) {
    Value grouped = to.reshape(x, 0, node.intAttribute("num_groups", 1), -1);
    return to.reshape(to.instanceNormalization(grouped, scale, bias, epsilon(node)), to.shape(x));
  }

  private static Value groups(Node node, Rewriter to) {
    return byGroups(to.input(node, 0), to.input(node, 1), to.input(node, 2), node, to);
  }

  private static Value channels(Node node, Rewriter to) {
    int rank = Given.rank(node, 0, to);
    Value x = stashed(node, to);
    double[] ones = new double[Math.toIntExact(node.intAttribute("num_groups", 1))];
    ElementType type = OperatorBuilder.elementType(x);
    Value none = to.numberedConstant("zeros", Tensor.ofNumbers(type, ones, ones.length));
    Arrays.fill(ones, 1);
    Value unit = to.numberedConstant("ones", Tensor.ofNumbers(type, ones, ones.length));
    Value normal = back(byGroups(x, unit, none, node, to), node, to);
    long[] spatial = LongStream.range(1, rank - 1L).toArray();
    Value scale = to.input(node, 1);
    Value bias = to.input(node, 2);
    return to.add(
        to.mul(normal, spatial.length == 0 ? scale : to.unsqueeze(scale, spatial)),
        spatial.length == 0 ? bias : to.unsqueeze(bias, spatial));
  }

  /** Opset 18 has a scale and a bias for each group, opset 21 for each channel. */
  private static Node scaleByChannel(Node node, Rewriter to) {
    long groups = node.intAttribute("num_groups", 1);
    Value channels = to.shape(to.input(node, 0), 1, 2);
    Value each = to.div(channels, to.longs("groups", groups));
    Value shape = to.concat(0, to.longs("one", 1), each);
    List<String> inputs = new ArrayList<>(node.inputs());
    for (int i = 1; i < 3; i++) {
      Value column = to.reshape(to.input(node, i), -1, 1);
      inputs.set(i, to.reshape(to.expand(column, shape), -1).name());
    }
    return node.withInputs(inputs);
  }
}
