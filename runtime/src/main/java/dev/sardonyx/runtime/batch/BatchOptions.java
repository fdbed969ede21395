package dev.sardonyx.runtime.batch;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How requests are gathered.
 *
 * @param axis the symbolic dimension of inputs and outputs along which requests are put together
 * @param rows how large that dimension may become
 * @param delay how long the first request of a batch waits for others
 * @param capacity how many requests may wait
 * @param workers how many batches run at the same time
 * @param buckets for each symbolic dimension that may be padded, such as a sequence's length, the
 *     sizes it is padded to, in ascending order; none to pad to the longest in the batch. Requests
 *     that differ in any other dimension do not go into one batch
 * @param fill what inputs are padded with, by name, 0 where nothing is said
 */
public record BatchOptions(
    String axis,
    int rows,
    Duration delay,
    int capacity,
    int workers,
    Map<String, List<Long>> buckets,
    Map<String, Double> fill) {
  /**
   * @throws IllegalArgumentException if a number is not positive, or the sizes of a dimension's
   *     buckets do not ascend
   */
  public BatchOptions {
    if (rows < 1 || capacity < 1 || workers < 1 || delay.isNegative()) {
      throw new IllegalArgumentException(
          "Batches of %d rows, a delay of %s, %d waiting and %d workers are not possible"
              .formatted(rows, delay, capacity, workers));
    }
    Map<String, List<Long>> copy = new LinkedHashMap<>();
    buckets.forEach((symbol, sizes) -> copy.put(symbol, List.copyOf(sizes)));
    copy.forEach(
        (symbol, sizes) -> {
          for (int i = 0; i < sizes.size(); i++) {
            if (sizes.get(i) < 1 || (i > 0 && sizes.get(i) <= sizes.get(i - 1))) {
              throw new IllegalArgumentException(
                  "The sizes for " + symbol + " do not rise: " + sizes);
            }
          }
        });
    buckets = Collections.unmodifiableMap(copy);
    fill = Map.copyOf(fill);
  }

  /** Up to so many rows of a dimension, gathered for a millisecond; one batch at a time. */
  public static BatchOptions of(String axis, int rows) {
    return new BatchOptions(axis, rows, Duration.ofMillis(1), 1000, 1, Map.of(), Map.of());
  }

  /**
   * Waits for so long. Where callers wait for their answers before they ask again, no delay at all
   * is best: while one batch is computed, the next one gathers.
   */
  public BatchOptions withDelay(Duration changed) {
    return new BatchOptions(axis, rows, changed, capacity, workers, buckets, fill);
  }

  public BatchOptions withCapacity(int changed) {
    return new BatchOptions(axis, rows, delay, changed, workers, buckets, fill);
  }

  public BatchOptions withWorkers(int changed) {
    return new BatchOptions(axis, rows, delay, capacity, changed, buckets, fill);
  }

  /**
   * Pads a dimension to the longest in the batch, or to the next of some sizes. The model must
   * ignore the padding, for example by a mask among its inputs.
   */
  public BatchOptions withPadding(String symbol, long... sizes) {
    Map<String, List<Long>> more = new LinkedHashMap<>(buckets);
    more.put(symbol, Arrays.stream(sizes).boxed().toList());
    return new BatchOptions(axis, rows, delay, capacity, workers, more, fill);
  }

  /** What an input is padded with. */
  public BatchOptions withFill(String input, double value) {
    Map<String, Double> more = new LinkedHashMap<>(fill);
    more.put(input, value);
    return new BatchOptions(axis, rows, delay, capacity, workers, buckets, more);
  }
}
