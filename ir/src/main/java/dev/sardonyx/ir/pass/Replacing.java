package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.List;
import java.util.Objects;

/** Lets a value stand for a result of the node that a transform sees. */
final class Replacing {
  private final Rewriter graph;
  private final Draft draft;
  private final Step own;
  private final Result result;

  Replacing(Rewriter graph, Step own, Result result) {
    this.graph = graph;
    this.draft = graph.draft;
    this.own = own;
    this.result = result;
  }

  /** See {@link Rewriter#replace(Result, Value)}. */
  void by(Value by) {
    Result heir = own.successors.get(by.name());
    String name = heir == null ? draft.resolve(by.name()) : heir.name();
    Node maker = own.maker(name);
    boolean made = maker != null || own.constants.containsKey(name);
    ValueType common = commonType(name, made);
    // An output has its type elsewhere.
    ValueType type = graph.isPinned(result.name()) ? result.type() : common;
    own.replaced.add(result.name());
    if (made && canTakeName(name)) {
      Result successor = new Result(result.name(), type, result.metadata());
      if (maker == null
          && graph.isPinned(result.name())) { // an initializer cannot be an output's value
        Constant constant = Objects.requireNonNull(own.constants.remove(name));
        Tensor tensor = (Tensor) constant.data();
        own.made.add(NodeMaker.constantNode(Result.of(name, tensor.type()), tensor));
      }
      own.successors.put(name, successor);
      return;
    }
    if (!made && heir == null && !graph.current().inputs().contains(name)) {
      stands(name);
    }
    boolean pinned = graph.isPinned(result.name());
    if (!pinned || !needsIdentity(graph, result, by)) {
      if (pinned) {
        draft.rename(name, result.name());
      }
      draft.replace(result.name(), name);
    } else {
      graph.addAsIs(Node.of("Identity", List.of(name), List.of(result.withType(type))));
    }
  }

  /** An initializer is there from the start, so that no subgraph may use its name. */
  private boolean canTakeName(String made) {
    return !own.constants.containsKey(made)
        || graph.isPinned(result.name())
        || draft.lastBodyWith(result.name()) < 0;
  }

  private ValueType commonType(String by, boolean made) {
    ValueType after = graph.type(by);
    graph.walk.retyped(result.type(), after);
    boolean isOpen = made && after.isKnown() && !result.type().isKnown();
    ValueType before = isOpen ? graph.facts().type(result.name()) : result.type();
    return TypeMerge.both(before, after)
        .orElseThrow(
            () ->
                GraphBuildException.here(
                    "The replacement of "
                        + graph.place()
                        + " gives "
                        + result.name()
                        + " type "
                        + after
                        + " instead of "
                        + before
                        + "; what stands for a value must have its type"));
  }

  /** Remembers for the list of changes what stands for a result. */
  private void stands(String value) {
    Node producer = graph.owner(value).producer(value);
    if (producer == null) {
      Known known = draft.lookUp(value);
      own.otherValues.add(known != null && known.isInitializer ? "initializer " + value : value);
    } else if (!own.otherNodes.contains(producer)) {
      own.otherNodes.add(producer);
    }
  }

  /** Whether replacing would have to make an Identity node for a value that is not made. */
  static boolean needsIdentity(Rewriter graph, Result result, Value by) {
    Draft draft = graph.draft;
    if (!graph.isPinned(result.name())) {
      return false;
    }
    String name = draft.resolve(by.name());
    Known known = draft.find(name);
    return known == null
        || known.producer < 0
        || graph.isPinned(name)
        || draft.lastBodyWith(result.name()) >= known.producer;
  }
}
