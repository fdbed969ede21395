package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.runtime.spark.RowLayout.RowValue;
import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which symbolic dimensions are padded, so that rows of different sizes share a run.
 *
 * @param sizes for each symbol the sizes that it is padded to, ascending; none to pad to the
 *     longest row of a run
 * @param fill what inputs are padded with, by name, 0 where nothing is said
 */
record RowPadding(Map<String, List<Long>> sizes, Map<String, Double> fill) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * @param symbols such as {@code S} or {@code S=32,128}
   * @param fills such as {@code ids=1}
   * @throws IllegalArgumentException if one cannot be read, or sizes do not ascend
   */
  static RowPadding of(String[] symbols, String[] fills) {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    for (String symbol : symbols) {
      String[] parts = symbol.split("=", 2);
      sizes.put(parts[0], parts.length == 1 ? List.of() : numbers(parts[1], symbol));
    }
    Map<String, Double> fill = new LinkedHashMap<>();
    for (String text : fills) {
      String[] parts = text.split("=", 2);
      try {
        fill.put(parts[0], Double.valueOf(parts[1]));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new IllegalArgumentException("A fill is input=number, not '" + text + "'", e);
      }
    }
    return new RowPadding(sizes, fill);
  }

  private static List<Long> numbers(String text, String whole) {
    try {
      List<Long> numbers = Arrays.stream(text.split(",", -1)).map(Long::valueOf).toList();
      for (int i = 0; i < numbers.size(); i++) {
        if (numbers.get(i) < 1 || (i > 0 && numbers.get(i) <= numbers.get(i - 1))) {
          throw new IllegalArgumentException("The sizes of '" + whole + "' do not ascend");
        }
      }
      return numbers;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "A padding is symbol or symbol=size,size,..., not '" + whole + "'", e);
    }
  }

  /**
   * @throws IllegalArgumentException if a padded symbol is in no input, or is the rows', or what an
   *     input is filled with is for none
   */
  void requireFit(RowLayout layout) {
    Set<String> symbols = new TreeSet<>();
    for (RowValue input : layout.inputs().values()) {
      for (Dim dim : input.dims()) {
        if (dim instanceof Dim.Symbol symbol) {
          symbols.add(symbol.name());
        }
      }
    }
    requireAmong("padding", "symbols", sizes.keySet(), symbols);
    requireAmong("fill", "inputs", fill.keySet(), layout.inputs().keySet());
    fill.forEach((name, value) -> requireElement(layout.inputs().get(name), value));
  }

  private static void requireElement(@Nullable RowValue input, double value) {
    if (input != null && !ElementArrays.holds(input.elementType(), value)) {
      throw new IllegalArgumentException(
          "fill has %s for input %s, whose elements are others".formatted(value, input));
    }
  }

  private static void requireAmong(
      String param, String what, Set<String> given, Set<String> known) {
    for (String each : given) {
      if (!known.contains(each)) {
        throw new IllegalArgumentException(
            "%s names '%s', which is none of the rows' %s: %s"
                .formatted(param, each, what, String.join(", ", known)));
      }
    }
  }

  boolean isPadded(String symbol) {
    return sizes.containsKey(symbol);
  }

  /** The size that a dimension is padded to, or 0 for the longest row of the run. */
  long padded(String symbol, long size) {
    List<Long> bounds = sizes.getOrDefault(symbol, List.of());
    if (bounds.isEmpty()) {
      return 0;
    }
    return bounds.stream()
        .filter(bound -> bound >= size)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s is %d, more than the largest size to pad to, %d"
                        .formatted(symbol, size, bounds.get(bounds.size() - 1))));
  }
}
