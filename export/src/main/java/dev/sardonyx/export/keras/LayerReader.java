package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Value;
import java.util.List;
import java.util.function.Function;

/**
 * Adds the nodes of one class of layers to the graph, once for each call of a layer. Pass custom
 * readers to {@link KerasReader#withLayer}.
 */
@FunctionalInterface
public interface LayerReader {
  /**
   * Makes the nodes of one call.
   *
   * @return the layer's outputs
   */
  List<KerasTensor> read(KerasLayer layer);

  /** A reader of a layer with one output that has no mask, whatever its input's mask is. */
  static LayerReader of(Function<KerasLayer, Value> output) {
    return layer -> List.of(KerasTensor.of(output.apply(layer)));
  }

  /** A reader of a layer with one output that has the mask of the first input. */
  static LayerReader keepingMask(Function<KerasLayer, Value> output) {
    return layer -> List.of(layer.inputTensor().withValue(output.apply(layer)));
  }
}
