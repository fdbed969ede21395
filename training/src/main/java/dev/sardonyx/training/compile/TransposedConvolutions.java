package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/**
 * ConvTranspose in one to three dimensions, with groups. DL4J's deconvolutions crop both ends
 * alike; whatever else ONNX says of the size becomes cropping and padding behind them. A single
 * spatial axis goes as an image of width 1.
 */
final class TransposedConvolutions {
  private final Node node;
  private final NetworkBuilder network;
  private final Tensor weights;
  private final int axes;
  private final PaddedWindow window;

  /**
   * How many of the elements that all windows cover the result lacks at the beginning and the end
   * of each axis.
   */
  private final int[] begin;

  private final int[] end;

  private TransposedConvolutions(Node node, NetworkBuilder network) {
    this.node = node;
    this.network = network;
    this.weights = network.weights(node, 1);
    this.axes = network.spatialAxes(node, 0);
    if (weights.rank() != 2 + axes) {
      throw new NodeRefusal(
          node,
          "its weights '%s' are %s for an input %s"
              .formatted(node.input(1), weights.shape(), network.shape(node.input(0))));
    }
    int[] kernel =
        IntStream.range(2, weights.rank()).map(i -> Math.toIntExact(weights.dim(i))).toArray();
    int[] dilations = PaddedWindow.each(node, "dilations", axes);
    if (network.isTraining() && IntStream.of(dilations).anyMatch(d -> d > 1)) {
      throw new NodeRefusal(node, "DL4J has no gradient of a dilated deconvolution");
    }
    int[] none = new int[axes];
    this.window =
        new PaddedWindow(kernel, PaddedWindow.each(node, "strides", axes), dilations, none, none);
    this.begin = new int[axes];
    this.end = new int[axes];
    findEnds();
  }

  static void lower(Node node, NetworkBuilder network) {
    new TransposedConvolutions(node, network).lower();
  }

  /** The pads; where a size is asked for, they follow from it as from auto_pad. */
  private void findEnds() {
    String autoPad = node.stringAttribute("auto_pad", "NOTSET");
    boolean isGiven = autoPad.equals("NOTSET") || autoPad.isEmpty();
    long[] shape = node.intsAttribute("output_shape").orElse(new long[0]);
    long[] more = node.intsAttribute("output_padding").orElse(new long[axes]);
    long[] pads = node.intsAttribute("pads").orElse(new long[2 * axes]);
    for (int i = 0; i < axes; i++) {
      if (shape.length == 0 && (isGiven || autoPad.equals("VALID"))) {
        begin[i] = isGiven ? Math.toIntExact(pads[i]) : 0;
        end[i] = Math.toIntExact((isGiven ? pads[i + axes] : 0) - more[i]);
        continue;
      }
      long in = network.size(node, node.input(0), 2 + i);
      long wanted = shape.length == 0 ? in * window.strides()[i] : shape[shape.length - axes + i];
      int total = Math.toIntExact(reach(i, in) + more[i] - wanted);
      int half = total / 2;
      begin[i] = autoPad.equals("SAME_UPPER") ? half : total - half;
      end[i] = Math.toIntExact(total - begin[i] - more[i]);
    }
  }

  private long reach(int axis, long in) {
    return (in - 1) * window.strides()[axis]
        + (window.kernel()[axis] - 1L) * window.dilations()[axis]
        + 1;
  }

  private void lower() {
    String value = node.output(0).name();
    String input = network.vertex(node, 0);
    int groups = Math.toIntExact(node.intAttribute("group", 1));
    boolean isPlain = Arrays.equals(begin, end) && IntStream.of(begin).allMatch(b -> b >= 0);
    boolean isWhole = isPlain && groups == 1 && axes > 1;
    int in = Math.toIntExact(weights.dim(0)) / groups;
    int out = Math.toIntExact(weights.dim(1));
    if (isWhole) {
      layer(value, input, 0, in, out, begin);
      return;
    }
    List<String> parts = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      String share =
          groups == 1 ? input : Channels.cut(network, node, value, input, g * in, (g + 1) * in);
      String image =
          axes > 1
              ? share
              : network.helperVertex(
                  value,
                  "image",
                  AxisOrder.reshape(in, network.size(node, node.input(0), 2), 1),
                  share);
      String part = network.freeName(value, "group" + g);
      layer(part, image, g, in, out, isPlain ? begin : new int[axes]);
      String flat = axes > 1 ? part : sequence(value, part, out, isPlain);
      parts.add(isPlain ? flat : fitted(value, flat));
    }
    if (groups == 1) {
      network.holds(value, HeldValue.natural(parts.get(0), 2 + axes));
    } else {
      Channels.join(network, node, value, value, parts, i -> out);
    }
  }

  private String sequence(String near, String image, int channels, boolean isCropped) {
    long all = reach(0, network.size(node, node.input(0), 2));
    long length = isCropped ? all - 2L * begin[0] : all;
    return network.helperVertex(near, "sequence", AxisOrder.reshape(channels, length), image);
  }

  /** Crops what is too much, and adds what is too little. */
  private String fitted(String near, String vertex) {
    String fitted = vertex;
    int[] cutBegin = IntStream.of(begin).map(b -> Math.max(0, b)).toArray();
    int[] cutEnd = IntStream.of(end).map(e -> Math.max(0, e)).toArray();
    int[] addBegin = IntStream.of(begin).map(b -> Math.max(0, -b)).toArray();
    int[] addEnd = IntStream.of(end).map(e -> Math.max(0, -e)).toArray();
    if (IntStream.of(cutBegin).sum() + IntStream.of(cutEnd).sum() > 0) {
      fitted =
          network.helperLayer(near, "cropped", SpatialLayers.cropping(cutBegin, cutEnd), fitted);
    }
    if (IntStream.of(addBegin).sum() + IntStream.of(addEnd).sum() > 0) {
      if (node.hasInput(2)) {
        throw new NodeRefusal(
            node, "DL4J adds no bias to the output_padding that its windows do not reach");
      }
      fitted = network.helperLayer(near, "padded", SpatialLayers.padding(addBegin, addEnd), fitted);
    }
    return fitted;
  }

  private void layer(String name, String input, int group, int in, int out, int[] crop) {
    ConvolutionLayer layer =
        axes == 3 ? deconvolution3d(in, out, crop) : deconvolution2d(in, out, crop);
    network.layer(name, layer, input);
    long[] dims = weights.dims();
    dims[0] = in;
    int each = Math.toIntExact(LongStream.of(dims).reduce(1, Math::multiplyExact));
    ParameterBinding w = ParameterBinding.plain(node.input(1), dims, name, "W").at(group * each);
    network.bind(node, axes == 3 ? w.permuted(2, 3, 4, 1, 0) : w);
    if (node.hasInput(2)) {
      network.weights(node, 2);
      network.bind(
          node, ParameterBinding.plain(node.input(2), new long[] {out}, name, "b").at(group * out));
    }
  }

  private ConvolutionLayer deconvolution2d(int in, int out, int[] crop) {
    return new Deconvolution2D.Builder(
            image(window.kernel(), 1), image(window.strides(), 1), image(crop, 0))
        .dilation(image(window.dilations(), 1))
        .convolutionMode(ConvolutionMode.Truncate)
        .nIn(in)
        .nOut(out)
        .hasBias(node.hasInput(2))
        .activation(new ActivationIdentity())
        .build();
  }

  /** A number for height and width, where there is only one axis. */
  private static int[] image(int[] numbers, int width) {
    return numbers.length == 1 ? new int[] {numbers[0], width} : numbers;
  }

  private ConvolutionLayer deconvolution3d(int in, int out, int[] crop) {
    return new Deconvolution3D.Builder()
        .kernelSize(window.kernel())
        .stride(window.strides())
        .padding(crop)
        .dilation(window.dilations())
        .convolutionMode(ConvolutionMode.Truncate)
        .dataFormat(Convolution3D.DataFormat.NCDHW)
        .nIn(in)
        .nOut(out)
        .hasBias(node.hasInput(2))
        .activation(new ActivationIdentity())
        .build();
  }
}
