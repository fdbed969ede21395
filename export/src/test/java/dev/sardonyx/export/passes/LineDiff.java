package dev.sardonyx.export.passes;

import java.util.List;

/** Which lines of two texts differ. */
final class LineDiff {
  private LineDiff() {}

  /**
   * All lines of both texts: those of the first alone after {@code -}, those of the second alone
   * after {@code +}. Empty for equal texts.
   */
  static String of(String expected, String actual) {
    if (expected.equals(actual)) {
      return "";
    }
    List<String> a = expected.lines().toList();
    List<String> b = actual.lines().toList();
    int[][] common = common(a, b);
    StringBuilder diff = new StringBuilder("- expected, + actual:\n");
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        diff.append("  ").append(a.get(i++)).append('\n');
        j++;
      } else if (j == b.size() || i < a.size() && common[i + 1][j] >= common[i][j + 1]) {
        diff.append("- ").append(a.get(i++)).append('\n');
      } else {
        diff.append("+ ").append(b.get(j++)).append('\n');
      }
    }
    return diff.toString();
  }

  /** How many lines the texts have in common from a line of each on. */
  private static int[][] common(List<String> a, List<String> b) {
    int[][] common = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }
}
