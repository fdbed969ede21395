package dev.sardonyx.ir.build;

import dev.sardonyx.ir.internal.NameIndex;
import java.util.HashMap;
import java.util.Map;

/** Hands out names: readable, deterministic, and unique in a graph and all its subgraphs. */
final class Names {
  private final NameIndex values = NameIndex.of();
  private final NameIndex nodes = NameIndex.of();
  private final Map<String, Integer> counters = new HashMap<>();

  /** Takes a value's name; false if it is taken. */
  boolean takeValue(String name) {
    return values.addNew(name);
  }

  /** Takes a node's name; false if it is taken. */
  boolean takeNode(String name) {
    return nodes.addNew(name);
  }

  /** Gives back the node's name that was taken last. */
  void releaseNode() {
    nodes.truncate(nodes.size() - 1);
  }

  /** Gives back the names of values that were taken last. */
  void releaseValues(int count) {
    values.truncate(values.size() - count);
  }

  /** A node's name made from a base and a number counting from 1, not yet taken. */
  String freshNode(String base) {
    String name;
    do {
      name = base + counters.merge(base, 1, Integer::sum);
    } while (nodes.contains(name));
    return name;
  }

  /** Takes a value's name: the base itself if it is free, or else with a number. */
  String takeFreshValue(String base) {
    if (values.addNew(base)) {
      return base;
    }
    String counter = base + "_";
    String name;
    do {
      name = counter + counters.merge(counter, 1, Integer::sum);
    } while (!values.addNew(name));
    return name;
  }

  /** Takes a value's name made from a base and a number counting from 1. */
  String takeNumberedValue(String base) {
    String name;
    do {
      name = base + counters.merge(base, 1, Integer::sum);
    } while (!values.addNew(name));
    return name;
  }

  /** A value's name made from a base and a number counting from 1, not yet taken. */
  String freshValue(String base) {
    String name = takeNumberedValue(base);
    releaseValues(1);
    return name;
  }

  /**
   * An operator's name as the beginning of a name: {@code maxPool}, {@code lstm}, {@code lpPool}.
   */
  static String base(String opType) {
    int upper = 0;
    while (upper < opType.length() && Character.isUpperCase(opType.charAt(upper))) {
      upper++;
    }
    int lowered = upper <= 1 || upper == opType.length() ? Math.max(upper, 1) : upper - 1;
    StringBuilder base = new StringBuilder(opType);
    for (int i = 0; i < Math.min(lowered, base.length()); i++) {
      base.setCharAt(i, Character.toLowerCase(base.charAt(i)));
    }
    return base.toString();
  }
}
