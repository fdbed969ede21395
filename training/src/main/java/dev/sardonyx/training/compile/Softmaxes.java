package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/**
 * Softmax of any rank, over any axis but the first. DL4J's is over the columns of a matrix, so all
 * other axes of a value become its rows.
 */
final class Softmaxes {
  /** Before this opset Softmax takes all axes from its own on for one. */
  private static final int ONE_AXIS = 13;

  private Softmaxes() {}

  /** Whether DL4J's own softmax means the same: over columns, or in the loss of images' pixels. */
  static boolean isDl4js(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    return axis(node, network) == 1
        && (rank == 2 || rank == 4 && network.losses().areCarriedBy(node.output(0).name()));
  }

  private static int axis(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long axis = node.intAttribute("axis", network.opset() < ONE_AXIS ? 1 : -1);
    return (int) (axis < 0 ? axis + rank : axis);
  }

  static void lower(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    int axis = axis(node, network);
    if (axis == 0) {
      throw new NodeRefusal(node, "it is over the axis of the examples");
    }
    if (network.opset() < ONE_AXIS && axis < rank - 1) {
      throw new NodeRefusal(
          node,
          "before opset %d it is over all axes from %d on; convert the model to opset %d"
              .formatted(ONE_AXIS, axis, ONE_AXIS));
    }
    int[] order = new int[rank];
    long[] sizes = network.example(node, node.input(0));
    long[] moved = new long[rank - 1];
    for (int i = 0; i < rank; i++) {
      order[i] = i == axis ? rank - 1 : i < axis ? i : i - 1;
      if (i > 0) {
        moved[order[i] - 1] = sizes[i - 1];
      }
    }
    String value = node.output(0).name();
    String last = network.vertexInOrder(node, 0, order);
    String rows = network.helperVertex(value, "rows", AxisOrder.matrix(moved[rank - 2]), last);
    ActivationLayer softmax =
        new ActivationLayer.Builder().activation(new ActivationSoftmax()).build();
    String copy = network.helperCopy(value, rows);
    String computed = network.helperLayer(value, "softmax", softmax, copy);
    String back = network.helperVertex(value, "back", AxisOrder.reshape(moved), computed);
    network.holds(value, new HeldValue(back, Arrays.copyOf(order, rank)));
  }
}
