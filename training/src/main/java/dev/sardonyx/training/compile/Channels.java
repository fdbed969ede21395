package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;

/**
 * Cuts and joins along axis 1. DL4J's vertices for that take up to four axes; of a value with more,
 * the axes behind the channels are merged into one.
 */
final class Channels {
  private static final int MOST_AXES = 4;

  private Channels() {}

  /**
   * Some channels of a node's first input; returns the vertex that has them.
   *
   * @param near the value that the new vertices are named after
   * @param to behind the last one
   */
  static String cut(
      NetworkBuilder network, Node node, String near, String input, int from, int to) {
    GraphVertex subset = new SubsetVertex(from, to - 1);
    String role = "channels" + from;
    if (network.rank(node, node.input(0)) <= MOST_AXES) {
      return network.helperVertex(near, role, subset, input);
    }
    long[] sizes = network.example(node, node.input(0));
    String flat =
        network.helperVertex(near, "flat", AxisOrder.reshape(sizes[0], behind(sizes)), input);
    String share = network.helperVertex(near, role, subset, flat);
    long[] cut = sizes.clone();
    cut[0] = (long) to - from;
    return network.helperVertex(near, role, AxisOrder.reshape(cut), share);
  }

  /**
   * The channels of vertices one after the other.
   *
   * @param name of the vertex that has them
   * @param like a value with as many axes, and the same sizes behind the channels
   * @param counts how many channels each vertex has; asked for only if there are many axes
   */
  static void join(
      NetworkBuilder network,
      Node node,
      String name,
      String like,
      List<String> parts,
      IntToLongFunction counts) {
    String[] vertices = parts.toArray(String[]::new);
    if (network.rank(node, like) <= MOST_AXES) {
      network.vertex(name, new MergeVertex(), vertices);
      return;
    }
    long[] sizes = network.example(node, like);
    sizes[0] = 0;
    for (int i = 0; i < vertices.length; i++) {
      long count = counts.applyAsLong(i);
      sizes[0] += count;
      GraphVertex flat = AxisOrder.reshape(count, behind(sizes));
      vertices[i] = network.helperVertex(name, "flat" + i, flat, vertices[i]);
    }
    String joined = network.helperVertex(name, "joined", new MergeVertex(), vertices);
    network.vertex(name, AxisOrder.reshape(sizes), joined);
  }

  private static long behind(long[] sizes) {
    return LongStream.of(sizes).skip(1).reduce(1, Math::multiplyExact);
  }
}
