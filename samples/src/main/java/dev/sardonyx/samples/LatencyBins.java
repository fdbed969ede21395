package dev.sardonyx.samples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Ranges of times in equal ratios, from the shortest to the longest of all runs, so that
 * distributions of rows can be compared.
 *
 * @param low where the first begins, in milliseconds
 * @param ratio between the ends of each
 * @param count how many there are
 */
record LatencyBins(double low, double ratio, int count) {
  private static final int BINS = 40;

  /** Bins for runs that took so many nanoseconds. */
  static LatencyBins of(List<long[]> rows) {
    double low = rows.stream().flatMapToLong(Arrays::stream).min().orElseThrow();
    double high = rows.stream().flatMapToLong(Arrays::stream).max().orElseThrow();
    low = Math.max(1, low);
    // A little more, so that the longest is inside.
    double ratio = Math.pow(Math.max(high / low, 1.01) * 1.000001, 1.0 / BINS);
    return new LatencyBins(low / 1e6, ratio, BINS);
  }

  /** The middle of each, in milliseconds. */
  List<Double> middles() {
    List<Double> middles = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      middles.add(low * Math.pow(ratio, i + 0.5));
    }
    return middles;
  }

  /** How many percent of the runs lie in each. */
  List<Double> percents(long[] nanos) {
    int[] counts = new int[count];
    for (long each : nanos) {
      double place = Math.log(each / 1e6 / low) / Math.log(ratio);
      counts[(int) Math.max(0, Math.min(count - 1.0, place))]++;
    }
    return Arrays.stream(counts).mapToObj(n -> 100.0 * n / nanos.length).toList();
  }
}
