package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.Range;
import java.util.List;
import java.util.Locale;

/**
 * The numbers that one value took on calibration data, and between which it is stored.
 *
 * <p>The histogram has bins of one width that are aligned with 0: bin {@code i} counts the numbers
 * from {@code edges[i]} to {@code edges[i + 1]}; of the two, the edge nearer to 0 belongs to it. If
 * all numbers are 0, there is one bin, from 0 to 0.
 *
 * @param name of the value in the prepared model
 * @param seen from the least number to the greatest
 * @param stored the range that is stored, all others being cut off to its ends; it holds 0
 * @param clipped the share of the numbers that are cut off, from 0 to 1; up to one of 4,096 parts
 *     of the range that lies across an end is not counted
 * @param edges ascending, one more than there are bins
 * @param counts of the bins, zeros included
 */
public record ObservedValue(
    String name, Range seen, Range stored, double clipped, List<Double> edges, List<Long> counts) {
  private static final String SHADES = " .:-=+*#%@";

  /** How many columns {@link #picture} has at most. */
  private static final int COLUMNS = 24;

  public ObservedValue {
    edges = List.copyOf(edges);
    counts = List.copyOf(counts);
  }

  /** How many numbers there were. */
  public long total() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /** The histogram as characters from space, for none, to {@code @}, by the logarithm of counts. */
  public String picture() {
    int each = (counts.size() + COLUMNS - 1) / COLUMNS;
    double most = Math.log1p((double) total());
    StringBuilder text = new StringBuilder();
    for (int from = 0; from < counts.size(); from += each) {
      long count = 0;
      for (int i = from; i < Math.min(counts.size(), from + each); i++) {
        count += counts.get(i);
      }
      int shade =
          (int) Math.ceil((SHADES.length() - 1) * Math.log1p((double) count) / Math.max(most, 1));
      text.append(SHADES.charAt(Math.min(shade, SHADES.length() - 1)));
    }
    return text.toString();
  }

  /** A table, a line for each value. */
  public static String table(List<ObservedValue> values) {
    int width = values.stream().mapToInt(v -> v.name.length()).max().orElse(0);
    String format = "%-" + Math.max(5, width) + "s  %23s  %23s  %8s  %s%n";
    StringBuilder text =
        new StringBuilder(format.formatted("value", "seen", "stored", "clipped", "histogram"));
    for (ObservedValue each : values) {
      text.append(
          format.formatted(
              each.name,
              span(each.seen),
              span(each.stored),
              String.format(Locale.ROOT, "%.3f %%", 100 * each.clipped),
              "|" + each.picture() + "|"));
    }
    return text.toString();
  }

  private static String span(Range range) {
    return String.format(Locale.ROOT, "%.4g to %.4g", range.min(), range.max());
  }
}
