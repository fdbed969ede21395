package dev.sardonyx.training;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * What a model asks of the data it is trained on: arrays for its inputs, labels for its outputs.
 */
final class DataShapes {
  private final List<Input> inputs;
  private final List<Output> outputs;

  /** Of the inputs, those without a default are what data are for. */
  DataShapes(Model model) {
    Set<String> defaults = new HashSet<>();
    model.graph().constants().forEach(constant -> defaults.add(constant.name()));
    inputs = model.graph().inputs().stream().filter(i -> !defaults.contains(i.name())).toList();
    outputs = model.graph().outputs();
  }

  /** What a checkpoint remembers of the data: the shapes of a batch, without the batch size. */
  static String kind(MultiDataSet batch) {
    return Stream.concat(Arrays.stream(batch.getFeatures()), Arrays.stream(batch.getLabels()))
        .map(array -> Shape.of(array.shape()).with(0, Dim.UNKNOWN).toString())
        .collect(Collectors.joining(" "));
  }

  /** Requires a model with one input and one output, since the data have one array of each. */
  void requireOneOfEach(String what) {
    if (inputs.size() != 1 || outputs.size() != 1) {
      throw new IllegalArgumentException(
          "The model has %d inputs and %d outputs, which %s does not give; train it with a MultiDataSetIterator"
              .formatted(inputs.size(), outputs.size(), what));
    }
  }

  /** Requires an array for each input and output, and those for the inputs to fit. */
  void requireFeatures(MultiDataSet batch) {
    requireCount("inputs", inputs.size(), batch.numFeatureArrays());
    requireCount("outputs", outputs.size(), batch.numLabelsArrays());
    for (int i = 0; i < inputs.size(); i++) {
      requireFeatures(i, Shape.of(batch.getFeatures(i).shape()), "the data's features");
    }
  }

  private static void requireCount(String what, int expected, int given) {
    if (expected != given) {
      throw new IllegalArgumentException(
          "The model has %d %s, but the data give %d".formatted(expected, what, given));
    }
  }

  /**
   * Requires data for an input to fit it, whatever their number.
   *
   * @param what names the data in messages
   */
  void requireFeatures(int index, Shape given, String what) {
    Input input = inputs.get(index);
    if (!(input.type() instanceof TensorType type)) {
      return; // The compiler says what is wrong.
    }
    Shape declared = type.shape();
    // The batch may be any, even where a model declares one.
    if (declared.isRanked()
        && declared.rank() > 0
        && !declared.with(0, Dim.UNKNOWN).isCompatibleWith(given)) {
      throw new IllegalArgumentException(
          "The model's input '%s' is %s, but %s are %s"
              .formatted(input.name(), declared, what, given));
    }
  }

  /** Compares labels with an output, which they are like unless they are class numbers. */
  void requireLabels(int index, ILossFunction loss, Shape given) {
    Output output = outputs.get(index);
    if (!(output.type() instanceof TensorType type)
        || !type.shape().isRanked()
        || type.shape().rank() == 0) {
      return;
    }
    Shape declared = type.shape();
    Shape wanted = inLabels(declared.with(0, Dim.UNKNOWN), given);
    if (loss instanceof LossSparseMCXENT) {
      wanted = wanted.with(1, Dim.of(1));
    }
    if (!wanted.isCompatibleWith(given)) {
      throw new IllegalArgumentException(
          "The model's output '%s' is %s, so labels for %s are %s, but the data's are %s"
              .formatted(output.name(), declared, loss.getClass().getSimpleName(), wanted, given));
    }
  }

  /** DL4J has the labels of sequences [N,T,C] as [N,C,T]. */
  private static Shape inLabels(Shape output, Shape given) {
    if (output.rank() != 3 || output.isCompatibleWith(given)) {
      return output;
    }
    return Shape.of(List.of(output.dim(0), output.dim(2), output.dim(1)));
  }
}
