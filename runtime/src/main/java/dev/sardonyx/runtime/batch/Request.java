package dev.sardonyx.runtime.batch;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What one caller asked for.
 *
 * @param sizes what the symbolic dimensions of the inputs are
 * @param rows the size of the batch's axis
 * @param arrived when, in nanoseconds
 */
record Request(
    Map<String, Tensor> inputs,
    Map<String, Long> sizes,
    long rows,
    long arrived,
    CompletableFuture<Outputs> answer) {
  Request(Map<String, Tensor> inputs, Map<String, Long> sizes, long rows) {
    this(Map.copyOf(inputs), Map.copyOf(sizes), rows, System.nanoTime(), new CompletableFuture<>());
  }
}
