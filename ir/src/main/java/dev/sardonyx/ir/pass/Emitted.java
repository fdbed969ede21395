package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * The nodes that a rewriting puts out. As long as they are those of the graph, one after the other,
 * nothing is stored but how many.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
final class Emitted {
  private final List<Node> source;
  private List<Node> own = List.of();
  private int size;
  private boolean differs;

  Emitted(List<Node> source) {
    this.source = source;
  }

  int size() {
    return size;
  }

  Node get(int i) {
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

  void set(int i, Node node) {
    if (!differs) {
      differ();
    }
    own.set(i, node);
  }

  private void differ() {
    own = new ArrayList<>(source.size());
    own.addAll(source.subList(0, size));
    differs = true;
  }

  /** All nodes; the very source if they are the same. */
  List<Node> nodes() {
    if (differs) {
      return own;
    }
    return size == source.size() ? source : source.subList(0, size);
  }
}
