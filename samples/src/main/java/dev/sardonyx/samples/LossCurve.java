package dev.sardonyx.samples;

import dev.sardonyx.training.TrainingProgress;
import java.util.ArrayList;
import java.util.List;

/** Notes the training loss at regular intervals. */
final class LossCurve implements TrainingProgress {
  private final double distance;
  private final List<LossPoint> points = new ArrayList<>();
  private double total;
  private double before;
  private double noted;

  /**
   * A curve of a training.
   *
   * @param examples how many are learnt from in all epochs
   * @param number about how many points the curve is to have
   */
  LossCurve(double examples, int number) {
    distance = examples / number;
  }

  /**
   * A point of the curve.
   *
   * @param examples seen until then
   * @param loss the mean since the point before
   */
  record LossPoint(double examples, double loss) {}

  /** What was noted so far. */
  List<LossPoint> points() {
    return List.copyOf(points);
  }

  @Override
  public void batchDone(Step step) {
    double seen = (step.epoch() - 1.0) * step.imagesPerEpoch() + step.images();
    // The step tells the mean loss of its epoch so far.
    double sum = step.loss() * step.images();
    if (step.images() <= before) {
      before = 0;
      total = 0;
    }
    if (seen - noted >= distance || step.images() == step.imagesPerEpoch()) {
      points.add(new LossPoint(seen, (sum - total) / (step.images() - before)));
      noted = seen;
      before = step.images();
      total = sum;
    }
  }
}
