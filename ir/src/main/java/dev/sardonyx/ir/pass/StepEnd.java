package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What follows from what a transform has done with a node. */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
final class StepEnd {
  private final Rewriter graph;
  private final Draft draft;
  private final Step own;
  private final boolean gone;

  StepEnd(Rewriter graph, Step own) {
    this.graph = graph;
    this.draft = graph.draft;
    this.own = own;
    Node node = own.node;
    gone = node != null && isGone(node);
    if (node != null && gone) {
      draft.release(node);
    } else if (node != null && !own.replaced.isEmpty()) {
      own.node = withoutReplaced(node);
    }
    forgetUnused();
    draft.sweep(own);
    own.inheritNames();
    nameSuccessors();
    addConstants();
    if (own.hasChanged(gone)) {
      graph.walk.changes.add(own.change(graph.path, gone));
    }
  }

  /** Whether the node is there no more. */
  boolean isGone() {
    return gone;
  }

  /** Whether nothing of the node is left that anybody uses. */
  private boolean isGone(Node node) {
    if (own.isRemoved) {
      return true;
    }
    if (own.replaced.isEmpty()) {
      return false;
    }
    for (Result result : node.outputs()) {
      if (result.isPresent()
          && !own.replaced.contains(result.name())
          && draft.isUsed(result.name())) {
        return false;
      }
    }
    return true;
  }

  /** The node with other names for the results that something else stands for. */
  private Node withoutReplaced(Node node) {
    return node.withOutputs(
        node.outputs().stream()
            .map(
                r ->
                    own.replaced.contains(r.name())
                        ? Result.of(graph.fresh(r.name()), r.type())
                        : r)
            .toList());
  }

  /** Made nodes that nobody uses never come. */
  private void forgetUnused() {
    for (int i = own.made.size() - 1; i >= 0; i--) {
      Node made = own.made.get(i);
      boolean used = false;
      for (Result result : made.outputs()) {
        used |=
            result.isPresent()
                && (own.successors.containsKey(result.name()) || draft.isUsed(result.name()));
      }
      if (!used) {
        own.made.remove(i);
        own.before -= i < own.before ? 1 : 0;
        draft.release(made);
      }
    }
    own.constants
        .keySet()
        .removeIf(name -> !own.successors.containsKey(name) && draft.uses(name) == 0);
  }

  /** Made values take the names of the results they stand for, and their nodes those of nodes. */
  private void nameSuccessors() {
    if (own.successors.isEmpty()) {
      return;
    }
    Map<String, String> names = new HashMap<>();
    own.successors.forEach((value, result) -> names.put(value, result.name()));
    Renaming renaming = Renaming.of(names);
    Set<Node> heirs = new HashSet<>();
    for (int i = 0; i < own.made.size(); i++) {
      Node node = own.made.get(i);
      Node named = renaming.uses(node);
      boolean heir = false;
      List<Result> results = new ArrayList<>(node.outputs().size());
      for (Result result : node.outputs()) {
        Result successor = own.successors.get(result.name());
        heir |= successor != null;
        results.add(successor == null ? result : successor);
      }
      if (heir) {
        named = named.withOutputs(results);
        Node ancestor = gone ? ancestor(named) : null;
        if (ancestor != null && heirs.add(ancestor)) {
          named = named.withName(ancestor.name());
          named = named.metadata().isEmpty() ? named.withMetadata(ancestor.metadata()) : named;
        }
      }
      own.made.set(i, named);
    }
    Node node = own.node;
    if (node != null && !gone) {
      own.node = renaming.uses(node);
    }
    own.successors.forEach(this::succeed);
  }

  private void succeed(String value, Result result) {
    Facts facts = graph.factsSoFar();
    if (facts != null) {
      facts.rename(value, result.name());
    }
    draft.succeed(value, result);
  }

  /** The node whose place a made one takes: of those that go one of its operator, or the first. */
  private @Nullable Node ancestor(Node made) {
    Node first = own.original;
    if (first != null && !isAlike(first, made)) {
      for (Node swept : own.swept) {
        if (isAlike(swept, made)) {
          return swept;
        }
      }
    }
    return first;
  }

  static boolean isAlike(Node a, Node b) {
    return a.opType().equals(b.opType()) && a.domain().equals(b.domain());
  }

  private void addConstants() {
    if (own.constants.isEmpty()) {
      return;
    }
    Map<String, Constant> all = new LinkedHashMap<>();
    own.constants.forEach(
        (name, constant) -> {
          Result as = own.successors.get(name);
          Constant named =
              as == null ? constant : new Constant(as.name(), constant.data(), as.metadata());
          all.put(named.name(), named);
          draft.add(named);
        });
    own.constants.clear();
    own.constants.putAll(all);
  }
}
