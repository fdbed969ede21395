package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that a rewriter puts out. As long as they are those of the graph, one after the other,
 * nothing is stored but how many.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
final class Emitted {
  private final List<Node> source;

  /** Null where a node has been removed again. */
  private List<@Nullable Node> own = List.of();

  private int size;
  private int removed;
  private boolean differs;

  Emitted(List<Node> source) {
    this.source = source;
  }

  /** How many nodes there have been, removed ones included. */
  int size() {
    return size;
  }

  /** A node, or null if it has been removed again. */
  @Nullable Node get(int i) {
    return differs ? own.get(i) : source.get(i);
  }

  void add(Node node) {
    if (!differs && (size == source.size() || source.get(size) != node)) {
      differ();
    }
    if (differs) {
      own.add(node);
    }
    size++;
  }

  void remove(int i) {
    if (!differs) {
      differ();
    }
    own.set(i, null);
    removed++;
  }

  private void differ() {
    own = new ArrayList<>(source.size());
    own.addAll(source.subList(0, size));
    differs = true;
  }

  /** All nodes; the very source if they are the same. */
  List<Node> nodes() {
    if (!differs) {
      return size == source.size() ? source : source.subList(0, size);
    }
    List<Node> nodes = new ArrayList<>(size - removed);
    for (Node node : own) {
      if (node != null) {
        nodes.add(node);
      }
    }
    return nodes;
  }
}
