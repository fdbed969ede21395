package dev.sardonyx.export.trees;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A part of a LightGBM file: lines of a key, {@code =} and a value.
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
    int[] numbers = new int[words(key, length)];
    eachWord(key, (i, word) -> numbers[i] = Integer.parseInt(word));
    return numbers;
  }

  double[] numbers(String key, long length) {
    if (length == 0) {
      return new double[0];
    }
    double[] numbers = new double[words(key, length)];
    eachWord(key, (i, word) -> numbers[i] = number(word));
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

  long[] longs(String key) {
    long[] numbers = new long[eachWord(key, (i, word) -> {})];
    eachWord(key, (i, word) -> numbers[i] = Integer.parseUnsignedInt(word) & 0xffffffffL);
    return numbers;
  }

  @FunctionalInterface
  private interface Word {
    void take(int index, String word);
  }

  /** Counts a line's words before anything as long as the file says is made for them. */
  private int words(String key, long length) {
    int count = eachWord(key, (i, word) -> {});
    if (count != length) {
      throw new TreeFault(
          "%s: %s has %d numbers instead of %d".formatted(name, key, count, length));
    }
    return count;
  }

  /** Takes the words one by one and gives their number. */
  private int eachWord(String key, Word word) {
    String text = text(key);
    int count = 0;
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf(' ', at);
      end = end < 0 ? text.length() : end;
      if (end > at) {
        take(key, count++, text.substring(at, end), word);
      }
      at = end + 1;
    }
    return count;
  }

  private void take(String key, int index, String text, Word word) {
    try {
      word.take(index, text);
    } catch (NumberFormatException e) {
      throw new TreeFault("%s: %s has '%s', which is no number".formatted(name, key, text), e);
    }
  }
}
