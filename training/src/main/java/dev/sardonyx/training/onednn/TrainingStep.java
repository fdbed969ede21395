package dev.sardonyx.training.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/**
 * A step of training of a network for one shape of input: from a batch and its labels to the loss
 * and the gradient, which lands where DL4J keeps it.
 */
final class TrainingStep implements AutoCloseable {
  private final Tape tape;
  private final List<memory> inputs;
  private final List<Head> heads;
  private final ForeignParts foreign;

  private TrainingStep(Tape tape, List<memory> inputs, List<Head> heads, ForeignParts foreign) {
    this.tape = tape;
    this.inputs = inputs;
    this.heads = heads;
    this.foreign = foreign;
  }

  /**
   * Records a step.
   *
   * @param shapes of the inputs
   * @throws NotTakenException if something in the network can be neither recorded nor left to DL4J
   *     within the step
   */
  static TrainingStep of(ComputationGraph network, List<long[]> shapes) {
    Tape tape = new Tape(OneDnn.get());
    try {
      Recorder recorder = new Recorder(network, tape, shapes);
      List<Head> heads = recorder.record();
      tape.turn();
      return new TrainingStep(tape, recorder.inputs, heads, recorder.foreign);
    } catch (RuntimeException e) {
      tape.close();
      throw e;
    }
  }

  /** What DL4J computes itself. */
  ForeignParts foreign() {
    return foreign;
  }

  /**
   * Computes the gradient.
   *
   * @param masks of the labels, null for an output without; or null for none at all
   * @return the outputs' losses, each the examples' mean, penalties on parameters left out
   */
  double run(INDArray[] features, INDArray[] labels, @Nullable INDArray @Nullable [] masks) {
    foreign.gradients().clear();
    try (MemoryWorkspace step = Foreign.memory()) {
      return play(features, labels, masks);
    }
  }

  private double play(
      INDArray[] features, INDArray[] labels, @Nullable INDArray @Nullable [] masks) {
    List<INDArray> ordered = new ArrayList<>(); // Alive until all is computed.
    for (int i = 0; i < features.length; i++) {
      ordered.add(inPlainOrder(features[i]));
      inputs.get(i).set_data_handle(Parameters.address(ordered.get(i)));
    }
    tape.playForward();
    double loss = 0;
    for (int i = 0; i < heads.size(); i++) {
      loss += heads.get(i).learn(labels[i], masks == null ? null : masks[i]);
    }
    tape.playBackward();
    return loss;
  }

  private static INDArray inPlainOrder(INDArray array) {
    return Shape.hasDefaultStridesForShape(array) && array.ordering() == 'c'
        ? array
        : array.dup('c');
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
    private final Map<String, RecordedValue> values = new HashMap<>();
    private final Map<String, List<String>> users = new HashMap<>();
    private final ForeignParts foreign = ForeignParts.none();
    private final List<memory> inputs = new ArrayList<>();

    Recorder(ComputationGraph network, Tape tape, List<long[]> shapes) {
      this.network = network;
      this.configuration = network.getConfiguration();
      this.tape = tape;
      this.parameters = new Parameters(network, tape);
      configuration
          .getVertexInputs()
          .forEach(
              (user, inputs) ->
                  inputs.forEach(i -> users.computeIfAbsent(i, k -> new ArrayList<>()).add(user)));
      for (int i = 0; i < shapes.size(); i++) {
        inputs.add(tape.allocate(Tape.plain(shapes.get(i))));
        values.put(
            configuration.getNetworkInputs().get(i),
            RecordedValue.of(shapes.get(i), inputs.get(i), false));
      }
    }

    /** The losses in the order of the network's outputs. */
    List<Head> record() {
      List<String> outputs = configuration.getNetworkOutputs();
      Map<String, Head> heads = new HashMap<>();
      for (int index : network.topologicalSortOrder()) {
        String name = network.getVertices()[index].getVertexName();
        if (outputs.contains(name)) {
          heads.put(name, head(name));
        } else if (!values.containsKey(name)) {
          values.put(name, value(name));
        }
      }
      return outputs.stream().map(heads::get).toList();
    }

    private Head head(String name) {
      if (users.containsKey(name) || !(vertex(name) instanceof LayerVertex end)) {
        throw new NotTakenException("'" + name + "': something follows the loss");
      }
      return Head.add(preprocessed(site(name), end), layer(end));
    }

    private RecordedValue value(String name) {
      return tape.attempt(
          () -> recorded(name),
          reason -> {
            GraphVertex vertex = vertex(name);
            Object kind = vertex instanceof LayerVertex withLayer ? layer(withLayer) : vertex;
            if (!Foreign.knows(kind)) {
              throw reason;
            }
            site(name).leave(kind.getClass().getSimpleName());
            return Foreign.vertex(site(name), network.getVertex(name));
          });
    }

    private RecordedValue recorded(String name) {
      GraphVertex vertex = vertex(name);
      if (!(vertex instanceof LayerVertex layerVertex)) {
        return Parts.vertex(site(name), vertex);
      }
      RecordingSite site = preprocessed(site(name), layerVertex);
      Layer layer = layer(layerVertex);
      if (layer instanceof BatchNormalization normalization) {
        String relu = reluBehind(name);
        RecordedValue value = OneDnnNormalization.batch(site, normalization, relu != null);
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
              && OneDnnActivations.isRelu(activation.getActivationFn())
          ? followers.get(0)
          : null;
    }

    private RecordingSite site(String name) {
      List<RecordedValue> inputs =
          Objects.requireNonNull(configuration.getVertexInputs().get(name)).stream()
              .map(values::get)
              .toList();
      return new RecordingSite(tape, parameters, name, inputs, foreign);
    }

    private static RecordingSite preprocessed(RecordingSite site, LayerVertex vertex) {
      return vertex.getPreProcessor() == null
          ? site
          : site.with(Parts.preprocessor(site, vertex.getPreProcessor()));
    }

    private GraphVertex vertex(String name) {
      return Objects.requireNonNull(configuration.getVertices().get(name));
    }

    private static Layer layer(LayerVertex vertex) {
      return vertex.getLayerConf().getLayer();
    }
  }
}
