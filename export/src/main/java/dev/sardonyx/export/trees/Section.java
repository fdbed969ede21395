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

  int[] ints(String key, int length) {
    int[] numbers = new int[length];
    eachWord(key, length, (i, word) -> numbers[i] = Integer.parseInt(word));
    return numbers;
  }

  double[] numbers(String key, int length) {
    double[] numbers = new double[length];
    eachWord(key, length, (i, word) -> numbers[i] = Double.parseDouble(word));
    return numbers;
  }

  long[] longs(String key) {
    String text = text(key);
    int count = text.isBlank() ? 0 : 1 + (int) text.strip().chars().filter(c -> c == ' ').count();
    long[] numbers = new long[count];
    eachWord(key, count, (i, word) -> numbers[i] = Integer.parseUnsignedInt(word) & 0xffffffffL);
    return numbers;
  }

  @FunctionalInterface
  private interface Word {
    void take(int index, String word);
  }

  private void eachWord(String key, int length, Word word) {
    // A tree of one leaf has empty lines for its splits, or none.
    String text = length == 0 ? "" : text(key);
    int count = 0;
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf(' ', at);
      end = end < 0 ? text.length() : end;
      if (end > at) {
        if (count < length) {
          take(key, count, text.substring(at, end), word);
        }
        count++;
      }
      at = end + 1;
    }
    if (count != length) {
      throw new TreeFault(
          "%s: %s has %d numbers instead of %d".formatted(name, key, count, length));
    }
  }

  private void take(String key, int index, String text, Word word) {
    try {
      word.take(index, text);
    } catch (NumberFormatException e) {
      throw new TreeFault("%s: %s has '%s', which is no number".formatted(name, key, text), e);
    }
  }
}
