package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;

/** Batch normalisation, local response normalisation, dropout. */
final class Normalization {
  private Normalization() {}

  static void batch(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    if (rank < 2) {
      throw new NodeRefusal(
          node,
          "its input '%s' is %s, without channels"
              .formatted(node.input(0), network.shape(node.input(0))));
    }
    for (int i = 1; i < node.outputs().size(); i++) {
      if (node.hasOutput(i) && network.isUsed(node.output(i).name())) {
        throw new NodeRefusal(node, "DL4J keeps the running statistics to itself");
      }
    }
    if (node.intAttribute("training_mode", 0) != 0 && !network.isTraining()) {
      throw new NodeRefusal(node, "it is in training mode");
    }
    if (node.intAttribute("spatial", 1) != 1) {
      throw new NodeRefusal(node, "DL4J has statistics for channels only (spatial = 0)");
    }
    Tensor scale = network.weights(node, 1);
    String value = node.output(0).name();
    BatchNormalization layer =
        new BatchNormalization.Builder()
            .nIn(scale.size())
            .nOut(scale.size())
            .eps(node.floatAttribute("epsilon", 1e-5f))
            .decay(node.floatAttribute("momentum", 0.9f))
            .useLogStd(false)
            .build();
    String name = value;
    if (rank == 2 || rank == 4) {
      network.layer(value, layer, network.vertex(node, 0));
    } else {
      name = asImages(node, network, layer);
    }
    network.bindVector(node, 1, name, "gamma");
    network.bindVector(node, 2, name, "beta");
    network.bindVector(node, 3, name, "mean");
    network.bindVector(node, 4, name, "var");
  }

  /** DL4J normalises vectors and images; all axes behind the channels become one of an image. */
  private static String asImages(Node node, NetworkBuilder network, BatchNormalization layer) {
    String value = node.output(0).name();
    long[] example = network.example(node, node.input(0));
    long places = LongStream.of(example).skip(1).reduce(1, Math::multiplyExact);
    String image =
        network.helperVertex(
            value, "image", AxisOrder.reshape(example[0], places, 1), network.vertex(node, 0));
    String name = network.helperLayer(value, "normalized", layer, image);
    network.vertex(value, AxisOrder.reshape(example), name);
    return name;
  }

  static void localResponse(Node node, NetworkBuilder network) {
    network.requireImages(node, node.input(0));
    long size = node.intAttribute("size", 0);
    if (size % 2 == 0) {
      throw new NodeRefusal(node, "DL4J's window over the channels is odd, not " + size);
    }
    // A window beyond all channels on both sides adds nothing, and DL4J fails on it.
    long channels = network.size(node, node.input(0), 1);
    long window = Math.min(size, 2 * channels - 1);
    LocalResponseNormalization layer =
        new LocalResponseNormalization.Builder(
                node.floatAttribute("bias", 1),
                window,
                node.floatAttribute("alpha", 1e-4f) / size,
                node.floatAttribute("beta", 0.75f))
            .helperAllowFallback(false)
            .build();
    network.layer(node.output(0).name(), layer, network.vertex(node, 0));
  }

  static void dropout(Node node, NetworkBuilder network) {
    if (node.hasOutput(1)) {
      throw new NodeRefusal(node, "DL4J does not give the mask of a dropout");
    }
    if (!network.isTraining()) {
      Tensor trainingMode = network.optionalConstant(node, 2);
      if (trainingMode != null && trainingMode.toLongs()[0] != 0) {
        throw new NodeRefusal(node, "it is in training mode");
      }
      network.alias(node.output(0).name(), node, 0);
      return;
    }
    Tensor given = network.optionalConstant(node, 1);
    double ratio = given != null ? given.toScalar() : node.floatAttribute("ratio", 0.5f);
    if (ratio == 0) {
      network.alias(node.output(0).name(), node, 0);
      return;
    }
    if (ratio < 0 || ratio >= 1) {
      throw new NodeRefusal(node, "its ratio " + ratio + " is not in 0..1");
    }
    // In training a DropoutLayer overwrites its input.
    String value = node.output(0).name();
    network.layer(value, new DropoutLayer(1 - ratio), network.overwritable(value, node, 0));
    network.sharesMemory(value, node, 0);
  }
}
