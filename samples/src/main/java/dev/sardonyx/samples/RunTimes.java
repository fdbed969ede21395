package dev.sardonyx.samples;

import java.util.Arrays;

/**
 * How long the runs of a model took, as their callers saw it.
 *
 * @param runs how many
 * @param seconds from the start of the first to the end of the last, without pauses between rounds
 * @param runsPerSecond of all callers together
 * @param meanMs the mean of a run, in milliseconds, as the following
 * @param minMs the shortest
 * @param p50Ms half of the runs took no longer
 * @param p90Ms nine of ten took no longer
 * @param p99Ms 99 of 100 took no longer
 */
record RunTimes(
    long runs,
    double seconds,
    double runsPerSecond,
    double meanMs,
    double minMs,
    double p50Ms,
    double p90Ms,
    double p99Ms) {
  /**
   * The times of at least one run.
   *
   * @param nanos of each run
   * @param wall nanoseconds in which they were made
   */
  static RunTimes of(long[] nanos, long wall) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    double seconds = Math.max(wall, 1) / 1e9;
    return new RunTimes(
        sorted.length,
        seconds,
        sorted.length / seconds,
        Arrays.stream(sorted).average().orElseThrow() / 1e6,
        sorted[0] / 1e6,
        percentile(sorted, 50),
        percentile(sorted, 90),
        percentile(sorted, 99));
  }

  /** The smallest of the times that so many percent do not exceed. */
  private static double percentile(long[] sorted, int percent) {
    int rank = (int) (((long) sorted.length * percent + 99) / 100);
    return sorted[rank - 1] / 1e6;
  }
}
