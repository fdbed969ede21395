package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.Range;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Counts numbers by their size, in two rows of bins that start at zero, one for each sign. Bins are
 * as wide as a power of two and merge in pairs when larger numbers come, so that the counts are
 * exact and do not depend on the order of the numbers. Zeros are counted apart.
 */
final class Histogram {
  /** Bins of a row. At least half of them are in use in the longer row. */
  static final int BINS = 4096;

  /** Bins that are told of. */
  private static final int SHOWN = 64;

  private final long[] below = new long[BINS];
  private final long[] above = new long[BINS];
  private long zeros;

  /** Bins are 2 to the power of this wide. */
  private int exponent = Integer.MIN_VALUE;

  /** Counts finite numbers that all lie within a magnitude. */
  void add(FloatBuffer numbers, double magnitude) {
    if (magnitude > 0) {
      // Float's exponents: a number of exponent e is less than 2^(e + 1)
      growTo(Math.getExponent(magnitude) + 1 - Integer.numberOfTrailingZeros(BINS));
    }
    double perBin = magnitude > 0 ? Math.scalb(1.0, -exponent) : 0;
    for (int i = numbers.position(); i < numbers.limit(); i++) {
      float x = numbers.get(i);
      if (x > 0) {
        above[(int) (x * perBin)]++;
      } else if (x < 0) {
        below[(int) (-x * perBin)]++;
      } else {
        zeros++;
      }
    }
  }

  private void growTo(int wanted) {
    if (exponent == Integer.MIN_VALUE) {
      exponent = wanted;
    }
    if (wanted > exponent) {
      int shift = Math.min(wanted - exponent, Integer.SIZE - 1);
      merge(below, shift);
      merge(above, shift);
      exponent = wanted;
    }
  }

  private static void merge(long[] row, int shift) {
    for (int i = 0; i < row.length; i++) {
      long count = row[i];
      row[i] = 0;
      row[i >> shift] += count;
    }
  }

  /** How many numbers were exactly zero. */
  long zeros() {
    return zeros;
  }

  /** How many numbers were counted, zeros included. */
  long total() {
    return zeros + Arrays.stream(below).sum() + Arrays.stream(above).sum();
  }

  /** The width of a bin; 0 if all numbers were zero. */
  double width() {
    return exponent == Integer.MIN_VALUE ? 0 : Math.scalb(1.0, exponent);
  }

  /** Counts of negative numbers, bin {@code i} from {@code -i} to {@code -i - 1} widths. */
  long[] below() {
    return below.clone();
  }

  /** Counts of positive numbers, bin {@code i} from {@code i} to {@code i + 1} widths. */
  long[] above() {
    return above.clone();
  }

  /**
   * The counts in at most about {@link #SHOWN} bins, and the share that a stored range cuts off.
   */
  ObservedValue observed(String name, Range seen, Range stored) {
    int low = used(below);
    int high = used(above);
    int each = Math.max(1, (low + high + SHOWN - 1) / SHOWN);
    int left = (low + each - 1) / each;
    int right = Math.max(zeros > 0 || low == 0 ? 1 : 0, (high + each - 1) / each);
    long[] counts = new long[left + right];
    double wide = each * width();
    List<Double> edges = new ArrayList<>();
    for (int i = 0; i <= counts.length; i++) {
      edges.add((i - left) * wide);
    }
    for (int i = 0; i < BINS; i++) {
      if (below[i] > 0) {
        counts[left - 1 - i / each] += below[i];
      }
      if (above[i] > 0) {
        counts[left + i / each] += above[i];
      }
    }
    if (zeros > 0) {
      counts[left] += zeros;
    }
    long beyond = beyond(above, stored.max()) + beyond(below, -stored.min());
    return new ObservedValue(
        name,
        seen,
        stored,
        (double) beyond / Math.max(1, total()),
        edges,
        Arrays.stream(counts).boxed().toList());
  }

  private static int used(long[] row) {
    int last = row.length;
    while (last > 0 && row[last - 1] == 0) {
      last--;
    }
    return last;
  }

  /** How many numbers of a row lie in bins that are wholly beyond an end. */
  private long beyond(long[] row, double end) {
    long count = 0;
    for (int i = 0; i < row.length; i++) {
      count += i * width() > end ? row[i] : 0;
    }
    return count;
  }
}
