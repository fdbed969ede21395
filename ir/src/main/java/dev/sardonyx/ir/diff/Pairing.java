package dev.sardonyx.ir.diff;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which node of one graph is which of another. Nodes that compute the same come first; then those
 * of one operator that have the name of a result or a name of their own in common; then, from what
 * is paired and from the graphs' outputs, those of one operator that stand in the same place before
 * or after. Each node is paired and looked at once, so the work is linear.
 */
final class Pairing {
  private static final int NONE = -1;

  private final NumberedGraph before;
  private final NumberedGraph after;
  private final int[] afterOf;
  private final int[] beforeOf;
  private final Deque<Integer> fresh = new ArrayDeque<>();

  private Pairing(NumberedGraph before, NumberedGraph after) {
    this.before = before;
    this.after = after;
    this.afterOf = new int[before.nodeCount()];
    this.beforeOf = new int[after.nodeCount()];
    Arrays.fill(afterOf, NONE);
    Arrays.fill(beforeOf, NONE);
  }

  /**
   * @param inputs names of the second graph's inputs for those of the first
   */
  static Pairing of(NumberedGraph before, NumberedGraph after, Map<String, String> inputs) {
    Pairing pairing = new Pairing(before, after);
    pairing.pairEqual();
    pairing.pairNamed();
    pairing.pairOutputs();
    inputs.forEach(pairing::pairConsumers);
    pairing.spread();
    return pairing;
  }

  /** The second graph's node for one of the first, -1 if there is none. */
  int after(int index) {
    return afterOf[index];
  }

  /** The first graph's node for one of the second, -1 if there is none. */
  int before(int index) {
    return beforeOf[index];
  }

  private void pairEqual() {
    Map<Integer, Deque<Integer>> byNumber = new HashMap<>();
    for (int j = 0; j < beforeOf.length; j++) {
      byNumber.computeIfAbsent(after.nodeNumber(j), n -> new ArrayDeque<>(2)).add(j);
    }
    for (int i = 0; i < afterOf.length; i++) {
      Deque<Integer> equal = byNumber.get(before.nodeNumber(i));
      if (equal != null && !equal.isEmpty()) {
        pair(i, equal.remove());
      }
    }
  }

  private void pairNamed() {
    Map<String, Integer> byResult = new HashMap<>();
    Map<String, Integer> byName = new HashMap<>();
    for (int j = 0; j < beforeOf.length; j++) {
      byResult.putIfAbsent(after.node(j).output(0).name(), j);
      byName.putIfAbsent(after.node(j).name(), j);
    }
    byResult.remove("");
    byName.remove("");
    for (int i = 0; i < afterOf.length; i++) {
      pairIfAlike(i, byResult.get(before.node(i).output(0).name()));
      pairIfAlike(i, byName.get(before.node(i).name()));
    }
  }

  private void pairOutputs() {
    int common = Math.min(before.graph().outputs().size(), after.graph().outputs().size());
    for (int i = 0; i < common; i++) {
      pairProducers(before.graph().outputs().get(i).name(), after.graph().outputs().get(i).name());
    }
  }

  private void spread() {
    while (!fresh.isEmpty()) {
      int i = fresh.remove();
      Node first = before.node(i);
      Node second = after.node(afterOf[i]);
      for (int k = 0; k < Math.min(first.inputs().size(), second.inputs().size()); k++) {
        pairProducers(first.input(k), second.input(k));
      }
      for (int k = 0; k < Math.min(first.outputs().size(), second.outputs().size()); k++) {
        if (first.hasOutput(k) && second.hasOutput(k)) {
          pairConsumers(first.output(k).name(), second.output(k).name());
        }
      }
    }
  }

  private void pairProducers(String first, String second) {
    NumberedGraph.Producer a = before.producer(first);
    NumberedGraph.Producer b = after.producer(second);
    if (a != null && b != null && a.output() == b.output()) {
      pairIfAlike(a.node(), b.node());
    }
  }

  /** Pairs the nodes that take two values, where there is only one on each side to choose. */
  private void pairConsumers(String first, String second) {
    Map<Object, NumberedGraph.@Nullable Use> only = new HashMap<>();
    for (NumberedGraph.Use use : after.uses(second)) {
      if (beforeOf[use.node()] == NONE) {
        only.merge(place(after, use), use, (x, y) -> new NumberedGraph.Use(NONE, NONE));
      }
    }
    if (only.isEmpty()) {
      return;
    }
    for (NumberedGraph.Use use : before.uses(first)) {
      NumberedGraph.Use other = only.get(place(before, use));
      if (afterOf[use.node()] == NONE && other != null && other.node() != NONE) {
        pairIfAlike(use.node(), other.node());
      }
    }
  }

  private static Object place(NumberedGraph graph, NumberedGraph.Use use) {
    return Map.entry(OperatorName.of(graph.node(use.node())), use.input());
  }

  private void pairIfAlike(int i, @Nullable Integer j) {
    if (j != null
        && afterOf[i] == NONE
        && beforeOf[j] == NONE
        && OperatorName.of(before.node(i)).equals(OperatorName.of(after.node(j)))) {
      pair(i, j);
    }
  }

  private void pair(int i, int j) {
    afterOf[i] = j;
    beforeOf[j] = i;
    fresh.add(i);
  }
}
