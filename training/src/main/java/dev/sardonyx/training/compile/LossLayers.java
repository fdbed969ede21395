package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * The losses of a network in training. An output's loss is in the layer that computes the output
 * where DL4J has such a layer, and else in a layer of its own behind it.
 */
final class LossLayers {
  /** Operators whose results have their features at axis 1. */
  private static final Set<String> CHANNELS_FIRST =
      Set.of("Conv", "ConvTranspose", "BatchNormalization", "MaxPool", "AveragePool");

  private final RequestedGraph graph;
  private final Map<String, OutputLoss> losses;

  /** Outputs whose own layers have the loss. */
  private final Set<String> carriers = new HashSet<>();

  /**
   * @param losses what training minimises, by output; empty to compile for inference
   */
  LossLayers(RequestedGraph graph, Map<String, OutputLoss> losses) {
    this.graph = graph;
    this.losses = losses;
  }

  boolean isEmpty() {
    return losses.isEmpty();
  }

  /** Whether the layer that computes a value is to carry its loss. */
  boolean areCarriedBy(String value) {
    return carried(value) != null;
  }

  /** The loss that goes into the layer of a value: one that nobody reads, taken as it is. */
  private @Nullable OutputLoss carried(String value) {
    OutputLoss loss = losses.get(value);
    return loss != null && loss.takesOutputAsItIs() && !graph.isRead(value) ? loss : null;
  }

  /** The layer of an activation with the loss of what it gives; null if it carries none. */
  @Nullable Layer behind(IActivation function, String value) {
    OutputLoss loss = carried(value);
    if (loss == null) {
      return null;
    }
    carriers.add(value);
    return layer(value, loss.function(), function);
  }

  /** A fully connected layer with the loss of what it gives; null if it carries none. */
  OutputLayer.@Nullable Builder outputLayer(String value) {
    OutputLoss loss = carried(value);
    if (loss == null) {
      return null;
    }
    carriers.add(value);
    return new OutputLayer.Builder(loss.function());
  }

  /** DL4J has a layer of its own for the loss of each layout. */
  private Layer layer(String value, ILossFunction chosen, IActivation function) {
    Shape shape = graph.shape(value);
    if (!shape.isRanked() || shape.rank() == 2) {
      return new LossLayer.Builder(chosen).activation(function).build();
    }
    return switch (shape.rank()) {
      case 3 -> new RnnLossLayer.Builder(chosen).activation(function).build();
      case 4 -> new CnnLossLayer.Builder(chosen).activation(function).build();
      case 5 ->
          new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW)
              .lossFunction(chosen)
              .activation(function)
              .build();
      default ->
          throw new UnsupportedModelException(
              "DL4J has no loss of the output '%s' %s".formatted(value, shape));
    };
  }

  /**
   * The vertex with the loss of an output, put behind what cannot carry it.
   *
   * @throws NodeRefusal if DL4J cannot put the output's axes in order
   */
  HeldValue of(String value, NetworkBuilder network) {
    if (carriers.contains(value)) {
      return network.required(value);
    }
    Node sequence = producerOfSequence(value);
    HeldValue found =
        sequence == null ? network.output(value) : network.inOrder(sequence, value, 0, 2, 1);
    if (sequence == null && !found.isNatural()) {
      throw new UnsupportedModelException(
          "DL4J has no loss of the output '%s' %s, whose first axis is not that of the examples"
              .formatted(value, graph.shape(value)));
    }
    OutputLoss loss = Objects.requireNonNull(losses.get(value));
    Layer layer = layer(value, loss.function(), loss.activation());
    return new HeldValue(network.helperLayer(value, "loss", layer, found.vertex()), found.order());
  }

  /**
   * The node that gives a value [N,T,C], which DL4J has as [N,C,T]; null if it is none. What
   * convolutions and the like compute is [N,C,L] already.
   */
  private @Nullable Node producerOfSequence(String value) {
    Shape shape = graph.shape(value);
    Node producer = graph.producer(value).orElse(null);
    boolean isSequence =
        shape.isRanked()
            && shape.rank() == 3
            && producer != null
            && !CHANNELS_FIRST.contains(producer.opType())
            && !(producer.is("Softmax") && producer.intAttribute("axis", -1) == 1);
    return isSequence ? producer : null;
  }
}
