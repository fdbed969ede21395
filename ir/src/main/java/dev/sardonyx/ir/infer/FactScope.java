package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.internal.NameMap;
import org.jspecify.annotations.Nullable;

/** What is known of the values of a graph and of the graphs around it. */
final class FactScope {
  private final @Nullable FactScope outer;

  /** Of values that have no number. */
  private final NameMap<Fact> facts;

  /** What numbers the values of a main graph, and what is known of these. */
  private final @Nullable GraphIndex index;

  private final @Nullable Fact[] numbered;

  /** An empty scope inside another, that values may be added to. */
  FactScope(@Nullable FactScope outer) {
    this(outer, NameMap.of(), null);
  }

  private FactScope(@Nullable FactScope outer, NameMap<Fact> facts, @Nullable GraphIndex index) {
    this.outer = outer;
    this.facts = facts;
    this.index = index;
    this.numbered = new Fact[index == null ? 0 : index.valueCount()];
  }

  /** A scope inside another, with room for the values of a graph. */
  FactScope(FactScope outer, Graph graph) {
    this(
        outer,
        NameMap.of(graph.inputs().size() + graph.constants().size() + graph.nodes().size()),
        null);
  }

  /** The outermost scope, of a main graph. */
  static FactScope of(GraphIndex index) {
    return new FactScope(null, NameMap.of(), index);
  }

  void define(String value, Fact fact) {
    int number = number(value);
    if (number == GraphIndex.NONE) {
      facts.put(value, fact);
    } else {
      numbered[number] = fact;
    }
  }

  private int number(String value) {
    return index == null ? GraphIndex.NONE : index.number(value);
  }

  void define(Constant constant) {
    define(
        constant.name(),
        constant.data() instanceof Tensor tensor ? Fact.of(tensor) : Fact.of(constant.type()));
  }

  /** What is known of a value, here or in the graphs around. */
  Fact find(String value) {
    for (FactScope scope = this; scope != null; scope = scope.outer) {
      int number = scope.number(value);
      Fact fact = number == GraphIndex.NONE ? scope.facts.get(value) : scope.numbered[number];
      if (fact != null) {
        return fact;
      }
    }
    return Fact.NOTHING;
  }
}
