package dev.sardonyx.runtime;

import dev.sardonyx.ir.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A histogram of how far elements are apart: for floating-point numbers in units in the last place
 * (ULP: how many numbers of the type lie from one to the other, both zeros being the same), for
 * integers in steps. Elements that are NaN or infinite on a side are not counted.
 *
 * @param counts elements that are 0, 1, 2 to 4, 5 to 16, 17 to 256, 257 to 65,536, and more apart
 */
public record Distances(List<Long> counts) {
  /** How many counts there are. */
  public static final int BUCKETS = 7;

  /** The largest distance of each count but the last. */
  public static final List<Integer> BOUNDS = List.of(0, 1, 4, 16, 256, 65_536);

  public Distances {
    counts = List.copyOf(counts);
    if (counts.size() != BUCKETS) {
      throw new IllegalArgumentException("A histogram has " + BUCKETS + " counts: " + counts);
    }
  }

  static Distances of(long[] counts) {
    List<Long> list = new ArrayList<>();
    for (long count : counts) {
      list.add(count);
    }
    return new Distances(list);
  }

  /** How many elements were counted. */
  public long elements() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * A distance that at least 99 of 100 elements do not exceed, one of {@link #BOUNDS}, such as
   * {@code 4}; {@code more} if it is beyond them, empty if nothing was counted.
   */
  public String usual() {
    long all = elements();
    long within = 0;
    for (int i = 0; i < BUCKETS - 1; i++) {
      within += counts.get(i);
      if (all > 0 && within >= all - all / 100) {
        return String.valueOf(BOUNDS.get(i));
      }
    }
    return all == 0 ? "" : "more";
  }

  /** Which count a distance belongs to. */
  static int bucket(long distance) {
    int bucket = 0;
    while (bucket < BUCKETS - 1 && distance > BOUNDS.get(bucket)) {
      bucket++;
    }
    return bucket;
  }

  /**
   * How many numbers lie from one to the other.
   *
   * @param type a floating-point type of 16 to 64 bits, from which both come unrounded
   */
  static long between(ElementType type, double actual, double expected) {
    return switch (type) {
      case FLOAT ->
          FloatBlock.distance(
              Float.floatToRawIntBits((float) actual), Float.floatToRawIntBits((float) expected));
      case DOUBLE -> apart(ordinal(actual), ordinal(expected));
      case FLOAT16 -> Math.abs(halves(actual, 10, -14) - halves(expected, 10, -14));
      case BFLOAT16 -> Math.abs(halves(actual, 7, -126) - halves(expected, 7, -126));
      default -> throw new IllegalArgumentException("no units in the last place of " + type);
    };
  }

  /** Whether distances of numbers of the type are counted. */
  static boolean isCounted(ElementType type) {
    return switch (type) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  private static long ordinal(double number) {
    long bits = Double.doubleToRawLongBits(number);
    return bits < 0 ? Long.MIN_VALUE - bits : bits;
  }

  private static long apart(long a, long b) {
    long difference = a - b;
    return ((a ^ b) & (a ^ difference)) < 0 ? Long.MAX_VALUE : Math.abs(difference);
  }

  /** The ordinal of a number of 16 bits with so many bits of fraction. */
  private static long halves(double number, int fraction, int smallestExponent) {
    double size = Math.abs(number);
    int exponent = Math.max(Math.getExponent(size), smallestExponent);
    long ordinal =
        ((long) (exponent - smallestExponent) << fraction)
            + (long) Math.scalb(size, fraction - exponent);
    return number < 0 ? -ordinal : ordinal;
  }

  /** Only what there is, such as {@code 0: 98.0 %, 1: 1.5 %, 2-4: 0.5 %}. */
  @Override
  public String toString() {
    double all = Math.max(1, elements());
    List<String> shares = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < BUCKETS; i++) {
      if (counts.get(i) > 0) {
        String range =
            i == BUCKETS - 1
                ? "more"
                : from == BOUNDS.get(i) ? "" + from : from + "-" + BOUNDS.get(i);
        shares.add(String.format(Locale.ROOT, "%s: %.3g %%", range, 100 * counts.get(i) / all));
      }
      from = i < BUCKETS - 1 ? BOUNDS.get(i) + 1 : from;
    }
    return shares.isEmpty() ? "none" : String.join(", ", shares);
  }
}
