package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/** Conv in one to three dimensions: plain, depthwise and grouped. */
final class Convolutions {
  private Convolutions() {}

  static void conv(Node node, NetworkBuilder network) {
    int axes = network.spatialAxes(node, 0);
    Tensor weights = network.weights(node, 1);
    if (weights.rank() != 2 + axes) {
      throw new NodeRefusal(
          node,
          "its weights '%s' are %s for an input %s"
              .formatted(node.input(1), weights.shape(), network.shape(node.input(0))));
    }
    int[] kernel =
        IntStream.range(2, weights.rank()).map(i -> Math.toIntExact(weights.dim(i))).toArray();
    PaddedWindow windows = PaddedWindow.of(node, network, kernel);
    if (axes == 3 && IntStream.of(windows.dilations()).anyMatch(d -> d > 1)) {
      throw new NodeRefusal(node, "DL4J has no dilated convolution over three axes");
    }
    Activations.Fused fused = Activations.following(node, network);
    if (fused != null && network.losses().areCarriedBy(fused.value())) {
      fused = null; // It goes into the layer of the loss.
    }
    String value = fused == null ? node.output(0).name() : fused.value();
    IActivation function = fused == null ? new ActivationIdentity() : fused.function();
    if (fused != null) {
      network.markDone(fused.node());
    }

    Site site = new Site(node, network, windows.asImage(), function, weights.dims());
    if (axes > 1) {
      convolve(site, value, network.vertex(node, 0));
    } else {
      String image = network.freeName(value, "convolved");
      convolve(site, image, Lines.image(node, network, value));
      Lines.line(node, network, value, image);
    }
  }

  private static void convolve(Site site, String name, String input) {
    int groups = Math.toIntExact(site.node.intAttribute("group", 1));
    if (groups == 1) {
      plain(site, name, input, 0, (int) site.weights[0]);
    } else if (site.weights[1] == 1 && site.windows.axes() == 2) {
      depthwise(site, name, input, groups);
    } else {
      grouped(site, name, input, groups);
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

    /** DL4J pads both ends alike, so uneven pads become a layer of their own. */
    PaddedWindow layerWindows() {
      return windows.isSymmetric() ? windows : windows.withoutPads();
    }
  }

  private static String padded(Site site, String near, String input) {
    PaddedWindow w = site.windows;
    return w.isSymmetric()
        ? input
        : site.network.helperLayer(near, "pad", SpatialLayers.padding(w.begin(), w.end()), input);
  }

  /** A convolution to output channels {@code first} up to {@code first + count}. */
  private static void plain(Site site, String name, String unpadded, int first, int count) {
    String input = padded(site, name, unpadded);
    site.network.layer(
        name,
        SpatialLayers.convolution(
            site.layerWindows(), site.weights[1], count, site.hasBias(), site.function),
        input);
    long[] dims = site.weights.clone();
    dims[0] = count;
    int each = Math.toIntExact(LongStream.of(dims).skip(1).reduce(1, Math::multiplyExact));
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

  private static void depthwise(Site site, String value, String unpadded, int channels) {
    String input = padded(site, value, unpadded);
    PaddedWindow w = site.layerWindows();
    long outputs = site.weights[0];
    if (outputs % channels != 0) {
      throw new NodeRefusal(
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
    long[] dims = {channels, multiplier, w.kernel()[0], w.kernel()[1]};
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
      String share = Channels.cut(site.network, site.node, value, input, g * in, (g + 1) * in);
      parts[g] = site.network.freeName(value, "group" + g);
      plain(site, parts[g], share, g * out, out);
    }
    String like = site.node.output(0).name();
    Channels.join(site.network, site.node, value, like, List.of(parts), i -> out);
  }
}
