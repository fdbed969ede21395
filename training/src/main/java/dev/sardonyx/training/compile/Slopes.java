package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/**
 * PRelu, whose slopes for negative inputs learn. DL4J's layer has no gradient of slopes that many
 * elements share; there it is relu(x) - slope relu(-x), where a convolution of 1x1 has the slopes.
 */
final class Slopes {
  private Slopes() {}

  static void prelu(Node node, NetworkBuilder network) {
    Tensor slope = network.weights(node, 1);
    long[] example = network.example(node, node.input(0));
    long[] sizes = new long[example.length];
    for (int i = 0; i < sizes.length; i++) {
      int axis = i + 1 - (example.length + 1 - slope.rank());
      sizes[i] = axis < 0 ? 1 : slope.dim(axis);
    }
    long size = LongStream.of(sizes).reduce(1, Math::multiplyExact);
    boolean isWhole = size == LongStream.of(example).reduce(1, Math::multiplyExact);
    boolean isOfChannels = size == 1 || (size == sizes[0] && size == example[0]);
    if (size != slope.size() || !(isWhole || isOfChannels)) {
      throw new NodeRefusal(
          node,
          "DL4J has one slope, one for each channel or one for each element, and '%s' is %s for %s"
              .formatted(node.input(1), slope.shape(), network.shape(node.input(0))));
    }
    if (isWhole) {
      String value = node.output(0).name();
      PReLULayer layer = new PReLULayer.Builder().inputShape(example).build();
      network.layer(value, layer, network.overwritable(value, node, 0));
      network.bind(node, ParameterBinding.plain(node.input(1), sizes, value, "W"));
    } else {
      shared(node, network, example, size);
    }
  }

  private static void shared(Node node, NetworkBuilder network, long[] example, long channels) {
    String value = node.output(0).name();
    String x = network.vertex(node, 0);
    String positive = network.helperLayer(value, "positive", relu(), network.helperCopy(value, x));
    String opposite = network.helperVertex(value, "opposite", new ScaleVertex(-1), x);
    String negative = network.helperLayer(value, "negative", relu(), opposite);
    long places = LongStream.of(example).reduce(1, Math::multiplyExact) / channels;
    String image =
        network.helperVertex(value, "image", AxisOrder.reshape(channels, places, 1), negative);
    DepthwiseConvolution2D slopes =
        new DepthwiseConvolution2D.Builder(1, 1)
            .depthMultiplier(1)
            .convolutionMode(ConvolutionMode.Truncate)
            .nIn(channels)
            .nOut(channels)
            .hasBias(false)
            .activation(new ActivationIdentity())
            .build();
    String name = network.helperLayer(value, "slopes", slopes, image);
    network.bind(
        node, ParameterBinding.plain(node.input(1), new long[] {channels}, name, "W").scaled(-1));
    String scaled = network.helperVertex(value, "scaled", AxisOrder.reshape(example), name);
    network.vertex(value, new ElementWiseVertex(ElementWiseVertex.Op.Add), positive, scaled);
  }

  private static ActivationLayer relu() {
    return new ActivationLayer.Builder().activation(new ActivationReLU()).build();
  }
}
