package dev.sardonyx.ir.backend;

import dev.sardonyx.ir.Limits;
import java.util.List;

/**
 * How a model is to be prepared.
 *
 * @param outputs names of the values to compute, intermediate ones included; empty for the graph's
 *     own outputs
 * @param threads threads for one run, 0 for as many as the backend sees fit; no more than the
 *     machine has processors are made, whatever the number
 * @param limits how much the model may cost
 */
public record Options(List<String> outputs, int threads, Limits limits) {
  public static final Options DEFAULT = new Options(List.of(), 0);

  /** More are a mistake: no machine has so many processors. */
  public static final int MOST_THREADS = 1024;

  /**
   * @throws IllegalArgumentException if {@code threads} is negative or above {@link #MOST_THREADS}
   */
  public Options {
    outputs = List.copyOf(outputs);
    if (threads < 0 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "A run takes from 1 to "
              + MOST_THREADS
              + " threads, or 0 for any number, not "
              + threads);
    }
  }

  /** With the limits that hold where nothing else is said. */
  public Options(List<String> outputs, int threads) {
    this(outputs, threads, Limits.standard());
  }

  public Options withOutputs(List<String> changed) {
    return new Options(changed, threads, limits);
  }

  public Options withThreads(int changed) {
    return new Options(outputs, changed, limits);
  }

  public Options withLimits(Limits changed) {
    return new Options(outputs, threads, changed);
  }
}
