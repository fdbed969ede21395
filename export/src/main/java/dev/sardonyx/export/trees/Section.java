package dev.sardonyx.export.trees;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header or a tree of a LightGBM file: lines of a key, {@code =} and a value.
 *
 * @param name such as {@code tree 3}, for messages
 */
record Section(String name, Map<String, String> lines) {
  boolean has(String key) {
    return lines.containsKey(key);
  }

  String text(String key) {
    @Nullable String value = lines.get(key);
    if (value == null) {
      throw new TreeFault(name + " lacks " + key);
    }
    return value;
  }

  int count(String key) {
    String text = text(key).strip();
    try {
      int number = Integer.parseInt(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new TreeFault("%s: %s is '%s', not a number".formatted(name, key, text), e);
    }
    throw new TreeFault("%s: %s is %s".formatted(name, key, text));
  }

  int[] ints(String key, long length) {
    if (length == 0) { // a tree of one leaf has empty lines for its splits, or none
      return new int[0];
    }
    int[] numbers = new int[requireWords(key, length)];
    eachWord(key, (i, line, from, to) -> numbers[i] = Integer.parseInt(line, from, to, 10));
    return numbers;
  }

  double[] numbers(String key, long length) {
    if (length == 0) {
      return new double[0];
    }
    double[] numbers = new double[requireWords(key, length)];
    eachWord(key, (i, line, from, to) -> numbers[i] = number(line.substring(from, to)));
    return numbers;
  }

  /** A number as C++ prints it, which has other words than Java for what is not finite. */
  private static double number(String word) {
    return switch (word) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan", "-nan" -> Double.NaN;
      default -> Double.parseDouble(word);
    };
  }

  /** Words of 32 bits, written as numbers without a sign. */
  long[] bits(String key) {
    long[] numbers = new long[eachWord(key, Word.IGNORED)];
    eachWord(
        key,
        (i, line, from, to) ->
            numbers[i] = Integer.parseUnsignedInt(line, from, to, 10) & 0xffffffffL);
    return numbers;
  }

  /** Takes the words of a line, each without an object of its own. */
  @FunctionalInterface
  private interface Word {
    Word IGNORED = (index, line, from, to) -> {};

    void take(int index, String line, int from, int to);
  }

  /** Counts a line's words before anything as long as the file says is made for them. */
  private int requireWords(String key, long length) {
    int count = eachWord(key, Word.IGNORED);
    if (count != length) {
      throw new TreeFault(
          "%s: %s has %d numbers instead of %d".formatted(name, key, count, length));
    }
    return count;
  }

  /** Takes the words one by one and gives their number. */
  private int eachWord(String key, Word word) {
    String line = text(key);
    int count = 0;
    int from = 0;
    while (from < line.length()) {
      int space = line.indexOf(' ', from);
      int to = space < 0 ? line.length() : space;
      if (to > from) {
        try {
          word.take(count++, line, from, to);
        } catch (NumberFormatException e) {
          throw new TreeFault(
              "%s: %s has '%s', which is no number".formatted(name, key, line.substring(from, to)),
              e);
        }
      }
      from = to + 1;
    }
    return count;
  }
}
