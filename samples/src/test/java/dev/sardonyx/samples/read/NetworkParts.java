package dev.sardonyx.samples.read;

import dev.sardonyx.training.read.SavedNetwork;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;

/** All that a network is made of: layers, vertices, preprocessors and activation functions. */
final class NetworkParts {
  private final List<Object> parts = new ArrayList<>();

  private NetworkParts() {}

  static List<Object> of(SavedNetwork network) {
    NetworkParts all = new NetworkParts();
    if (network instanceof SavedNetwork.Chain chain) {
      chain
          .network()
          .getLayerWiseConfigurations()
          .getInputPreProcessors()
          .values()
          .forEach(all::add);
      for (NeuralNetConfiguration each : chain.network().getLayerWiseConfigurations().getConfs()) {
        all.add(each.getLayer());
      }
    } else if (network instanceof SavedNetwork.OfGraph graph) {
      graph.network().getConfiguration().getVertices().values().forEach(all::add);
    }
    return all.parts;
  }

  private void add(GraphVertex vertex) {
    if (vertex instanceof FrozenVertex of) {
      parts.add(vertex);
      parts.add(of.getUnderlying());
    } else if (vertex instanceof LayerVertex of) {
      if (of.getPreProcessor() != null) {
        add(of.getPreProcessor());
      }
      add(of.getLayerConf().getLayer());
    } else {
      parts.add(vertex);
      if (vertex instanceof PreprocessorVertex of) {
        add(of.getPreProcessor());
      }
    }
  }

  private void add(InputPreProcessor preprocessor) {
    parts.add(preprocessor);
    if (preprocessor instanceof ComposableInputPreProcessor of) {
      for (InputPreProcessor each : of.getInputPreProcessors()) {
        add(each);
      }
    }
  }

  private void add(Layer layer) {
    parts.add(layer);
    if (layer instanceof BaseLayer of && of.getActivationFn() != null) {
      parts.add(of.getActivationFn());
    } else if (layer instanceof ActivationLayer of) {
      parts.add(of.getActivationFn());
    } else if (layer instanceof BaseWrapperLayer of) {
      add(of.getUnderlying());
    } else if (layer instanceof FrozenLayer of) {
      add(of.getLayer());
    }
  }
}
