package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.jspecify.annotations.Nullable;

/** Layers and vertices that hold another one, and at inference are that one. */
final class Wrappers {
  private Wrappers() {}

  static Value frozen(FrozenLayer layer, Site site, Value x) {
    return inner(layer.getLayer(), site, x);
  }

  static @Nullable String whyNotFrozen(FrozenLayer layer) {
    return Readings.whyNot(layer.getLayer()).orElse(null);
  }

  static Value frozenWithBackprop(FrozenLayerWithBackprop layer, Site site, Value x) {
    return inner(layer.getUnderlying(), site, x);
  }

  static @Nullable String whyNotFrozenWithBackprop(FrozenLayerWithBackprop layer) {
    return Readings.whyNot(layer.getUnderlying()).orElse(null);
  }

  static Value preprocessor(PreprocessorVertex vertex, Site site, List<Value> inputs) {
    return inner(vertex.getPreProcessor(), site, inputs.get(0));
  }

  static @Nullable String whyNotPreprocessor(PreprocessorVertex vertex) {
    return Readings.whyNot(vertex.getPreProcessor()).orElse(null);
  }

  static Value frozenVertex(FrozenVertex vertex, Site site, List<Value> inputs) {
    GraphVertex of = vertex.getUnderlying();
    return Readings.read(of, site.of(of.getClass()), inputs);
  }

  static @Nullable String whyNotFrozenVertex(FrozenVertex vertex) {
    return Readings.whyNot(vertex.getUnderlying()).orElse(null);
  }

  private static Value inner(Object what, Site site, Value x) {
    return Readings.read(what, site.of(what.getClass()), List.of(x));
  }
}
