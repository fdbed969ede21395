package dev.sardonyx.training;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.file.AtomicFile;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.data.Examples;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** A trained network, as a model and as DL4J's network. */
public final class TrainingResult {
  private static final int EVALUATION_BATCH = 128;

  private final Model model;
  private final List<String> untrained;
  private final Checkpoint end;
  private final @Nullable Snapshot last;
  private final List<ILossFunction> losses;
  private final int epoch;
  private final boolean stoppedEarly;

  /**
   * The result of a training.
   *
   * @param last the network after the last epoch, if it has gone back to the best one
   */
  TrainingResult(
      CompiledNetwork compiled,
      Checkpoint end,
      @Nullable Snapshot last,
      List<ILossFunction> losses,
      int epoch,
      boolean stoppedEarly) {
    this.model = compiled.trainedModel();
    this.untrained = compiled.fixed();
    this.end = end;
    this.last = last;
    this.losses = List.copyOf(losses);
    this.epoch = epoch;
    this.stoppedEarly = stoppedEarly;
  }

  /** The model that was trained, with the weights and running statistics of the network. */
  public Model model() {
    return model;
  }

  /** The network, its vertices named as the model's values. */
  public ComputationGraph network() {
    return end.network();
  }

  /** What was minimised; the first output's if there are several. */
  public ILossFunction loss() {
    return losses.get(0);
  }

  /** One entry an epoch, those before a resume included. */
  public List<EpochResult> history() {
    return end.history();
  }

  /** The epoch the weights are from: the best one after early stopping, else the last. */
  public int epoch() {
    return epoch;
  }

  /** Whether early stopping ended the training. */
  public boolean stoppedEarly() {
    return stoppedEarly;
  }

  /**
   * The initializers that were left as they are although they may have been meant to be trained:
   * single numbers in arithmetic, which DL4J has no layer to train.
   */
  public List<String> untrained() {
    return untrained;
  }

  /** Loss and accuracy on images or rows of a table. */
  public Score evaluate(Examples examples) {
    return evaluate(examples.batches(EVALUATION_BATCH));
  }

  /** Loss and accuracy on what is left in an iterator. */
  public Score evaluate(DataSetIterator data) {
    return Evaluator.evaluate(network(), losses, Batches.of(data));
  }

  /** The sum of all losses, and accuracy if one output is of classification. */
  public Score evaluate(MultiDataSetIterator data) {
    return Evaluator.evaluate(network(), losses, Batches.of(data));
  }

  /**
   * What one of DL4J's evaluations says of the network on images or rows: {@code new Evaluation()}
   * for precision, recall, F1 and the confusion matrix, {@code new Evaluation(5)} for the five most
   * probable classes, {@code new ROCMultiClass()} for the area under the curve, {@code new
   * RegressionEvaluation()} for R2 and the rest. Class numbers are shown to it as one-hot labels.
   */
  public <E extends IEvaluation<?>> E evaluate(Examples examples, E evaluation) {
    return evaluate(examples.batches(EVALUATION_BATCH), evaluation);
  }

  /** What one of DL4J's evaluations says of the network on what is left in an iterator. */
  public <E extends IEvaluation<?>> E evaluate(DataSetIterator data, E evaluation) {
    return Evaluator.evaluate(network(), loss(), Batches.of(data), 0, evaluation);
  }

  /**
   * What one of DL4J's evaluations says of one of several outputs.
   *
   * @param output the name of a graph output
   */
  public <E extends IEvaluation<?>> E evaluate(
      String output, MultiDataSetIterator data, E evaluation) {
    int position = model.graph().outputs().stream().map(Output::name).toList().indexOf(output);
    if (position < 0) {
      throw new IllegalArgumentException("The model has no output '" + output + "'");
    }
    return Evaluator.evaluate(
        network(), losses.get(position), Batches.of(data), position, evaluation);
  }

  /**
   * Writes the {@link #history} as CSV, a line an epoch, whole or not at all. What was not measured
   * is empty.
   */
  public void writeHistory(Path file) throws IOException {
    StringBuilder text =
        new StringBuilder("epoch,examples,loss,validation_loss,validation_accuracy,seconds\n");
    for (EpochResult epoch : history()) {
      text.append(epoch.epoch()).append(',').append(epoch.images());
      text.append(',').append(epoch.loss()).append(',').append(cell(epoch.validationLoss()));
      text.append(',').append(cell(epoch.validationAccuracy()));
      text.append(',').append(epoch.duration().toNanos() / 1e9).append('\n');
    }
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String cell(OptionalDouble number) {
    return number.isPresent() ? Double.toString(number.getAsDouble()) : "";
  }

  /**
   * Saves the network, its updater's state included, as DL4J's zip, which stock DL4J reads. The
   * file appears whole or not at all.
   */
  public void save(Path file) throws IOException {
    NetworkZip.write(file, network(), Map.of());
  }

  /**
   * Writes the {@code checkpoint.zip} that the training's last epoch left, or would have left, into
   * a folder: a training with the same settings and {@link Training#resume} gives this result again
   * without learning anew, or goes on if it has more epochs.
   */
  public void checkpoint(Path folder) throws IOException {
    Snapshot now = Snapshot.of(network());
    if (last != null) {
      last.restore(network());
    }
    try {
      end.write(folder);
    } finally {
      now.restore(network());
    }
  }

  @Override
  public String toString() {
    return "trained for %d epochs, weights of epoch %d: %s"
        .formatted(history().size(), epoch, history());
  }
}
