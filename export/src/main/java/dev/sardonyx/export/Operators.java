package dev.sardonyx.export;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which of ONNX's own operators a runtime supports.
 *
 * @param onlyThese true if it supports only the named operators, false if it supports all others
 */
public record Operators(boolean onlyThese, Set<String> names) {
  public Operators {
    names = Set.copyOf(names);
  }

  public static Operators all() {
    return new Operators(false, Set.of());
  }

  /**
   * Only these operators.
   *
   * @param names of the operators, separated by spaces
   */
  public static Operators only(String names) {
    return new Operators(true, words(names));
  }

  /**
   * All operators except these.
   *
   * @param names of the operators, separated by spaces
   */
  public static Operators allBut(String names) {
    return new Operators(false, words(names));
  }

  private static Set<String> words(String names) {
    return new TreeSet<>(Set.of(names.strip().split("\\s+", -1)));
  }

  public boolean has(String operator) {
    return names.contains(operator) == onlyThese;
  }
}
