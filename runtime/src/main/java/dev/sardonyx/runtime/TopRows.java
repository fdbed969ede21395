package dev.sardonyx.runtime;

import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Counts the rows along the last axis whose largest elements are the same on both sides. */
final class TopRows {
  /** How many of the largest are looked at beside the first. */
  static final int SEVERAL = 5;

  private long rows;
  private long sameFirst;
  private long longRows;
  private long sameSeveral;

  /** Adds the rows of a tensor, if it has any of at least two classes. */
  void add(Tensor actual, Tensor expected) {
    if (expected.rank() < 2 || expected.dim(-1) < 2 || expected.size() == 0) {
      return;
    }
    int classes = Math.toIntExact(expected.dim(-1));
    float[] a = actual.toFloats();
    float[] e = expected.toFloats();
    for (int row = 0; row < a.length; row += classes) {
      rows++;
      if (first(a, row, classes) == first(e, row, classes)) {
        sameFirst++;
      }
      if (classes > SEVERAL) {
        longRows++;
        if (Arrays.equals(several(a, row, classes), several(e, row, classes))) {
          sameSeveral++;
        }
      }
    }
  }

  private static boolean isLess(float a, float b) {
    return a < b || Float.isNaN(a) && !Float.isNaN(b);
  }

  /** The first of the largest elements; NaN is no element's better. */
  private static int first(float[] elements, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (isLess(elements[from + best], elements[from + i])) {
        best = i;
      }
    }
    return best;
  }

  /** The places of the largest elements, in the order of the places. */
  private static int[] several(float[] elements, int from, int count) {
    int[] best = new int[SEVERAL];
    int kept = 0;
    for (int i = 0; i < count; i++) {
      int at = kept;
      while (at > 0 && isLess(elements[from + best[at - 1]], elements[from + i])) {
        at--;
      }
      if (at < SEVERAL) {
        System.arraycopy(best, at, best, at + 1, Math.min(kept, SEVERAL - 1) - at);
        best[at] = i;
        kept = Math.min(kept + 1, SEVERAL);
      }
    }
    Arrays.sort(best);
    return best;
  }

  ValueComparison.@Nullable Agreement first() {
    return rows == 0 ? null : new ValueComparison.Agreement(sameFirst, rows);
  }

  ValueComparison.@Nullable Agreement several() {
    return longRows == 0 ? null : new ValueComparison.Agreement(sameSeveral, longRows);
  }
}
