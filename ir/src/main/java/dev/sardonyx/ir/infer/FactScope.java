package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.internal.NameMap;
import org.jspecify.annotations.Nullable;

/** What is known of the values of a graph and of the graphs around it. */
final class FactScope {
  private final @Nullable FactScope outer;
  private final NameMap<Fact> facts;

  /** An empty scope inside another, that values may be added to. */
  FactScope(@Nullable FactScope outer) {
    this.outer = outer;
    this.facts = NameMap.of();
  }

  /** A scope inside another, with room for the values of a graph. */
  FactScope(@Nullable FactScope outer, Graph graph) {
    this.outer = outer;
    this.facts =
        NameMap.of(graph.inputs().size() + graph.constants().size() + graph.nodes().size());
  }

  void define(String value, Fact fact) {
    facts.put(value, fact);
  }

  void define(Constant constant) {
    define(
        constant.name(),
        constant.data() instanceof Tensor tensor ? Fact.of(tensor) : Fact.of(constant.type()));
  }

  /** What is known of a value, here or in the graphs around. */
  Fact find(String value) {
    for (FactScope scope = this; scope != null; scope = scope.outer) {
      Fact fact = scope.facts.get(value);
      if (fact != null) {
        return fact;
      }
    }
    return Fact.NOTHING;
  }
}
