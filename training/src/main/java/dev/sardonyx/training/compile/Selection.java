package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/**
 * Slice, and Gather in its two uses: of an embedding's rows, and at constant indices of an axis.
 */
final class Selection {
  private Selection() {}

  static void gather(Node node, NetworkBuilder network) {
    if (network.isConstant(node, 0)) {
      embed(node, network);
    } else {
      pick(node, network);
    }
  }

  /** Vectors [V,E] for numbers [N] or [N,T]. */
  private static void embed(Node node, NetworkBuilder network) {
    Tensor table = network.weights(node, 0);
    int rank = network.rank(node, node.input(1));
    if (table.rank() != 2 || node.intAttribute("axis", 0) != 0 || rank > 2) {
      throw new NodeRefusal(
          node,
          "DL4J looks rows of a matrix up for [N] or [N,T], not axis %d of '%s' %s for %s"
              .formatted(
                  node.intAttribute("axis", 0),
                  node.input(0),
                  table.shape(),
                  network.shape(node.input(1))));
    }
    String value = node.output(0).name();
    String numbers = network.vertex(node, 1);
    if (rank == 1) {
      String column = network.helperVertex(value, "column", AxisOrder.reshape(1), numbers);
      network.layer(
          value,
          new EmbeddingLayer.Builder()
              .nIn(table.dim(0))
              .nOut(table.dim(1))
              .hasBias(false)
              .activation(new ActivationIdentity())
              .build(),
          column);
      bindTable(node, network, table, value);
    } else {
      String name =
          network.helperLayer(
              value,
              "vectors",
              new EmbeddingSequenceLayer.Builder()
                  .nIn(table.dim(0))
                  .nOut(table.dim(1))
                  .hasBias(false)
                  .inferInputLength(true)
                  .outputDataFormat(RNNFormat.NCW)
                  .activation(new ActivationIdentity())
                  .build(),
              numbers);
      network.holds(value, new HeldValue(name, new int[] {0, 2, 1}));
      bindTable(node, network, table, name);
    }
  }

  private static void bindTable(Node node, NetworkBuilder network, Tensor table, String layer) {
    network.bind(node, ParameterBinding.plain(node.input(0), table.dims(), layer, "W"));
  }

  /** One index of an axis, or several consecutive ones. */
  private static void pick(Node node, NetworkBuilder network) {
    Tensor places = network.constant(node, 1);
    int rank = network.rank(node, node.input(0));
    int axis = (int) node.intAttribute("axis", 0);
    axis = axis < 0 ? axis + rank : axis;
    long[] all = places.toLongs();
    HeldValue held = network.held(node, 0);
    String value = node.output(0).name();
    if (held.order()[axis] == HeldValue.ABSENT && places.rank() == 0) {
      network.view(value, held.without(axis), node, 0);
      return;
    }
    if (places.rank() == 0) {
      one(node, network, axis, all[0]);
      return;
    }
    requireNoExamples(node, axis);
    if (Arrays.stream(all).anyMatch(place -> place < 0)) {
      long size = network.size(node, node.input(0), axis);
      all = Arrays.stream(all).map(place -> place < 0 ? place + size : place).toArray();
    }
    long from = all.length == 0 ? 0 : all[0];
    long[] following = LongStream.range(from, from + all.length).toArray();
    if (places.rank() > 1 || all.length == 0 || !Arrays.equals(all, following)) {
      throw new NodeRefusal(
          node, "DL4J takes places that follow each other, not " + Arrays.toString(all));
    }
    network.holds(
        value,
        HeldValue.natural(
            cut(node, network, axis, Math.toIntExact(from), Math.toIntExact(from + all.length)),
            rank));
  }

  private static void requireNoExamples(Node node, int axis) {
    if (axis == 0) {
      throw new NodeRefusal(node, "DL4J keeps the axis of the examples");
    }
  }

  /** One index of an axis, which the result no longer has. */
  private static void one(Node node, NetworkBuilder network, int axis, long place) {
    String value = node.output(0).name();
    int rank = network.rank(node, node.input(0));
    HeldValue held = network.held(node, 0);
    boolean isLast = place == -1 || network.shape(node.input(0)).dim(axis).isFixed(place + 1);
    if (rank == 3 && isLast && held.order()[axis] != 0) {
      int[] order = sequenceOrder(held, axis);
      String last =
          network.helperVertex(
              value,
              "last",
              new LastTimeStepVertex(network.anyInput()),
              network.vertexInOrder(node, 0, order));
      network.holds(value, new HeldValue(last, order).without(axis));
      return;
    }
    requireNoExamples(node, axis);
    long size = network.size(node, node.input(0), axis);
    int from = Math.toIntExact(place < 0 ? place + size : place);
    String slice = cut(node, network, axis, from, from + 1);
    long[] sizes = network.example(node, node.input(0));
    long[] rest = new long[sizes.length - 1];
    for (int i = 0, j = 0; i < sizes.length; i++) {
      if (i != axis - 1) {
        rest[j++] = sizes[i];
      }
    }
    network.vertex(value, AxisOrder.reshape(rest), slice);
  }

  /** The examples first, the axis last. */
  private static int[] sequenceOrder(HeldValue held, int axis) {
    return IntStream.range(0, 3).map(i -> held.order()[i] == 0 ? 0 : i == axis ? 2 : 1).toArray();
  }

  static void slice(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long[] starts = numbers(node, network, 1, "starts", new long[0]);
    long[] ends = numbers(node, network, 2, "ends", new long[0]);
    long[] axes =
        numbers(
            node, network, 3, "axes", IntStream.range(0, starts.length).asLongStream().toArray());
    long[] steps =
        numbers(
            node, network, 4, "steps", LongStream.generate(() -> 1).limit(starts.length).toArray());
    if (Arrays.stream(steps).anyMatch(s -> s != 1)) {
      throw new NodeRefusal(
          node, "DL4J takes every element, not steps of " + Arrays.toString(steps));
    }
    int[] from = new int[rank];
    int[] to = new int[rank];
    boolean[] cuts = new boolean[rank];
    for (int i = 0; i < starts.length; i++) {
      int axis = (int) (axes[i] < 0 ? axes[i] + rank : axes[i]);
      if (axis == 0 && (starts[i] != 0 || ends[i] < Integer.MAX_VALUE)) {
        throw new NodeRefusal(node, "DL4J keeps all examples");
      }
      if (axis > 0) {
        long size = network.size(node, node.input(0), axis);
        from[axis] = clipped(starts[i], size);
        to[axis] = clipped(ends[i], size);
        cuts[axis] = from[axis] > 0 || to[axis] < size;
        if (to[axis] <= from[axis]) {
          throw new NodeRefusal(node, "it leaves nothing of axis " + axis);
        }
      }
    }
    String value = node.output(0).name();
    String vertex = network.vertex(node, 0);
    for (int axis = 1; axis < rank; axis++) {
      if (cuts[axis]) {
        vertex = cut(node, network, vertex, axis, from[axis], to[axis]);
      }
    }
    network.view(value, HeldValue.natural(vertex, rank), node, 0);
  }

  private static int clipped(long place, long size) {
    return Math.toIntExact(Math.max(0, Math.min(size, place < 0 ? place + size : place)));
  }

  private static long[] numbers(
      Node node, NetworkBuilder network, int input, String attribute, long[] otherwise) {
    Tensor given = network.optionalConstant(node, input);
    return given != null ? given.toLongs() : node.intsAttribute(attribute).orElse(otherwise);
  }

  private static String cut(Node node, NetworkBuilder network, int axis, int from, int to) {
    return cut(node, network, network.vertex(node, 0), axis, from, to);
  }

  /** Part of an axis behind the first, of a vertex that has the rank of the node's input. */
  private static String cut(
      Node node, NetworkBuilder network, String vertex, int axis, int from, int to) {
    String value = node.output(0).name();
    int rank = network.rank(node, node.input(0));
    if (axis == 1 && rank <= 4) {
      return network.helperVertex(value, "part", new SubsetVertex(from, to - 1), vertex);
    }
    if (axis == 1 || rank > 5) {
      throw new NodeRefusal(node, "DL4J does not cut axis %d of %d axes".formatted(axis, rank));
    }
    int[] begin = new int[rank - 2];
    int[] end = new int[rank - 2];
    begin[axis - 2] = from;
    end[axis - 2] = Math.toIntExact(network.size(node, node.input(0), axis)) - to;
    return network.helperLayer(value, "part", SpatialLayers.cropping(begin, end), vertex);
  }
}
