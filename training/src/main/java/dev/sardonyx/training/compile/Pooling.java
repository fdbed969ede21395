package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;

/** MaxPool, AveragePool, their global forms, and reductions of all but batch and channels. */
final class Pooling {
  /** Operators that never give a negative number, after which a pad of 0 loses to every input. */
  private static final Set<String> NON_NEGATIVE = Set.of("Relu", "Sigmoid", "Softmax", "Softplus");

  private Pooling() {}

  static void max(Node node, NetworkBuilder network) {
    if (node.hasOutput(1)) {
      throw new NodeRefusal(node, "DL4J does not give the indices of the maxima");
    }
    PaddedWindow windows = windows(node, network);
    boolean neverNegative =
        network.producer(node.input(0)).filter(n -> NON_NEGATIVE.contains(n.opType())).isPresent();
    pool(node, network, PoolingType.MAX, windows, !windows.isSymmetric() && neverNegative);
  }

  static void average(Node node, NetworkBuilder network) {
    PaddedWindow windows = windows(node, network);
    // The helper's gradient always leaves the pads out of the divisor, so they are made inputs.
    boolean isCounted = windows.isPadded() && node.intAttribute("count_include_pad", 0) == 1;
    if (isCounted && node.intAttribute("ceil_mode", 0) == 1) {
      throw new NodeRefusal(node, "DL4J has no average pooling with ceil_mode and counted pads");
    }
    pool(node, network, PoolingType.AVG, windows, isCounted);
  }

  /**
   * Adds the layer.
   *
   * @param zeros whether the pads become zeros in the input
   */
  private static void pool(
      Node node, NetworkBuilder network, PoolingType type, PaddedWindow windows, boolean zeros) {
    String value = node.output(0).name();
    boolean isLine = windows.axes() == 1;
    String input = isLine ? Lines.image(node, network, value) : network.vertex(node, 0);
    PaddedWindow w = windows.asImage();
    if (zeros) {
      input = network.helperLayer(value, "pad", SpatialLayers.padding(w.begin(), w.end()), input);
      w = w.withoutPads();
    }
    Layer layer = layer(type, w, node, network);
    if (isLine) {
      Lines.line(node, network, value, network.helperLayer(value, "pooled", layer, input));
    } else {
      network.layer(value, layer, input);
    }
  }

  private static PaddedWindow windows(Node node, NetworkBuilder network) {
    int axes = network.spatialAxes(node, 0);
    if (node.intsAttribute("kernel_shape").isEmpty()) {
      throw new NodeRefusal(node, "it has no kernel_shape");
    }
    int[] kernel = PaddedWindow.each(node, "kernel_shape", axes);
    PaddedWindow windows = PaddedWindow.of(node, network, kernel);
    if (windows.isDilated()) {
      throw new NodeRefusal(node, "DL4J's pooling ignores dilations");
    }
    return node.intAttribute("ceil_mode", 0) == 1 ? ceiled(node, network, windows) : windows;
  }

  /** Pads at the end as far as the last window, which rounding up adds, reaches. */
  private static PaddedWindow ceiled(Node node, NetworkBuilder network, PaddedWindow w) {
    int[] end = w.end().clone();
    for (int i = 0; i < w.axes(); i++) {
      long in = network.size(node, node.input(0), 2 + i);
      long padded = in + w.begin()[i] + w.end()[i];
      long steps = (padded - w.kernel()[i] + w.strides()[i] - 1) / w.strides()[i];
      if (steps * w.strides()[i] >= in + w.begin()[i]) {
        steps--; // A window that starts in the pad at the end does not count.
      }
      end[i] += (int) Math.max(0, steps * w.strides()[i] + w.kernel()[i] - padded);
    }
    return w.withPads(w.begin(), end);
  }

  private static Layer layer(
      PoolingType type, PaddedWindow windows, Node node, NetworkBuilder network) {
    if (windows.isSymmetric()) {
      return SpatialLayers.pooling(type, windows, ConvolutionMode.Truncate);
    }
    // Without the channels; an image that was a line has a width of 1.
    long[] sizes = Arrays.copyOf(network.example(node, node.input(0)), 1 + windows.axes());
    sizes[windows.axes()] = Math.max(1, sizes[windows.axes()]);
    if (!windows.isSame(Arrays.copyOfRange(sizes, 1, sizes.length))) {
      throw new NodeRefusal(
          node,
          "DL4J pads both ends alike or as SAME_UPPER does, not by %s and %s"
              .formatted(Arrays.toString(windows.begin()), Arrays.toString(windows.end())));
    }
    return SpatialLayers.pooling(type, windows, ConvolutionMode.Same);
  }

  static void globalMax(Node node, NetworkBuilder network) {
    global(node, network, PoolingType.MAX, true);
  }

  static void globalAverage(Node node, NetworkBuilder network) {
    global(node, network, PoolingType.AVG, true);
  }

  static void reduceMean(Node node, NetworkBuilder network) {
    reduce(node, network, PoolingType.AVG);
  }

  static void reduceMax(Node node, NetworkBuilder network) {
    reduce(node, network, PoolingType.MAX);
  }

  static void reduceSum(Node node, NetworkBuilder network) {
    reduce(node, network, PoolingType.SUM);
  }

  /**
   * Over all axes but batch and channels, or over the second of three; the opset decides whether
   * the axes are an input or an attribute.
   */
  private static void reduce(Node node, NetworkBuilder network, PoolingType type) {
    Tensor given = network.optionalConstant(node, 1);
    long[] axes = given != null ? given.toLongs() : node.intsAttribute("axes").orElse(new long[0]);
    int rank = network.rank(node, node.input(0));
    int[] sorted =
        Arrays.stream(axes).mapToInt(a -> (int) (a < 0 ? a + rank : a)).sorted().toArray();
    boolean keep = node.intAttribute("keepdims", 1) == 1;
    if (rank == 3 && Arrays.equals(sorted, new int[] {1})) {
      // The axis in the middle, such as the time of [N,T,features], is last in DL4J's sequences.
      overTime(node, network, type, keep);
      return;
    }
    if (rank < 3 || rank > 5 || !Arrays.equals(sorted, IntStream.range(2, rank).toArray())) {
      throw new NodeRefusal(
          node,
          "DL4J reduces over all axes behind the channels, not over %s of %s"
              .formatted(Arrays.toString(axes), network.shape(node.input(0))));
    }
    global(node, network, type, keep);
  }

  private static void overTime(Node node, NetworkBuilder network, PoolingType type, boolean keep) {
    String value = node.output(0).name();
    Layer layer = new GlobalPoolingLayer.Builder(type).collapseDimensions(true).build();
    String steps = network.vertexInOrder(node, 0, 0, 2, 1);
    if (keep) {
      String vertex = network.helperLayer(value, "pooled", layer, steps);
      network.holds(value, new HeldValue(vertex, new int[] {0, HeldValue.ABSENT, 1}));
    } else {
      network.layer(value, layer, steps);
    }
  }

  private static void global(Node node, NetworkBuilder network, PoolingType type, boolean keep) {
    network.spatialAxes(node, 0);
    network.layer(
        node.output(0).name(),
        new GlobalPoolingLayer.Builder(type).collapseDimensions(!keep).build(),
        network.vertex(node, 0));
  }
}
