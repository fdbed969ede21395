package dev.sardonyx.training.onednn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/**
 * A step of training of a network for one shape of input: from a batch and its labels to the loss
 * and the gradient, which lands where DL4J keeps it.
 */
final class Step implements AutoCloseable {
  private final Tape tape;
  private final memory input;
  private final Head head;
  private final Set<String> foreign;

  private Step(Tape tape, memory input, Head head, Set<String> foreign) {
    this.tape = tape;
    this.input = input;
    this.head = head;
    this.foreign = Collections.unmodifiableSet(foreign);
  }

  /**
   * Records a step.
   *
   * @param shape of the batch
   * @throws NotTakenException if something in the network is left to DL4J
   */
  static Step of(ComputationGraph network, long[] shape) {
    Tape tape = new Tape(OneDnn.get());
    try {
      Recorder recorder = new Recorder(network, tape, shape);
      Head head = recorder.record();
      tape.turn();
      return new Step(tape, recorder.input.memory(), head, recorder.foreign);
    } catch (RuntimeException e) {
      tape.close();
      throw e;
    }
  }

  /** The vertices that DL4J computes, each with its kind. */
  Set<String> foreign() {
    return foreign;
  }

  /**
   * Computes the gradient.
   *
   * @return the examples' mean loss, penalties on parameters left out
   */
  double run(INDArray features, INDArray labels, @Nullable INDArray mask) {
    INDArray ordered =
        Shape.hasDefaultStridesForShape(features) && features.ordering() == 'c'
            ? features
            : features.dup('c');
    input.set_data_handle(Parameters.address(ordered));
    tape.playForward();
    double loss = head.learn(labels, mask);
    tape.playBackward();
    return loss;
  }

  @Override
  public void close() {
    tape.close();
  }

  /** Goes through the vertices of a network in their order. */
  private static final class Recorder {
    private final ComputationGraph network;
    private final ComputationGraphConfiguration configuration;
    private final Tape tape;
    private final Parameters parameters;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, List<String>> users = new HashMap<>();
    private final Set<String> foreign = new LinkedHashSet<>();
    private final Value input;

    Recorder(ComputationGraph network, Tape tape, long[] shape) {
      this.network = network;
      this.configuration = network.getConfiguration();
      this.tape = tape;
      this.parameters = new Parameters(network, tape);
      if (configuration.getNetworkInputs().size() != 1
          || configuration.getNetworkOutputs().size() != 1) {
        throw new NotTakenException("the network has several inputs or outputs");
      }
      configuration
          .getVertexInputs()
          .forEach(
              (user, inputs) ->
                  inputs.forEach(i -> users.computeIfAbsent(i, k -> new ArrayList<>()).add(user)));
      input = Value.of(shape, tape.allocate(Tape.plain(shape)), false);
      values.put(configuration.getNetworkInputs().get(0), input);
    }

    Head record() {
      String end = configuration.getNetworkOutputs().get(0);
      for (int index : network.topologicalSortOrder()) {
        String name = network.getVertices()[index].getVertexName();
        if (name.equals(end)) {
          return head(end);
        }
        if (!values.containsKey(name)) {
          values.put(name, value(name));
        }
      }
      throw new NotTakenException("the network has no output");
    }

    private Head head(String name) {
      if (users.containsKey(name) || !(vertex(name) instanceof LayerVertex end)) {
        throw new NotTakenException("'" + name + "': something follows the loss");
      }
      return Head.add(preprocessed(site(name), end), layer(end), network.getVertex(name));
    }

    private Value value(String name) {
      return tape.attempt(
          () -> recorded(name),
          reason -> {
            site(name).leave(kind(vertex(name)));
            return Foreign.vertex(site(name), network.getVertex(name));
          });
    }

    private static String kind(GraphVertex vertex) {
      Object kind = vertex instanceof LayerVertex withLayer ? layer(withLayer) : vertex;
      return kind.getClass().getSimpleName();
    }

    private Value recorded(String name) {
      GraphVertex vertex = vertex(name);
      if (!(vertex instanceof LayerVertex layerVertex)) {
        return Parts.vertex(site(name), vertex);
      }
      Site site = preprocessed(site(name), layerVertex);
      Layer layer = layer(layerVertex);
      if (layer instanceof BatchNormalization normalization) {
        String relu = reluBehind(name);
        Value value = Normalization.batch(site, normalization, relu != null);
        if (relu != null) {
          values.put(relu, value);
        }
        return value;
      }
      return Parts.layer(site, layer);
    }

    /** The ReLU that is all that uses a vertex; null if there is none. */
    private @Nullable String reluBehind(String name) {
      List<String> followers = users.getOrDefault(name, List.of());
      return followers.size() == 1
              && vertex(followers.get(0)) instanceof LayerVertex next
              && next.getPreProcessor() == null
              && layer(next) instanceof ActivationLayer activation
              && activation.getIDropout() == null
              && Activations.isRelu(activation.getActivationFn())
          ? followers.get(0)
          : null;
    }

    private Site site(String name) {
      List<Value> inputs =
          configuration.getVertexInputs().get(name).stream().map(values::get).toList();
      return new Site(tape, parameters, name, inputs, foreign);
    }

    private static Site preprocessed(Site site, LayerVertex vertex) {
      return vertex.getPreProcessor() == null
          ? site
          : site.with(Parts.preprocessor(site, vertex.getPreProcessor()));
    }

    private GraphVertex vertex(String name) {
      return configuration.getVertices().get(name);
    }

    private static Layer layer(LayerVertex vertex) {
      return vertex.getLayerConf().getLayer();
    }
  }
}
