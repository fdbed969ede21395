package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/**
 * What DL4J's networks are made of, each class with how it is read or why it is not: the one place
 * to add another. Activation functions have a table of their own, {@link ActivationReadings}.
 */
public final class Readings {
  private static final String FOREIGN = "it is not one of DL4J's own classes";

  private static final Map<Class<?>, Entry<?>> BY_CLASS = new LinkedHashMap<>();

  static {
    // Feed-forward layers
    layer(DenseLayer.class, DenseLayers::dense);
    layer(ActivationLayer.class, ActivationReadings::layer, ActivationReadings::whyNotLayer);

    // Convolution
    layer(ConvolutionLayer.class, Convolutions::conv2d);
    layer(Convolution2D.class, Convolutions::conv2d);

    // Pooling
    layer(SubsamplingLayer.class, Pooling::pool2d, Pooling::whyNotWindows);
    layer(Pooling2D.class, Pooling::pool2d, Pooling::whyNotWindows);

    // Normalisation
    layer(BatchNormalization.class, Normalization::batch, Normalization::whyNotBatch);

    // Output
    layer(OutputLayer.class, DenseLayers::output);

    // Wrappers
    layer(FrozenLayer.class, Wrappers::frozen, Wrappers::whyNotFrozen);
    layer(
        FrozenLayerWithBackprop.class,
        Wrappers::frozenWithBackprop,
        Wrappers::whyNotFrozenWithBackprop);

    // Vertices
    vertex(ElementWiseVertex.class, Vertices::elementWise);
    vertex(MergeVertex.class, Vertices::merge);
    vertex(SubsetVertex.class, Vertices::subset);
    vertex(StackVertex.class, Vertices::stack);
    vertex(UnstackVertex.class, Vertices::unstack);
    vertex(ScaleVertex.class, Vertices::scale);
    vertex(ShiftVertex.class, Vertices::shift);
    vertex(ReshapeVertex.class, Vertices::reshape);
    vertex(L2Vertex.class, Vertices::distance);
    vertex(L2NormalizeVertex.class, Vertices::normalize);
    vertex(PoolHelperVertex.class, Vertices::poolHelper);
    vertex(PreprocessorVertex.class, Wrappers::preprocessor, Wrappers::whyNotPreprocessor);
    vertex(FrozenVertex.class, Wrappers::frozenVertex, Wrappers::whyNotFrozenVertex);

    // Preprocessors
    preprocessor(CnnToFeedForwardPreProcessor.class, Preprocessors::cnnToFeedForward);
    preprocessor(FeedForwardToCnnPreProcessor.class, Preprocessors::feedForwardToCnn);
  }

  private Readings() {}

  private static <C extends Layer> void layer(Class<C> type, Reading.OfOne<? super C> reading) {
    layer(type, reading, what -> null);
  }

  private static <C extends Layer> void layer(
      Class<C> type, Reading.OfOne<? super C> reading, Entry.Refusal<? super C> refusal) {
    add(type, (what, site, inputs) -> reading.read(what, site, inputs.get(0)), refusal);
  }

  private static <C extends InputPreProcessor> void preprocessor(
      Class<C> type, Reading.OfOne<? super C> reading) {
    add(type, (what, site, inputs) -> reading.read(what, site, inputs.get(0)), what -> null);
  }

  private static <C extends GraphVertex> void vertex(Class<C> type, Reading<? super C> reading) {
    vertex(type, reading, what -> null);
  }

  private static <C extends GraphVertex> void vertex(
      Class<C> type, Reading<? super C> reading, Entry.Refusal<? super C> refusal) {
    add(type, reading, refusal);
  }

  private static <C> void add(
      Class<C> type, Reading<? super C> reading, Entry.Refusal<? super C> refusal) {
    BY_CLASS.put(type, new Entry<>(type, reading, refusal));
  }

  /** The classes that are read, at least with some settings. */
  public static Set<Class<?>> read() {
    return Collections.unmodifiableSet(BY_CLASS.keySet());
  }

  /** Why a layer, vertex or preprocessor cannot be read, as far as its settings tell. */
  static Optional<String> whyNot(Object what) {
    Entry<?> entry = BY_CLASS.get(what.getClass());
    if (entry == null) {
      return Optional.of(FOREIGN);
    }
    Optional<String> reason = entry.whyNot(what);
    return reason.isPresent() || !(what instanceof BaseLayer layer)
        ? reason
        : ActivationReadings.whyNot(layer.getActivationFn());
  }

  /**
   * Adds the nodes of a layer, vertex or preprocessor.
   *
   * @return what it computes
   */
  static Value read(Object what, Site site, List<Value> inputs) {
    Entry<?> entry = BY_CLASS.get(what.getClass());
    if (entry == null) {
      throw site.refuse(whyNot(what).orElse(FOREIGN));
    }
    return entry.read(what, site, inputs);
  }
}
