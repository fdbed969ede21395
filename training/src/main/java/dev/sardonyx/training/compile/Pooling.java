package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.Set;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** MaxPool, AveragePool, their global forms, and means over whole images. */
final class Pooling {
  /** Operators that never give a negative number, after which a pad of 0 loses to every input. */
  private static final Set<String> NON_NEGATIVE = Set.of("Relu", "Sigmoid", "Softmax", "Softplus");

  private Pooling() {}

  static void max(Node node, NetworkBuilder network) {
    if (node.hasOutput(1)) {
      throw network.refuse(node, "DL4J does not give the indices of the maxima");
    }
    PaddedWindow windows = windows(node, network);
    String input = network.vertex(node, 0);
    String value = node.output(0).name();
    boolean neverNegative =
        network.producer(node.input(0)).filter(n -> NON_NEGATIVE.contains(n.opType())).isPresent();
    if (!windows.isSymmetric() && neverNegative) {
      input = padded(value, network, windows, input);
      windows = windows.withoutPads();
    }
    network.layer(value, layer(PoolingType.MAX, windows, node, network).build(), input);
  }

  static void average(Node node, NetworkBuilder network) {
    PaddedWindow windows = windows(node, network);
    String input = network.vertex(node, 0);
    String value = node.output(0).name();
    if (windows.isPadded() && node.intAttribute("count_include_pad", 0) == 1) {
      // The helper's gradient always leaves the pads out of the divisor, so they are made inputs.
      if (node.intAttribute("ceil_mode", 0) == 1) {
        throw network.refuse(node, "DL4J has no average pooling with ceil_mode and counted pads");
      }
      input = padded(value, network, windows, input);
      windows = windows.withoutPads();
    }
    network.layer(
        value,
        layer(PoolingType.AVG, windows, node, network).avgPoolIncludePadInDivisor(false).build(),
        input);
  }

  private static String padded(
      String value, NetworkBuilder network, PaddedWindow windows, String input) {
    return network.helperLayer(
        value, "pad", new ZeroPaddingLayer.Builder(windows.padding()).build(), input);
  }

  private static PaddedWindow windows(Node node, NetworkBuilder network) {
    network.requireImages(node, node.input(0));
    if (node.intsAttribute("kernel_shape").isEmpty()) {
      throw network.refuse(node, "it has no kernel_shape");
    }
    int[] kernel = PaddedWindow.pair(node, network, "kernel_shape", 1);
    PaddedWindow windows = PaddedWindow.of(node, network, kernel);
    if (windows.isDilated()) {
      throw network.refuse(node, "DL4J's pooling ignores dilations");
    }
    return node.intAttribute("ceil_mode", 0) == 1 ? ceiled(node, network, windows) : windows;
  }

  /** Pads at the end as far as the last window, which rounding up adds, reaches. */
  private static PaddedWindow ceiled(Node node, NetworkBuilder network, PaddedWindow w) {
    int[] end = w.end().clone();
    for (int i = 0; i < 2; i++) {
      long in = network.size(node, node.input(0), 2 + i);
      long padded = in + w.begin()[i] + w.end()[i];
      long steps = (padded - w.kernel()[i] + w.strides()[i] - 1) / w.strides()[i];
      if (steps * w.strides()[i] >= in + w.begin()[i]) {
        steps--; // A window that starts in the pad at the end does not count.
      }
      end[i] += (int) Math.max(0, steps * w.strides()[i] + w.kernel()[i] - padded);
    }
    return w.withEnd(end);
  }

  private static SubsamplingLayer.Builder layer(
      PoolingType type, PaddedWindow windows, Node node, NetworkBuilder network) {
    if (windows.isSymmetric()) {
      return new SubsamplingLayer.Builder(
              type, windows.kernel(), windows.strides(), windows.begin())
          .convolutionMode(ConvolutionMode.Truncate);
    }
    long height = network.size(node, node.input(0), 2);
    long width = network.size(node, node.input(0), 3);
    if (!windows.isSame(height, width)) {
      throw network.refuse(
          node,
          "DL4J pads both ends alike or as SAME_UPPER does, not by "
              + Arrays.toString(windows.padding()));
    }
    return new SubsamplingLayer.Builder(type, windows.kernel(), windows.strides(), new int[2])
        .convolutionMode(ConvolutionMode.Same);
  }

  static void globalMax(Node node, NetworkBuilder network) {
    global(node, network, PoolingType.MAX, true);
  }

  static void globalAverage(Node node, NetworkBuilder network) {
    global(node, network, PoolingType.AVG, true);
  }

  /** ReduceMean over the axes of the image, in either of ONNX's ways to name them. */
  static void reduceMean(Node node, NetworkBuilder network) {
    Tensor given = network.optionalConstant(node, 1);
    long[] axes = given != null ? given.toLongs() : node.intsAttribute("axes").orElse(new long[0]);
    int rank = network.rank(node, node.input(0));
    long[] sorted = Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray();
    if (rank != 4 || !Arrays.equals(sorted, new long[] {2, 3})) {
      throw network.refuse(
          node,
          "DL4J takes means over the axes 2 and 3 of images only, not over %s of %s"
              .formatted(Arrays.toString(axes), network.shape(node.input(0))));
    }
    global(node, network, PoolingType.AVG, node.intAttribute("keepdims", 1) == 1);
  }

  private static void global(Node node, NetworkBuilder network, PoolingType type, boolean keep) {
    network.requireImages(node, node.input(0));
    network.layer(
        node.output(0).name(),
        new GlobalPoolingLayer.Builder(type).collapseDimensions(!keep).build(),
        network.vertex(node, 0));
  }
}
