package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/**
 * Puts the axes of an array in another order, for which DL4J has no layer. A rotation of the axes
 * behind the batch swaps two axes, each of which may be several neighbours taken for one: DL4J's
 * preprocessors from a sequence to rows and back do that. Any other order is a convolution of 1x1
 * that permutes channels.
 */
final class AxisOrder {
  private static final long MOST_CHANNELS = 1024;

  private final NetworkBuilder network;
  private final Node node;
  private final String near;
  private final int[] axes;
  private final IntToLongFunction size;

  /**
   * @param near the value that the new vertices are named after
   * @param axes for each axis of the new array the axis of the old one
   * @param size the size of an axis of the old array; refuses if it is not known
   */
  AxisOrder(NetworkBuilder network, Node node, String near, int[] axes, IntToLongFunction size) {
    this.network = network;
    this.node = node;
    this.near = near;
    this.axes = axes;
    this.size = size;
  }

  /** Adds what is needed behind a vertex; returns the vertex that has the new order. */
  String behind(String vertex) {
    int rank = axes.length;
    if (IntStream.range(0, rank).allMatch(i -> axes[i] == i)) {
      return vertex;
    }
    if (axes[0] != 0) {
      throw new NodeRefusal(node, "DL4J keeps the axis of the examples first");
    }
    int turn = axes[1] - 1; // How many axes go from the front to the end.
    boolean turns =
        IntStream.range(1, rank).allMatch(i -> axes[i] == (i - 1 + turn) % (rank - 1) + 1);
    return turns ? turned(vertex, turn) : shuffled(vertex);
  }

  /** [N,A,B] becomes [N,B,A], where A and B may be several axes. */
  private String turned(String vertex, int turn) {
    int rank = axes.length;
    String pair =
        rank == 3 ? vertex : reshaped(vertex, product(1, turn + 1), product(turn + 1, rank));
    String swapped =
        network.helperVertex(
            near,
            "swapped",
            new PreprocessorVertex(
                new ComposableInputPreProcessor(
                    new RnnToFeedForwardPreProcessor(RNNFormat.NCW),
                    new FeedForwardToRnnPreProcessor(RNNFormat.NWC))),
            pair);
    return rank == 3 ? swapped : reshaped(swapped, newSizes());
  }

  /** A convolution of 1x1 with weights 0 and 1 over all axes that move, taken for channels. */
  private String shuffled(String vertex) {
    int rank = axes.length;
    int end = rank;
    while (axes[end - 1] == end - 1) {
      end--;
    }
    long channels = product(1, end);
    if (channels > MOST_CHANNELS) {
      throw new NodeRefusal(
          node,
          "DL4J does not put axes in the order %s, and %d channels are too many to be moved by a convolution"
              .formatted(Arrays.toString(axes), channels));
    }
    int moved = Math.toIntExact(channels);
    String image = reshaped(vertex, channels, product(end, rank), 1);
    String name = network.freeName(near, "shuffled");
    ConvolutionLayer layer =
        new ConvolutionLayer.Builder(1, 1)
            .nIn(channels)
            .nOut(channels)
            .hasBias(false)
            .activation(new ActivationIdentity())
            .convolutionMode(ConvolutionMode.Truncate)
            .build();
    float[] weights = new float[moved * moved];
    int[] source = sources(end);
    for (int i = 0; i < moved; i++) {
      weights[i * moved + source[i]] = 1;
    }
    network.fixedLayer(name, layer, "W", Tensor.ofFloats(weights, channels, channels, 1, 1), image);
    return reshaped(name, newSizes());
  }

  /** For each channel after the move the channel it comes from. */
  private int[] sources(int end) {
    int[] strides = new int[end];
    int stride = 1;
    for (int i = end - 1; i >= 1; i--) {
      strides[i] = stride;
      stride *= Math.toIntExact(size.applyAsLong(i));
    }
    int[] sources = {0};
    for (int i = 1; i < end; i++) {
      int[] outer = sources;
      int step = strides[axes[i]];
      int count = Math.toIntExact(size.applyAsLong(axes[i]));
      sources =
          IntStream.range(0, outer.length * count)
              .map(k -> outer[k / count] + k % count * step)
              .toArray();
    }
    return sources;
  }

  private long product(int from, int to) {
    return IntStream.range(from, to).mapToLong(size).reduce(1, Math::multiplyExact);
  }

  private long[] newSizes() {
    return IntStream.range(1, axes.length).mapToLong(i -> size.applyAsLong(axes[i])).toArray();
  }

  private String reshaped(String vertex, long... sizes) {
    return network.helperVertex(near, "reshaped", reshape(sizes), vertex);
  }

  /** A vertex that makes rows of so many columns. */
  static ReshapeVertex matrix(long columns) {
    return reshape(columns);
  }

  /** A vertex that gives each example other sizes. */
  static ReshapeVertex reshape(long... sizes) {
    int[] shape = new int[sizes.length + 1];
    shape[0] = -1;
    for (int i = 0; i < sizes.length; i++) {
      shape[i + 1] = Math.toIntExact(sizes[i]);
    }
    return new ReshapeVertex('c', shape, null);
  }
}
