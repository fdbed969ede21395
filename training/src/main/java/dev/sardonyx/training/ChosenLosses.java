package dev.sardonyx.training;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.training.compile.OutputLoss;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a training is told to minimise: of each output, of all others, or as the model's end is. */
final class ChosenLosses {
  private final Model model;
  private final Map<String, Loss> byOutput = new LinkedHashMap<>();
  private @Nullable Loss ofOthers;
  private double @Nullable [] classWeights;

  ChosenLosses(Model model) {
    this.model = model;
  }

  /** Chooses the loss of each output that has none of its own. */
  void ofAll(Loss chosen) {
    ofOthers = chosen;
  }

  /** Chooses the loss of one output. */
  void of(String output, Loss chosen) {
    List<String> outputs = outputs().stream().map(Output::name).toList();
    if (!outputs.contains(output)) {
      throw new IllegalArgumentException(
          "The model has no output '%s', only %s".formatted(output, outputs));
    }
    byOutput.put(output, chosen);
  }

  private List<Output> outputs() {
    return model.graph().outputs();
  }

  /** Weighs the classes in the default loss behind a Softmax. */
  void weigh(double... weights) {
    for (double weight : weights) {
      if (!((float) weight > 0 && (float) weight < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "A class weight must be a positive float, not " + weight);
      }
    }
    classWeights = weights.clone();
  }

  /** The weights of the classes in words, to compare trainings by. */
  String classWeights() {
    return Arrays.toString(classWeights);
  }

  /**
   * The loss of an output for labels of some width.
   *
   * @param labelColumns numbers a label has: 1 for a class number, the classes if one-hot
   */
  OutputLoss forLabels(int output, long labelColumns) {
    Loss chosen = byOutput.getOrDefault(outputs().get(output).name(), ofOthers);
    if (classWeights == null) {
      return chosen != null
          ? chosen.forLabels(labelColumns)
          : OutputLoss.of(Losses.forLabels(model, output, labelColumns));
    }
    if (chosen != null || outputs().size() > 1) {
      throw new IllegalArgumentException(
          "Class weights are for the default loss of a single output; give "
              + (chosen == null ? "each output" : chosen.forLabels(labelColumns).function())
              + " its own");
    }
    return OutputLoss.of(Losses.weighted(model, labelColumns, classWeights));
  }
}
