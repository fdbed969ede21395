package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Chooses from the distribution of a value's numbers how many are worth storing exactly. */
final class Clipping {
  /** How many ends are tried on each side. */
  private static final int CANDIDATES = 128;

  /** Differences of relative entropy below this tell no range from another, in nats. */
  private static final double NEGLIGIBLE = 1e-3;

  private final Histogram histogram;
  private final Range whole;
  private final QuantizationScheme scheme;
  private final int levels;
  private final Row below;
  private final Row above;

  /** A row of a histogram with running sums, so that what lies beyond any bin is a subtraction. */
  private static final class Row {
    private final double width;
    private final long[] counts;
    private final double[] count;
    private final double[] sum;
    private final double[] square;

    /** How many bins there are up to the last one with a number. */
    private final int used;

    Row(long[] counts, double width) {
      this.width = width;
      this.counts = counts;
      count = new double[counts.length + 1];
      sum = new double[counts.length + 1];
      square = new double[counts.length + 1];
      int last = 0;
      for (int i = 0; i < counts.length; i++) {
        double x = (i + 0.5) * width;
        count[i + 1] = count[i] + counts[i];
        sum[i + 1] = sum[i] + counts[i] * x;
        square[i + 1] = square[i] + counts[i] * x * x;
        last = counts[i] > 0 ? i + 1 : last;
      }
      used = last;
    }

    double total() {
      return count[counts.length];
    }

    /** The squared error of the numbers beyond an end if all of them become the end. */
    double errorBeyond(int end) {
      int n = counts.length;
      double at = end * width;
      return square[n]
          - square[end]
          - 2 * at * (sum[n] - sum[end])
          + at * at * (count[n] - count[end]);
    }

    /** The end beyond which at most so many numbers lie. */
    int end(double beyond) {
      int end = used;
      while (end > 0 && total() - count[end - 1] <= beyond) {
        end--;
      }
      return end;
    }
  }

  Clipping(Histogram histogram, Range whole, QuantizationScheme scheme) {
    this.histogram = histogram;
    this.whole = whole;
    this.scheme = scheme;
    this.levels = scheme.highest() - scheme.lowest();
    long[] positive = histogram.above();
    long[] negative = histogram.below();
    if (scheme.symmetric()) {
      for (int i = 0; i < positive.length; i++) {
        positive[i] += negative[i];
        negative[i] = 0;
      }
    }
    this.below = new Row(negative, histogram.width());
    this.above = new Row(positive, histogram.width());
  }

  Range range(Calibration calibration) {
    if (calibration instanceof Calibration.Percentile percentile) {
      return percentile(percentile.percent());
    }
    return calibration instanceof Calibration.Entropy ? leastEntropy() : leastError();
  }

  /** From bins below to bins above zero, as far as there are numbers. */
  private Range range(int low, int high) {
    double width = histogram.width();
    Range bins =
        scheme.symmetric() ? Range.symmetric(high * width) : new Range(-low * width, high * width);
    return bins.within(scheme.symmetric() ? Range.symmetric(whole.magnitude()) : whole.withZero());
  }

  private Range percentile(double percent) {
    double beyond = histogram.total() * (100 - percent) / 100;
    return scheme.symmetric()
        ? range(0, above.end(beyond))
        : range(below.end(beyond / 2), above.end(beyond / 2));
  }

  private Range leastError() {
    double least = Double.POSITIVE_INFINITY;
    Range best = whole;
    for (int high : ends(above)) {
      for (int low : ends(below)) {
        Range range = range(low, high);
        double inside = below.count[low] + above.count[high];
        double step = step(range);
        double error = inside * step * step / 12 + below.errorBeyond(low) + above.errorBeyond(high);
        if (error < least) {
          least = error;
          best = range;
        }
      }
    }
    return best;
  }

  private double step(Range range) {
    return (range.max() - range.min()) / levels;
  }

  /** Some ends of a row, the last bin in use among them. */
  private static int[] ends(Row row) {
    int count = Math.min(CANDIDATES, row.used);
    int[] ends = new int[Math.max(count, 1)];
    for (int i = 0; i < count; i++) {
      ends[i] = row.used - i * row.used / CANDIDATES;
    }
    return ends;
  }

  /** Of the ranges with nearly the least divergence the widest, so that chance cuts nothing off. */
  private Range leastEntropy() {
    List<Range> ranges = new ArrayList<>();
    double[] divergences = new double[CANDIDATES];
    int furthest = Math.max(above.used, below.used);
    for (int i = 0; i < CANDIDATES; i++) {
      int end = furthest - i * furthest / CANDIDATES;
      int low = Math.min(end, below.used);
      int high = Math.min(end, above.used);
      Range range = range(low, high);
      ranges.add(range);
      divergences[i] = new Divergence(low, high, step(range)).value();
    }
    // Of an even distribution, it is spread by chance as half of a chi-square of all bins
    double chance = 2 * Math.sqrt(2.0 * Histogram.BINS) / (2 * (below.total() + above.total()));
    double least = Arrays.stream(divergences).min().orElseThrow();
    int widest = 0;
    while (divergences[widest] > least + NEGLIGIBLE + chance) {
      widest++;
    }
    return ranges.get(widest);
  }

  /** How unlike the distributions of the numbers and of what is stored of them are. */
  private final class Divergence {
    private final int low;
    private final int high;

    /** How many bins one stored number stands for; at least 1. */
    private final double binsPerLevel;

    Divergence(int low, int high, double step) {
      this.low = low;
      this.high = high;
      this.binsPerLevel = Math.max(1, step / histogram.width());
    }

    double value() {
      double total = below.total() + above.total();
      double inside = below.count[low] + above.count[high];
      return row(below, low, total, inside) + row(above, high, total, inside);
    }

    private double row(Row row, int end, double total, double inside) {
      double divergence = 0;
      for (int from = 0; from < end; ) {
        int level = (int) (from / binsPerLevel);
        int to = Math.min(end, Math.max(from + 1, (int) Math.ceil((level + 1) * binsPerLevel)));
        divergence += level(row, from, to, end, total, inside);
        from = to;
      }
      return divergence;
    }

    /**
     * The part of one stored number: its mass is spread evenly over its bins that had any. The
     * fullest bin is left out, for a number that comes very often, as backgrounds of images give,
     * tells nothing about the shape of the distribution.
     */
    private double level(Row row, int from, int to, int end, double total, double inside) {
      int filled = 0;
      long fullest = 0;
      for (int i = from; i < to; i++) {
        filled += row.counts[i] > 0 ? 1 : 0;
        fullest = Math.max(fullest, row.counts[i]);
      }
      double mass = row.count[to] - row.count[from] - fullest;
      double even = mass / Math.max(1, filled - 1);
      double divergence = 0;
      boolean left = false;
      for (int i = from; i < to; i++) {
        boolean out = !left && row.counts[i] == fullest;
        left |= out;
        double cut = i == end - 1 ? row.total() - row.count[end] : 0;
        double p = (row.counts[i] + cut) / total;
        double q = (out ? fullest : row.counts[i] > 0 ? even : 0) / Math.max(inside, 1);
        if (p > 0) {
          divergence += p * Math.log(p / Math.max(q, 1e-9));
        }
      }
      // What finitely many numbers of an even distribution would come to (Miller and Madow)
      return divergence - Math.max(0, filled - 2) / (2 * total);
    }
  }
}
