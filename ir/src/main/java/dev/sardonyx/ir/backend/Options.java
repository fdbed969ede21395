package dev.sardonyx.ir.backend;

import java.util.List;

/**
 * How a model is to be prepared.
 *
 * @param outputs names of the values to compute, intermediate ones included; empty for the graph's
 *     own outputs
 * @param threads threads for one run, 0 for as many as the backend sees fit
 */
public record Options(List<String> outputs, int threads) {
  public static final Options DEFAULT = new Options(List.of(), 0);

  public Options {
    outputs = List.copyOf(outputs);
  }

  public Options withOutputs(List<String> changed) {
    return new Options(changed, threads);
  }

  public Options withThreads(int changed) {
    return new Options(outputs, changed);
  }
}
