package dev.sardonyx.samples;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What somebody who mistyped a name may have meant. */
public final class Spelling {
  private static final int MOST = 3;

  /** Names of such a length are not typed, and comparing them takes long. */
  private static final int LONGEST = 200;

  private record Likeness(String name, double distance) {}

  private Spelling() {}

  /**
   * A question to put behind "there is no X", such as {@code "; did you mean conv1.weight?"}; empty
   * if nothing known is like it.
   */
  public static String question(String given, Collection<String> known) {
    List<String> like = like(given, known);
    return like.isEmpty() ? "" : "; did you mean " + String.join(" or ", like) + "?";
  }

  /** Those of the known names that are most like one, best first. */
  static List<String> like(String given, Collection<String> known) {
    if (given.isEmpty() || given.length() > LONGEST) {
      return List.of();
    }
    return known.stream()
        .filter(name -> !name.isEmpty() && name.length() <= LONGEST)
        .distinct()
        .map(name -> new Likeness(name, distance(given, name)))
        .filter(likeness -> likeness.distance <= 0.34)
        .sorted(Comparator.comparingDouble(Likeness::distance).thenComparing(Likeness::name))
        .limit(MOST)
        .map(Likeness::name)
        .collect(Collectors.toList());
  }

  /** From 0 for the same to 1 for nothing in common. */
  private static double distance(String given, String name) {
    String one = given.toLowerCase(Locale.ROOT);
    String other = name.toLowerCase(Locale.ROOT);
    if (one.equals(other)) {
      return 0;
    }
    boolean within = one.length() >= 3 && other.contains(one);
    double edits = (double) edits(one, other) / Math.max(one.length(), other.length());
    // A part of a long name, such as conv1 of block1.conv1.weight, is what people remember.
    return within ? Math.min(0.3, edits) : edits;
  }

  /** Letters to insert, drop, replace, or swap with the next. */
  private static int edits(String one, String other) {
    int[][] edits = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replaced = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        edits[i][j] =
            Math.min(
                Math.min(edits[i - 1][j], edits[i][j - 1]) + 1, edits[i - 1][j - 1] + replaced);
        boolean swapped =
            i > 1
                && j > 1
                && one.charAt(i - 1) == other.charAt(j - 2)
                && one.charAt(i - 2) == other.charAt(j - 1);
        if (swapped) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[one.length()][other.length()];
  }
}
