package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Computes once what several nodes compute: nodes of one operator with the same attributes and
 * inputs. A subgraph uses what the graphs around it have computed. Operators that draw random
 * numbers are left alone, and so are operators nobody knows, and nodes with subgraphs of their own.
 */
public record CommonSubexpressions() implements Pass {
  /** The first node of each expression in a graph: open addressing, at most half full. */
  private static final class Found {
    private static final int MIN_ROOM = 16;

    private int[] hashes;
    private @Nullable Node[] nodes;
    private int size;

    /** With room for as many as a graph has; more may come. */
    Found(int expected) {
      int room = Math.max(MIN_ROOM, Integer.highestOneBit(Math.max(1, expected)) * 2);
      hashes = new int[room];
      nodes = new Node[room];
    }

    @Nullable Node find(Node node, int hash) {
      return nodes[slot(node, hash)];
    }

    void put(Node node, int hash) {
      int slot = slot(node, hash);
      size += nodes[slot] == null ? 1 : 0;
      hashes[slot] = hash;
      nodes[slot] = node;
      if (size * 2 > nodes.length) {
        grow();
      }
    }

    /** Where the node is that computes the same, or would be. */
    private int slot(Node node, int hash) {
      int mask = nodes.length - 1;
      int slot = hash & mask;
      for (Node other = nodes[slot]; other != null; other = nodes[slot]) {
        if (hashes[slot] == hash && isSame(node, other)) {
          break;
        }
        slot = slot + 1 & mask;
      }
      return slot;
    }

    private void grow() {
      int[] oldHashes = hashes;
      @Nullable Node[] old = nodes;
      hashes = new int[old.length * 2];
      nodes = new Node[old.length * 2];
      int mask = nodes.length - 1;
      for (int i = 0; i < old.length; i++) {
        if (old[i] != null) {
          int slot = oldHashes[i] & mask;
          while (nodes[slot] != null) {
            slot = slot + 1 & mask;
          }
          hashes[slot] = oldHashes[i];
          nodes[slot] = old[i];
        }
      }
    }
  }

  /** Equal for nodes that compute the same. */
  private static int hash(Node node) {
    int hash = node.opType().hashCode();
    for (String input : node.inputs()) {
      hash = hash * 31 + input.hashCode();
    }
    int attributes = 0;
    for (Attribute attribute : node.attributes()) {
      attributes += attribute.name().hashCode() * 31 + attribute.value().hashCode();
    }
    hash = hash * 31 + attributes;
    return hash * 0x9E3779B9 ^ hash >>> 15; // spread, for names often differ in a digit
  }

  private static boolean isSame(Node a, Node b) {
    return a.opType().equals(b.opType())
        && a.domain().equals(b.domain())
        && a.overload().equals(b.overload())
        && a.inputs().equals(b.inputs())
        && a.outputs().size() == b.outputs().size()
        && attributes(a).equals(attributes(b));
  }

  private static Map<String, AttributeValue> attributes(Node node) {
    if (node.attributes().isEmpty()) {
      return Map.of();
    }
    Map<String, AttributeValue> attributes = new HashMap<>();
    node.attributes().forEach(a -> attributes.put(a.name(), a.value()));
    return attributes;
  }

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "common-subexpressions", CommonSubexpressions::rewrite);
  }

  static void rewrite(Node node, Rewriter to) {
    if (node.outputs().isEmpty() || !node.subgraphs().isEmpty()) {
      return;
    }
    int hash = hash(node);
    Node before = find(node, hash, to);
    if (before == null) {
      found(to).put(node, hash);
      return;
    }
    if (!to.isPure(node)) { // few nodes have one like them, so this is asked last
      return;
    }
    List<Result> results = new ArrayList<>(node.outputs().size());
    for (int i = 0; i < node.outputs().size(); i++) {
      results.add(before.output(i));
    }
    to.replace(results);
  }

  private static Found found(Rewriter graph) {
    return graph.memory(Found.class, () -> new Found(graph.size()));
  }

  private static @Nullable Node find(Node node, int hash, Rewriter to) {
    for (Rewriter graph = to; graph != null; graph = graph.outer()) {
      Node before = found(graph).find(node, hash);
      if (before != null && isThere(before, to) && covers(before, node, to)) {
        return before;
      }
    }
    return null;
  }

  /** Whether a node has not been removed since, or given its names to another. */
  @SuppressWarnings("ReferenceEquality") // another node may look the same
  private static boolean isThere(Node before, Rewriter to) {
    for (Result result : before.outputs()) {
      if (result.isPresent() && to.owner(result.name()).producer(result.name()) != before) {
        return false;
      }
    }
    return true;
  }

  /** Whether all that the node gives is there, and no Identity would take its place for nothing. */
  private static boolean covers(Node before, Node node, Rewriter to) {
    boolean gains = !node.is("Identity") && !node.is("Constant");
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.hasOutput(i)
          && (!before.hasOutput(i)
              || !gains && to.needsIdentity(node.output(i), before.output(i)))) {
        return false;
      }
    }
    return true;
  }
}
