package dev.sardonyx.training;

import java.time.Duration;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/** Follows one epoch batch by batch: counts, adds up the loss, and reports the progress. */
final class ProgressListener extends BaseTrainingListener {
  private final TrainingProgress progress;
  private final int epoch;
  private final int epochs;
  private final long imagesPerEpoch;
  private final Consumer<PartialEpoch> follower;
  private final long start;
  private final long imagesBefore;
  private final long begun = System.nanoTime();
  private int batches;
  private long images;
  private double totalLoss;

  /**
   * A listener of an epoch.
   *
   * @param done what an interrupted training has done of it already
   * @param follower told after each batch
   */
  ProgressListener(
      TrainingProgress progress,
      int epoch,
      int epochs,
      long imagesPerEpoch,
      PartialEpoch done,
      Consumer<PartialEpoch> follower) {
    this.progress = progress;
    this.epoch = epoch;
    this.epochs = epochs;
    this.imagesPerEpoch = imagesPerEpoch;
    this.follower = follower;
    this.start = begun - done.nanos();
    this.batches = done.batches();
    this.imagesBefore = done.images();
    this.images = imagesBefore;
    this.totalLoss = done.totalLoss();
  }

  @Override
  public void iterationDone(Model model, int iteration, int dl4jEpoch) {
    int batch = ((ComputationGraph) model).batchSize();
    double loss = model.score();
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          "The loss became %s in epoch %d after %d examples; try a lower learning rate"
              .formatted(loss, epoch, images + batch));
    }
    batches++;
    images += batch;
    totalLoss += loss * batch;
    double rate = (images - imagesBefore) / ((System.nanoTime() - begun) / 1e9);
    long remaining = imagesPerEpoch == 0 ? 0 : imagesPerEpoch * (epochs - epoch + 1L) - images;
    Duration left = Duration.ofMillis((long) (remaining / rate * 1000));
    progress.batchDone(
        new TrainingProgress.Step(epoch, epochs, images, imagesPerEpoch, meanLoss(), rate, left));
    follower.accept(new PartialEpoch(batches, images, totalLoss, elapsed().toNanos()));
  }

  long images() {
    return images;
  }

  double meanLoss() {
    return images == 0 ? Double.NaN : totalLoss / images;
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
