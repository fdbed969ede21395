package dev.sardonyx.training;

import java.time.Duration;

/** Told how a training goes, on the training thread. All methods do nothing by default. */
public interface TrainingProgress {
  /** Ignores all progress. */
  TrainingProgress NONE = new TrainingProgress() {};

  /**
   * Where a training is after a batch.
   *
   * @param epoch the current epoch, from 1
   * @param epochs the number of epochs
   * @param images images seen in this epoch
   * @param imagesPerEpoch images in an epoch; 0 while not known, which is during the first epoch of
   *     an iterator that does not tell
   * @param loss mean loss over this epoch so far
   * @param imagesPerSecond over this epoch so far
   * @param left estimate for all remaining epochs; zero while not known
   */
  record Step(
      int epoch,
      int epochs,
      long images,
      long imagesPerEpoch,
      double loss,
      double imagesPerSecond,
      Duration left) {}

  /** An epoch begins, counted from 1. */
  default void epochStarted(int epoch, int epochs) {}

  /** A batch was learnt. */
  default void batchDone(Step step) {}

  /** An epoch is over, validation included. */
  default void epochDone(EpochResult result) {}

  /** Something worth a line of text. */
  default void note(String line) {}

  /** Tells this, then another. */
  default TrainingProgress andThen(TrainingProgress next) {
    TrainingProgress first = this;
    return new TrainingProgress() {
      @Override
      public void epochStarted(int epoch, int epochs) {
        first.epochStarted(epoch, epochs);
        next.epochStarted(epoch, epochs);
      }

      @Override
      public void batchDone(Step step) {
        first.batchDone(step);
        next.batchDone(step);
      }

      @Override
      public void epochDone(EpochResult result) {
        first.epochDone(result);
        next.epochDone(result);
      }

      @Override
      public void note(String line) {
        first.note(line);
        next.note(line);
      }
    };
  }
}
