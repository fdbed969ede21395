package dev.sardonyx.samples.plan;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Which of the words that are right a wrong one may have meant. */
final class Suggestion {
  private Suggestion() {}

  /** {@code ; did you mean 'relu'?}, or a list of all that are right if none is like it. */
  static String of(String wrong, Collection<String> right) {
    String lower = wrong.toLowerCase(Locale.ROOT).replace('_', '-').replace(' ', '-');
    return right.stream()
        .filter(word -> distance(lower, word.toLowerCase(Locale.ROOT)) <= 1 + word.length() / 4)
        .min(Comparator.comparing(word -> distance(lower, word.toLowerCase(Locale.ROOT))))
        .map(word -> "; did you mean '" + word + "'?")
        .orElseGet(() -> "; there are " + String.join(", ", right));
  }

  /** How many letters are to be changed, put in or left out (Levenshtein 1965). */
  private static int distance(String a, String b) {
    int[] above = new int[b.length() + 1];
    Arrays.setAll(above, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length()];
  }
}
