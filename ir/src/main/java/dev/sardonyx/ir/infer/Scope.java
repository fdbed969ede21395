package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of the values of a graph and of the graphs around it. */
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, Fact> facts = new HashMap<>();

  Scope(@Nullable Scope outer) {
    this.outer = outer;
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
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Fact fact = scope.facts.get(value);
      if (fact != null) {
        return fact;
      }
    }
    return Fact.NOTHING;
  }
}
