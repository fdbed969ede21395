package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The saved variables of one layer. Keras stores them in the order in which they are created, under
 * names that differ between versions, so they are read by order.
 */
interface Variables {
  /** No variables. */
  Variables NONE =
      new Variables() {
        @Override
        public Optional<Tensor> next(String role) {
          return Optional.empty();
        }

        @Override
        public Variables part(List<String> names) {
          return this;
        }

        @Override
        public Variables ofLayer(int index, ModelConfig.Layer layer, ModelConfig model) {
          return this;
        }
      };

  /** The next of the layer's own variables, if there is one more. */
  Optional<Tensor> next(String role);

  /**
   * The variables of a layer within this one.
   *
   * @param names of the attribute that holds it, the usual one first
   */
  Variables part(List<String> names);

  /** The variables of a layer of this model. */
  Variables ofLayer(int index, ModelConfig.Layer layer, ModelConfig model);
}
