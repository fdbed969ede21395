package dev.sardonyx.runtime.reduce;

import java.time.Duration;

/** The time that a reduction has, from the moment this is made. */
final class TimeBudget {
  private static final Duration LONGEST = Duration.ofDays(10_000);

  private final Duration aRun;
  private final Duration all;
  private final long start = System.nanoTime();

  /**
   * @param aRun how long the reference may compute one model
   * @param all how long all may take
   */
  TimeBudget(Duration aRun, Duration all) {
    this.aRun = aRun;
    this.all = all.compareTo(LONGEST) > 0 ? LONGEST : all;
  }

  private Duration left() {
    return all.minusNanos(System.nanoTime() - start);
  }

  /** Whether there is no time left, or the thread is interrupted. */
  boolean isOver() {
    return Thread.currentThread().isInterrupted() || left().compareTo(Duration.ZERO) <= 0;
  }

  /** An alarm for what the reference computes. */
  Alarm aRun() {
    return Alarm.after(aRun.compareTo(left()) < 0 ? aRun : left());
  }

  /** An alarm for the end of it all. */
  Alarm theRest() {
    return Alarm.after(left());
  }
}
