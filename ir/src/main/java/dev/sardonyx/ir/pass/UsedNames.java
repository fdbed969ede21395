package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.internal.NameIndex;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The names of all values and nodes of a graph and its subgraphs, to make up new ones. */
final class UsedNames {
  private final Graph graph;
  private final NameIndex names = NameIndex.of();
  private final Map<String, Integer> counters = new HashMap<>();

  /** Names that were taken and given back. */
  private final Set<String> free = new HashSet<>();

  private boolean collected;

  /** The graph is only looked at when a new name is asked for. */
  UsedNames(Graph graph) {
    this.graph = graph;
  }

  private void collect(Graph from) {
    from.inputs().forEach(i -> names.add(i.name()));
    from.constants().forEach(c -> names.add(c.name()));
    from.outputs().forEach(o -> names.add(o.name()));
    for (Node node : from.nodes()) {
      names.add(node.name());
      node.inputs().forEach(names::add);
      node.outputs().forEach(o -> names.add(o.name()));
      node.subgraphs().forEach(this::collect);
    }
  }

  /** The names of all values that a node's subgraphs define. */
  static void inBodies(Node node, Consumer<String> to) {
    for (Graph body : node.subgraphs()) {
      defined(body, to);
    }
  }

  private static void defined(Graph body, Consumer<String> to) {
    body.inputs().forEach(i -> to.accept(i.name()));
    body.constants().forEach(c -> to.accept(c.name()));
    for (Node node : body.nodes()) {
      node.outputs().forEach(o -> to.accept(o.name()));
      inBodies(node, to);
    }
  }

  /** The base itself if it is free, or else with a number; taken from now on. */
  String fresh(String base) {
    collect();
    return takeNew(base) ? base : freshNumbered(base);
  }

  /** The base with a number from 1, taken from now on. */
  String freshNumbered(String base) {
    collect();
    String name;
    do {
      name = base + "_" + counters.merge(base, 1, Integer::sum);
    } while (!takeNew(name));
    return name;
  }

  private boolean takeNew(String name) {
    return names.addNew(name) || !free.isEmpty() && free.remove(name);
  }

  /** A name made from a base and a number from 1 that is free, and not taken yet. */
  String unused(String base) {
    collect();
    String name;
    do {
      name = base + "_" + counters.merge(base, 1, Integer::sum);
    } while (contains(name));
    return name;
  }

  boolean contains(String name) {
    collect();
    return names.contains(name) && !free.contains(name);
  }

  void take(String name) {
    collect();
    takeNew(name);
  }

  /** Gives a name back that was taken, and that nothing has after all. */
  void release(String name) {
    if (contains(name)) {
      free.add(name);
    }
  }

  private void collect() {
    if (!collected) {
      collected = true;
      collect(graph);
    }
  }
}
