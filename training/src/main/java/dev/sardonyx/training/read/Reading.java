package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import java.util.List;

/**
 * How something that a DL4J network is made of becomes nodes.
 *
 * @param <C> its class of configuration: a layer, a vertex or a preprocessor
 */
@FunctionalInterface
interface Reading<C> {
  /**
   * Adds the nodes.
   *
   * @param inputs at least one
   * @return what it computes
   */
  Value read(C what, Site site, List<Value> inputs);

  /** How something with one input becomes nodes. */
  @FunctionalInterface
  interface OfOne<C> {
    Value read(C what, Site site, Value x);

    default Reading<C> asReading() {
      return (what, site, inputs) -> read(what, site, inputs.get(0));
    }
  }
}
