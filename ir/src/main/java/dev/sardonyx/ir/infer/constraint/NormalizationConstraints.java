package dev.sardonyx.ir.infer.constraint;

import static dev.sardonyx.ir.ElementType.BFLOAT16;
import static dev.sardonyx.ir.ElementType.FLOAT;

import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;

/** Normalisations, dropout and optimisers. */
final class NormalizationConstraints {
  private NormalizationConstraints() {}

  static void addTo(Constraints all) {
    Constraint stash = Demand.within("stash_type", 0, 30);
    all.add("BatchNormalization", NormalizationConstraints::statistics);
    all.add("LayerNormalization", Demand.elementType("stash_type", FLOAT, BFLOAT16));
    all.add("RMSNormalization", stash);
    all.add("GroupNormalization", stash);
    all.add("Dropout", NormalizationConstraints::ratio);
    all.add(
        Constraints.TRAINING,
        "Momentum",
        Demand.word("mode", "standard", "nesterov"),
        c -> results(c, 1));
    all.add(Constraints.TRAINING, "Adagrad", c -> results(c, 1));
    all.add(Constraints.TRAINING, "Adam", c -> results(c, 2));
  }

  /**
   * In training mode batch normalisation gives its running statistics, and in old versions those of
   * the batch as well.
   */
  private static void statistics(InferenceContext c) {
    boolean both = c.node().hasOutput(1) && c.node().hasOutput(2);
    if (c.since() < 14 && c.outputs() > 1 && c.outputs() < 5) {
      throw new InferenceException(
          ProblemCode.OUTPUT_COUNT,
          "outputs",
          "1 or 5",
          Integer.toString(c.outputs()),
          "it gives 1 or 5 outputs, not " + c.outputs());
    }
    if (c.since() >= 14 && c.flag("training_mode") && !both) {
      throw Demand.wrong(
          c,
          "training_mode",
          "0 where the running mean and variance are not both among the outputs",
          "1");
    }
  }

  /** An optimiser gives back its tensors and the states of each. */
  private static void results(InferenceContext c, int states) {
    int results = (c.inputs() - 2) / (2 + states) * (1 + states);
    if (c.outputs() != results) {
      throw new InferenceException(
          ProblemCode.OUTPUT_COUNT,
          "outputs",
          Integer.toString(results),
          Integer.toString(c.outputs()),
          "there are " + c.outputs() + " outputs, but " + results + " are given");
    }
  }

  /** Everything may not be dropped. */
  private static void ratio(InferenceContext c) {
    Tensor constant = c.inputConstant(1);
    double ratio =
        constant != null && constant.size() == 1 && c.since() >= 12
            ? constant.toScalar()
            : c.floatAttribute("ratio", 0);
    if (!(ratio >= 0 && ratio < 1)) {
      throw Demand.wrong(c, "ratio", "at least 0 and below 1", Double.toString(ratio));
    }
  }
}
