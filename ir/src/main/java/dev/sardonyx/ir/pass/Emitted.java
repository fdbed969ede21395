package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** Where the nodes of the source are among those put out, or -1; all in a row at first. */
  private int[] places = new int[0];

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

  /** Where the source's node of a position is, or -1 if it has not been put out. */
  int at(int position) {
    return position < 0 || position >= (differs ? places.length : size)
        ? -1
        : differs ? places[position] : position;
  }

  /** Puts out a node as that of a position of the source. */
  void put(Node node, int position) {
    if (!differs && (size != position || source.get(position) != node)) {
      differ();
    }
    if (differs) {
      own.add(node);
      places[position] = size;
    }
    size++;
  }

  /** Puts out the source's nodes from a position up to another. */
  void put(int from, int to) {
    if (differs || size != from) {
      for (int position = from; position < to; position++) {
        put(source.get(position), position);
      }
    } else {
      size = to;
    }
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
    places = new int[source.size()];
    Arrays.setAll(places, i -> i < size ? i : -1);
    differs = true;
  }

  /** All nodes; the very source if they are the same. */
  List<Node> nodes() {
    if (!differs) {
      return size == source.size() ? source : source.subList(0, size);
    }
    Node[] nodes = new Node[size - removed];
    int count = 0;
    for (Node node : own) {
      if (node != null) {
        nodes[count++] = node;
      }
    }
    return List.of(nodes);
  }
}
