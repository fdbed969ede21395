package dev.sardonyx.training.onednn;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;

/**
 * The layers and vertices of DL4J that can be recorded, each with how: the one place to add
 * another. {@link TrainingStep} itself handles the loss, and batch normalisation, which a ReLU
 * behind it is fused into.
 */
final class Parts {
  private static final Map<Class<?>, Part<Object>> BY_CLASS = new HashMap<>();

  /** How one kind of layer or vertex is recorded. */
  private interface Part<T> {
    RecordedValue add(RecordingSite site, T configuration);
  }

  static {
    put(ConvolutionLayer.class, OneDnnConvolutions::plain);
    put(DepthwiseConvolution2D.class, OneDnnConvolutions::depthwise);
    put(DenseLayer.class, OneDnnDenseLayers::dense);
    put(SubsamplingLayer.class, OneDnnPooling::windows);
    put(GlobalPoolingLayer.class, OneDnnPooling::global);
    put(ZeroPaddingLayer.class, OneDnnShapes::pad);
    put(
        ActivationLayer.class,
        (site, layer) -> {
          site.requirePlain(layer);
          return OneDnnActivations.add(site, layer.getActivationFn());
        });
    put(ElementWiseVertex.class, Parts::elementWise);
    put(MergeVertex.class, OneDnnShapes::concat);
    put(ReshapeVertex.class, OneDnnShapes::reshape);
    put(PreprocessorVertex.class, (site, vertex) -> preprocessor(site, vertex.getPreProcessor()));
    put(ScaleVertex.class, Parts::scale);
    put(
        ShiftVertex.class,
        (site, vertex) ->
            OneDnnActivations.add(
                site, OneDnnActivations.Formula.linear(1, vertex.getShiftFactor())));
  }

  private Parts() {}

  @SuppressWarnings("unchecked") // Looked up by the class of what it is given.
  private static <T> void put(Class<T> type, Part<T> part) {
    BY_CLASS.put(type, (Part<Object>) part);
  }

  static RecordedValue layer(RecordingSite site, Layer layer) {
    return add(site, layer);
  }

  static RecordedValue vertex(RecordingSite site, GraphVertex vertex) {
    return add(site, vertex);
  }

  private static RecordedValue add(RecordingSite site, Object configuration) {
    Part<Object> part = BY_CLASS.get(configuration.getClass());
    if (part == null) {
      throw site.refuse("there is nothing like a " + configuration.getClass().getSimpleName());
    }
    return part.add(site, configuration);
  }

  static RecordedValue preprocessor(RecordingSite site, InputPreProcessor preprocessor) {
    if (!(preprocessor instanceof CnnToFeedForwardPreProcessor)) {
      throw site.refuse("there is nothing like a " + preprocessor.getClass().getSimpleName());
    }
    return site.input().rank() == 2 ? site.input() : OneDnnShapes.flatten(site);
  }

  private static RecordedValue elementWise(RecordingSite site, ElementWiseVertex vertex) {
    if (vertex.getOp() != ElementWiseVertex.Op.Add) {
      throw site.refuse("there is nothing like the operation " + vertex.getOp());
    }
    return Arithmetic.add(site);
  }

  /** A factor of 1 means a copy, which is not needed here: no part writes to what it reads. */
  private static RecordedValue scale(RecordingSite site, ScaleVertex vertex) {
    double factor = vertex.getScaleFactor();
    return factor == 1
        ? site.input()
        : OneDnnActivations.add(site, OneDnnActivations.Formula.linear(factor, 0));
  }
}
