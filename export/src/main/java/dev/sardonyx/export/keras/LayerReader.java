package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Value;
import java.util.List;
import java.util.function.Function;

/**
 * Puts what one class of layers computes into the graph, once for each call of the layer. Readers
 * of one's own are given to {@link KerasReader#withLayer}.
 */
@FunctionalInterface
public interface LayerReader {
  /**
   * Makes the nodes of one call.
   *
   * @return the layer's outputs
   */
  List<KerasTensor> read(KerasLayer layer);

  /** A layer with one output, whose steps all count, whatever its input's mask is. */
  static LayerReader of(Function<KerasLayer, Value> output) {
    return layer -> List.of(KerasTensor.of(output.apply(layer)));
  }

  /** A layer with one output, whose mask is that of its first input. */
  static LayerReader keepingMask(Function<KerasLayer, Value> output) {
    return layer -> List.of(layer.inputTensor().withValue(output.apply(layer)));
  }
}
