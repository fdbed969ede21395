package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.function.Supplier;

/** What layers are made with. */
public interface LayerBuilder {
  /** The graph that layers are added to. */
  GraphBuilder builder();

  /** All layers. */
  Layers layers();

  /**
   * Puts all that is made inside into a scope of its own, such as {@code block1}.
   *
   * @param role the scope's name, which is given a number
   */
  default Value inScope(String role, Supplier<Value> body) {
    return builder().scope(builder().freshName(role), body);
  }
}
