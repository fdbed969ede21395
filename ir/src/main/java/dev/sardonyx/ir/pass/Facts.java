package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.IncrementalInference;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.internal.NameIndex;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What inference says of a graph's values, found out only for those asked for. Where the model says
 * all there is to know of a value, what it is computed from is not looked at.
 */
final class Facts {
  private final Rewriter graph;
  private final IncrementalInference inference;
  private final NameIndex known = NameIndex.of();

  Facts(Rewriter graph, IncrementalInference inference) {
    this.graph = graph;
    this.inference = inference;
  }

  IncrementalInference inference() {
    return inference;
  }

  /** The type of a value of this graph or those around it. */
  ValueType type(String value) {
    demand(List.of(value));
    return inference.type(value);
  }

  /** The elements of a small value, as far as they are known, or null. */
  @Nullable KnownValues elements(String value) {
    demand(List.of(value));
    return inference.elements(value);
  }

  /**
   * Infers a node that is to be added.
   *
   * @return the node with the types of its results
   * @throws InferenceException if the node contradicts its operator
   */
  Node add(Node node) {
    demand(node.dependencies());
    Node typed = inference.add(node);
    typed.outputs().forEach(r -> known.add(r.name()));
    return typed;
  }

  /** Lets a value be known under another name, too. */
  void rename(String value, String name) {
    demand(List.of(value));
    known.add(name);
    inference.define(name, value);
  }

  private void demand(Collection<String> values) {
    Deque<String> open = new ArrayDeque<>(values);
    Set<Node> visited = Collections.newSetFromMap(new IdentityHashMap<>());
    while (!open.isEmpty()) {
      String value = open.peek();
      Node producer = known.contains(value) ? null : unknown(value);
      if (producer == null) {
        open.pop();
      } else if (visited.add(producer)) {
        for (String needed : producer.dependencies()) {
          if (!known.contains(needed)) {
            open.push(needed);
          }
        }
      } else {
        infer(producer);
      }
    }
  }

  /** Defines a value, or gives the node that has to be inferred for it. */
  private @Nullable Node unknown(String value) {
    Rewriter owner = graph.owner(value);
    if (owner != graph) {
      owner.facts().demand(List.of(value)); // inference sees the graphs around this one
      return null;
    }
    Tensor tensor = graph.tensor(value);
    ValueType type = graph.type(value);
    Node producer = tensor != null || saysAll(type) ? null : graph.producer(value);
    if (producer == null) {
      known.add(value);
      if (tensor != null) {
        inference.add(Constant.of(value, tensor));
      } else {
        inference.add(Input.of(value, type));
      }
    }
    return producer;
  }

  private void infer(Node producer) {
    try {
      inference.add(producer);
    } catch (InferenceException e) {
      // The checker tells; here what is declared has to do.
      producer.outputs().forEach(r -> inference.add(Input.of(r.name(), r.type())));
    }
    producer.outputs().forEach(r -> known.add(r.name()));
  }

  /** Whether inference could add nothing to a type, and the value is no shape or part of one. */
  private static boolean saysAll(ValueType type) {
    if (!(type instanceof TensorType tensor) || tensor.elementType() == ElementType.UNDEFINED) {
      return false;
    }
    Shape shape = tensor.shape();
    if (!shape.isRanked()) {
      return false;
    }
    return shape.rank() > 1
        ? shape.dims().stream().allMatch(d -> d.isKnown())
        : shape.isStatic() && shape.size().value() > KnownValues.MAX_ELEMENTS;
  }
}
