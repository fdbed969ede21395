package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/** Conv in two dimensions: plain, depthwise and grouped. */
final class Convolutions {
  private Convolutions() {}

  static void conv(Node node, NetworkBuilder network) {
    network.requireImages(node, node.input(0));
    Tensor weights = network.weights(node, 1);
    if (weights.rank() != 4) {
      throw network.refuse(
          node,
          "its weights '%s' are %s, not [M,C,kH,kW]".formatted(node.input(1), weights.shape()));
    }
    int[] kernel = {(int) weights.dim(2), (int) weights.dim(3)};
    PaddedWindow windows = PaddedWindow.of(node, network, kernel);
    Activations.Fused fused = Activations.following(node, network);
    if (fused != null && network.carriesLoss(fused.value())) {
      fused = null; // It goes into the layer of the loss.
    }
    String value = fused == null ? node.output(0).name() : fused.value();
    IActivation function = fused == null ? new ActivationIdentity() : fused.function();
    if (fused != null) {
      network.markDone(fused.node());
    }

    String input = network.vertex(node, 0);
    if (!windows.isSymmetric()) {
      // DL4J pads both ends alike, so uneven pads become a layer of their own.
      input =
          network.helperLayer(
              value, "pad", new ZeroPaddingLayer.Builder(windows.padding()).build(), input);
      windows = windows.withoutPads();
    }
    Site site = new Site(node, network, windows, function, weights.dims());
    int groups = Math.toIntExact(node.intAttribute("group", 1));
    if (groups == 1) {
      plain(site, value, input, 0, (int) weights.dim(0));
    } else if (weights.dim(1) == 1) {
      depthwise(site, value, input, groups);
    } else {
      grouped(site, value, input, groups);
    }
  }

  /** What the three kinds of convolution have in common. */
  private record Site(
      Node node,
      NetworkBuilder network,
      PaddedWindow windows,
      IActivation function,
      long[] weights) {
    boolean hasBias() {
      return node.hasInput(2);
    }
  }

  /** A convolution to output channels {@code first} up to {@code first + count}. */
  private static void plain(Site site, String name, String input, int first, int count) {
    PaddedWindow w = site.windows;
    ConvolutionLayer layer =
        new ConvolutionLayer.Builder(w.kernel(), w.strides(), w.begin())
            .dilation(w.dilations())
            .convolutionMode(ConvolutionMode.Truncate)
            .nIn(site.weights[1])
            .nOut(count)
            .hasBias(site.hasBias())
            .activation(site.function)
            .build();
    site.network.layer(name, layer, input);
    long[] dims = site.weights.clone();
    dims[0] = count;
    int each = Math.toIntExact(dims[1] * dims[2] * dims[3]);
    site.network.bind(
        site.node, ParameterBinding.plain(site.node.input(1), dims, name, "W").at(first * each));
    bindBias(site, name, first, count);
  }

  private static void bindBias(Site site, String name, int first, int count) {
    if (site.hasBias()) {
      site.network.weights(site.node, 2);
      site.network.bind(
          site.node,
          ParameterBinding.plain(site.node.input(2), new long[] {count}, name, "b").at(first));
    }
  }

  private static void depthwise(Site site, String value, String input, int channels) {
    PaddedWindow w = site.windows;
    long outputs = site.weights[0];
    if (outputs % channels != 0) {
      throw site.network.refuse(
          site.node, outputs + " outputs cannot be shared out among " + channels + " groups");
    }
    long multiplier = outputs / channels;
    DepthwiseConvolution2D layer =
        new DepthwiseConvolution2D.Builder(w.kernel(), w.strides(), w.begin())
            .depthMultiplier((int) multiplier)
            .dilation(w.dilations())
            .convolutionMode(ConvolutionMode.Truncate)
            .nIn(channels)
            .nOut(outputs)
            .hasBias(site.hasBias())
            .activation(site.function)
            .build();
    site.network.layer(value, layer, input);
    // ONNX [C*m,1,kH,kW], DL4J [kH,kW,C,m].
    long[] dims = {channels, multiplier, site.weights[2], site.weights[3]};
    site.network.bind(
        site.node,
        ParameterBinding.plain(site.node.input(1), dims, value, "W").permuted(2, 3, 0, 1));
    bindBias(site, value, 0, (int) outputs);
  }

  /** DL4J has no groups: each becomes a convolution over its share of the channels. */
  private static void grouped(Site site, String value, String input, int groups) {
    int in = (int) site.weights[1];
    int out = (int) (site.weights[0] / groups);
    String[] parts = new String[groups];
    for (int g = 0; g < groups; g++) {
      String share =
          site.network.helperVertex(
              value, "channels" + g, new SubsetVertex(g * in, (g + 1) * in - 1), input);
      parts[g] = site.network.freeName(value, "group" + g);
      plain(site, parts[g], share, g * out, out);
    }
    site.network.vertex(value, new MergeVertex(), parts);
  }
}
