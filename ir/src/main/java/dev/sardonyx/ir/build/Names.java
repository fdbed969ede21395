package dev.sardonyx.ir.build;

import dev.sardonyx.ir.internal.NameIndex;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hands out names: readable, deterministic, and unique in a graph and all its subgraphs. */
final class Names {
  private final NameIndex values = NameIndex.of();
  private final NameIndex nodes = NameIndex.of();
  private final Set<String> freeValues = new HashSet<>();
  private final Set<String> freeNodes = new HashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();

  /** The graph around, whose names are taken, too, and which learns of those that are taken. */
  private final @Nullable EnclosingGraph around;

  Names(@Nullable EnclosingGraph around) {
    this.around = around;
  }

  /** Takes a value's name; false if it is taken. */
  boolean takeValue(String name) {
    return take(name, values, freeValues);
  }

  /** Takes a node's name; false if it is taken. */
  boolean takeNode(String name) {
    return take(name, nodes, freeNodes);
  }

  private boolean take(String name, NameIndex taken, Set<String> free) {
    if (isTakenAround(name)) {
      return false;
    }
    boolean isTaken = taken.addNew(name) || !free.isEmpty() && free.remove(name);
    if (isTaken && around != null) {
      around.takeName(name);
    }
    return isTaken;
  }

  private boolean isTakenAround(String name) {
    return around != null && around.hasName(name);
  }

  /** Gives a node's name back, which may be taken again. */
  void releaseNode(String name) {
    release(name, nodes, freeNodes);
  }

  /** Gives a value's name back, which may be taken again. */
  void releaseValue(String name) {
    release(name, values, freeValues);
  }

  private void release(String name, NameIndex taken, Set<String> free) {
    if (!taken.contains(name) || free.contains(name)) {
      return;
    }
    if (taken.name(taken.size() - 1).equals(name)) {
      taken.truncate(taken.size() - 1);
    } else {
      free.add(name);
    }
    if (around != null) {
      around.releaseName(name);
    }
  }

  /** A node's name made from a base and a number counting from 1, not yet taken. */
  String freshNode(String base) {
    String name;
    do {
      name = base + counters.merge(base, 1, Integer::sum);
    } while (nodes.contains(name) || isTakenAround(name));
    return name;
  }

  /** Takes a value's name: the base itself if it is free, or else with a number. */
  String takeFreshValue(String base) {
    if (takeValue(base)) {
      return base;
    }
    String counter = base + "_";
    String name;
    do {
      name = counter + counters.merge(counter, 1, Integer::sum);
    } while (!takeValue(name));
    return name;
  }

  /** Takes a value's name made from a base and a number counting from 1. */
  String takeNumberedValue(String base) {
    String name;
    do {
      name = base + counters.merge(base, 1, Integer::sum);
    } while (!takeValue(name));
    return name;
  }

  /** A value's name made from a base and a number counting from 1, not yet taken. */
  String freshValue(String base) {
    String name;
    do {
      name = base + counters.merge(base, 1, Integer::sum);
    } while (values.contains(name) && !freeValues.contains(name) || isTakenAround(name));
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
