package dev.sardonyx.export.trees;

import java.util.Arrays;

/**
 * Where a split sends the numbers: the line of floats is cut into pieces, which go left and right
 * in turn. Plain thresholds, ranges that count as missing, and sets of categories are all of this
 * form. NaN lies on no piece.
 *
 * @param bounds each the first float of a piece but the lowest, ascending
 * @param lowestGoesLeft where the piece from minus infinity goes
 */
record Cuts(float[] bounds, boolean lowestGoesLeft) {
  /** Numbers below a bound go left. */
  static Cuts below(float bound) {
    return new Cuts(new float[] {bound}, true);
  }

  /**
   * Numbers up to a bound, which need not be a float, go left, but those of a range, from {@code
   * low} to {@code high}, all to one side.
   *
   * @param low the lowest number of the range
   * @param high the highest
   * @param rangeGoesLeft whether that is the left side
   */
  static Cuts upTo(double bound, double low, double high, boolean rangeGoesLeft) {
    float edge = bound == Double.POSITIVE_INFINITY ? Float.NaN : firstAbove(bound);
    float from = firstFrom(low);
    float to = firstAbove(high);
    float[] starts = {Float.NEGATIVE_INFINITY, edge, from, to};
    Arrays.sort(starts); // NaN, for no edge, comes last
    Cutting cutting = new Cutting();
    for (float start : starts) {
      if (!Float.isNaN(start)) {
        boolean isInRange = start >= from && start < to;
        cutting.piece(start, isInRange ? rangeGoesLeft : Float.isNaN(edge) || start < edge);
      }
    }
    return cutting.cuts();
  }

  /**
   * Numbers whose integer part is in a set go to one side, all others to the other.
   *
   * @param members not negative, ascending, each once
   * @param zero the lowest number that belongs to the category 0
   * @param membersGoLeft whether it is the left side
   */
  static Cuts among(long[] members, float zero, boolean membersGoLeft) {
    return among(members, zero, membersGoLeft, Long.MAX_VALUE, !membersGoLeft);
  }

  /**
   * The same, but numbers that are no category at all have a side of their own.
   *
   * @param end the first number that is too large for a category, above all members
   * @param othersGoLeft whether numbers from there on, and those below {@code zero}, go left
   */
  static Cuts among(
      long[] members, float zero, boolean membersGoLeft, long end, boolean othersGoLeft) {
    Cutting cutting = new Cutting();
    cutting.piece(Float.NEGATIVE_INFINITY, othersGoLeft);
    cutting.piece(zero, !membersGoLeft);
    for (long member : members) {
      cutting.piece(member == 0 ? zero : firstFrom((double) member), membersGoLeft);
      cutting.piece(firstFrom((double) (member + 1)), !membersGoLeft);
    }
    cutting.piece(firstFrom((double) end), othersGoLeft);
    return cutting.cuts();
  }

  /** How many nodes of ONNX say it: a comparison for each bound, at least one. */
  int comparisons() {
    return Math.max(1, bounds.length);
  }

  /** Where the numbers from a bound on go. */
  boolean goesLeftFrom(int bound) {
    return lowestGoesLeft ^ bound % 2 == 0;
  }

  /** The first float that is greater. */
  private static float firstAbove(double bound) {
    float near = (float) bound;
    return near > bound ? near : Math.nextUp(near);
  }

  /** The first float that is as great or greater. */
  private static float firstFrom(double bound) {
    float near = (float) bound;
    return near >= bound ? near : Math.nextUp(near);
  }

  /** Collects pieces from left to right; neighbours that go to the same side become one. */
  private static final class Cutting {
    private float[] bounds = new float[4];
    private int count;
    private boolean lowest;
    private boolean last;
    private boolean started;

    void piece(float start, boolean goesLeft) {
      if (!started) {
        lowest = goesLeft;
        started = true;
      } else if (count > 0 && bounds[count - 1] == start) {
        count -= goesLeft == last ? 0 : 1; // the piece before is empty
      } else if (goesLeft != last) {
        if (count == bounds.length) {
          bounds = Arrays.copyOf(bounds, 2 * count);
        }
        bounds[count++] = start;
      }
      last = goesLeft;
    }

    Cuts cuts() {
      return new Cuts(Arrays.copyOf(bounds, count), lowest);
    }
  }
}
