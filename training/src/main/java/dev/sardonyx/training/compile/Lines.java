package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;

/**
 * One spatial axis as an image of width 1. DL4J has layers for sequences, too, but its
 * convolution's gradient has another shape than its weights, and its pooling pads the missing axis.
 */
final class Lines {
  private Lines() {}

  /** A node's first input, [N,C,L], as [N,C,L,1]. */
  static String image(Node node, NetworkBuilder network, String near) {
    long channels = network.size(node, node.input(0), 1);
    long length = network.size(node, node.input(0), 2);
    return network.helperVertex(
        near, "image", AxisOrder.reshape(channels, length, 1), network.vertex(node, 0));
  }

  /** Gives the image of a value, [N,C,L,1], the value's shape. */
  static void line(Node node, NetworkBuilder network, String value, String image) {
    network.vertex(value, AxisOrder.reshape(network.example(node, value)), image);
  }
}
