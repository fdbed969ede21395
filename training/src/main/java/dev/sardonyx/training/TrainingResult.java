package dev.sardonyx.training;

import dev.sardonyx.ir.Model;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A trained network in both forms.
 *
 * @param model the model that was trained, with the weights and running statistics of the network
 * @param network the network, its vertices named as the model's values
 * @param loss what was minimised
 * @param history one entry an epoch, those before a resume included
 * @param epoch the epoch the weights are from: the best one after early stopping, else the last
 * @param stoppedEarly whether early stopping ended the training
 */
public record TrainingResult(
    Model model,
    ComputationGraph network,
    ILossFunction loss,
    List<EpochResult> history,
    int epoch,
    boolean stoppedEarly) {
  private static final int EVALUATION_BATCH = 128;

  public TrainingResult {
    history = List.copyOf(history);
  }

  /** Loss and accuracy on images. */
  public Score evaluate(LabelledImages images) {
    return evaluate(images.batches(EVALUATION_BATCH));
  }

  /** Loss and accuracy on what is left in an iterator. */
  public Score evaluate(DataSetIterator data) {
    return Evaluator.evaluate(network, loss, data);
  }

  /**
   * Saves the network, its updater's state included, as DL4J's zip, which stock DL4J reads. The
   * file appears whole or not at all.
   */
  public void save(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(folder, file.getFileName().toString(), ".tmp");
    try {
      ModelSerializer.writeModel(network, temporary.toFile(), true);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
