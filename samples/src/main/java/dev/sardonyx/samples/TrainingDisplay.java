package dev.sardonyx.samples;

import dev.sardonyx.training.EpochResult;
import dev.sardonyx.training.TrainingProgress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows a training: images a second, loss and time left while it runs, a line for each epoch. */
final class TrainingDisplay implements TrainingProgress, AutoCloseable {
  private final Console console;
  private final String unit;
  private @Nullable Progress progress;
  private String task = "";

  /**
   * @param unit what is learnt from, such as {@code images}
   */
  TrainingDisplay(Console console, String unit) {
    this.console = console;
    this.unit = unit;
  }

  @Override
  public void epochStarted(int epoch, int epochs) {
    task = "Epoch " + epoch + "/" + epochs;
  }

  @Override
  public void batchDone(Step step) {
    if (progress == null) {
      progress = new Progress(console, task, step.imagesPerEpoch(), unit);
    }
    progress.to(
        step.images(),
        String.format(Locale.ROOT, "loss %.4f", step.loss()),
        step.imagesPerSecond(),
        step.left());
  }

  @Override
  public void epochDone(EpochResult result) {
    close();
    StringBuilder line =
        new StringBuilder(String.format(Locale.ROOT, "%s: loss %.4f", task, result.loss()));
    result
        .validationLoss()
        .ifPresent(loss -> line.append(String.format(Locale.ROOT, ", validation loss %.4f", loss)));
    result
        .validationAccuracy()
        .ifPresent(
            accuracy ->
                line.append(String.format(Locale.ROOT, ", validation accuracy %.4f", accuracy)));
    console.detail(
        "%s, %s at %s %s/s",
        line, Progress.clock(result.duration()), Progress.number(result.imagesPerSecond()), unit);
  }

  @Override
  public void note(String line) {
    console.detail("%s", line);
  }

  @Override
  public void close() {
    if (progress != null) {
      progress.close();
      progress = null;
    }
  }
}
