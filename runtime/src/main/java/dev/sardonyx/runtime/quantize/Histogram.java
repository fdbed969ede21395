package dev.sardonyx.runtime.quantize;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Counts numbers by their size, in two rows of bins that start at zero, one for each sign. Bins are
 * as wide as a power of two and merge in pairs when larger numbers come, so that the counts are
 * exact and do not depend on the order of the numbers. Zeros are counted apart.
 */
final class Histogram {
  /** Bins of a row. At least half of them are in use in the longer row. */
  static final int BINS = 4096;

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
}
