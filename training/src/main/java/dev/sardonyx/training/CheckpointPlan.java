package dev.sardonyx.training;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where checkpoints go and when they are written, besides after each epoch.
 *
 * @param everySteps after so many steps; 0 for never
 * @param every after so much time; zero for never
 */
record CheckpointPlan(Path folder, int everySteps, Duration every) {
  /** Whether one is due after a step. */
  boolean isDue(long step, Duration sinceLast) {
    return everySteps > 0 && step % everySteps == 0
        || !every.isZero() && sinceLast.compareTo(every) >= 0;
  }
}
