package dev.sardonyx.training.compile;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;

/**
 * RNN and LSTM. DL4J's sequences are [N,features,T], whatever the order ONNX has them in; a single
 * direction has no axis of its own there.
 */
final class RecurrentOperators {
  private static final int W = 1;
  private static final int R = 2;
  private static final int B = 3;
  private static final int INITIAL_CELL = 6;
  private static final int PEEPHOLES = 7;

  /** Which of DL4J's blocks of columns each of ONNX's gates i, o, f, c is. */
  private static final int[] LSTM_BLOCKS = {3, 2, 1, 0};

  private static final int[] ONE_BLOCK = {0};

  private RecurrentOperators() {}

  static void rnn(Node node, NetworkBuilder network) {
    Cell cell = Cell.of(node, network, ONE_BLOCK, List.of("Tanh"));
    lower(
        cell,
        new SimpleRnn.Builder()
            .nIn(cell.inputs)
            .nOut(cell.hidden)
            .activation(Activations.named(cell.activations.get(0), node))
            .build());
  }

  static void lstm(Node node, NetworkBuilder network) {
    Cell cell = Cell.of(node, network, LSTM_BLOCKS, List.of("Sigmoid", "Tanh", "Tanh"));
    if (node.intAttribute("input_forget", 0) != 0) {
      throw new NodeRefusal(node, "DL4J does not couple the input and forget gates (input_forget)");
    }
    if (node.hasInput(PEEPHOLES)) {
      throw new NodeRefusal(node, "DL4J's LSTM has no peepholes");
    }
    if (node.hasInput(INITIAL_CELL)) {
      throw new NodeRefusal(node, "DL4J begins with a state of zeros, not with 'initial_c'");
    }
    if (node.hasOutput(2) && network.isUsed(node.output(2).name())) {
      throw new NodeRefusal(node, "DL4J does not give the last cell state");
    }
    if (!cell.activations.get(1).equals(cell.activations.get(2))) {
      throw new NodeRefusal(
          node, "DL4J has one function for candidate and output, not " + cell.activations);
    }
    lower(
        cell,
        new LSTM.Builder()
            .nIn(cell.inputs)
            .nOut(cell.hidden)
            .gateActivationFunction(Activations.named(cell.activations.get(0), node))
            .activation(Activations.named(cell.activations.get(1), node))
            .build());
  }

  /**
   * What the two operators have in common.
   *
   * @param blocks DL4J's block of columns for each of ONNX's gates
   * @param activations by ONNX's names
   */
  private record Cell(
      Node node,
      NetworkBuilder network,
      int[] blocks,
      int directions,
      int inputs,
      int hidden,
      List<String> activations) {
    static Cell of(Node node, NetworkBuilder network, int[] blocks, List<String> functions) {
      requirePlain(node, network);
      Tensor weights = network.weights(node, W);
      String direction = node.stringAttribute("direction", "forward");
      if (direction.equals("reverse")) {
        throw new NodeRefusal(node, "DL4J has no layer that goes backwards only");
      }
      int directions = direction.equals("bidirectional") ? 2 : 1;
      List<String> all =
          node.attribute("activations", AttributeValue.Strings.class)
              .map(AttributeValue.Strings::values)
              .filter(names -> !names.isEmpty())
              .orElse(functions);
      List<String> first = all.subList(0, Math.min(functions.size(), all.size()));
      if (all.size() > first.size()
          && !first.equals(all.subList(functions.size(), 2 * functions.size()))) {
        throw new NodeRefusal(node, "DL4J has the same functions in both directions, not " + all);
      }
      return new Cell(
          node,
          network,
          blocks,
          directions,
          Math.toIntExact(weights.dim(2)),
          Math.toIntExact(weights.dim(1)) / blocks.length,
          first);
    }

    private static void requirePlain(Node node, NetworkBuilder network) {
      if (node.hasInput(4)) {
        throw new NodeRefusal(
            node, "DL4J takes the lengths of sequences as masks, not as an input");
      }
      if (node.hasInput(5)) {
        throw new NodeRefusal(
            node, "DL4J begins with a state of zeros, not with '" + node.input(5) + "'");
      }
      if (!node.hasInput(B) && network.isTraining()) {
        throw new NodeRefusal(node, "DL4J's layer learns a bias, and it has none to write it to");
      }
      if (node.floatAttribute("clip", 0) != 0) {
        throw new NodeRefusal(node, "DL4J does not clip what goes into its activations");
      }
    }

    boolean isBatchFirst() {
      return node.intAttribute("layout", 0) == 1;
    }
  }

  private static void lower(Cell cell, Layer layer) {
    NetworkBuilder network = cell.network;
    Node node = cell.node;
    String steps =
        cell.isBatchFirst()
            ? network.vertexInOrder(node, 0, 0, 2, 1)
            : network.vertexInOrder(node, 0, 2, 0, 1);
    String near = node.hasOutput(0) ? node.output(0).name() : node.output(1).name();
    boolean both = cell.directions == 2;
    String name =
        network.helperLayer(
            near,
            "steps",
            both ? new Bidirectional(Bidirectional.Mode.CONCAT, layer) : layer,
            steps);
    for (int d = 0; d < cell.directions; d++) {
      bind(cell, name, both ? List.of("f", "b").get(d) : "", d);
    }
    if (both) {
      joined(cell, name);
      return;
    }
    if (node.hasOutput(0)) {
      int[] order =
          cell.isBatchFirst()
              ? new int[] {0, 2, HeldValue.ABSENT, 1}
              : new int[] {2, HeldValue.ABSENT, 0, 1};
      network.holds(node.output(0).name(), new HeldValue(name, order));
    }
    if (node.hasOutput(1) && network.isUsed(node.output(1).name())) {
      String value = node.output(1).name();
      String last =
          network.helperVertex(value, "last", new LastTimeStepVertex(network.anyInput()), name);
      int[] order =
          cell.isBatchFirst()
              ? new int[] {0, HeldValue.ABSENT, 1}
              : new int[] {HeldValue.ABSENT, 0, 1};
      network.holds(value, new HeldValue(last, order));
    }
  }

  /** DL4J puts both directions one behind the other, as a Transpose and a Reshape do in ONNX. */
  private static void joined(Cell cell, String name) {
    NetworkBuilder network = cell.network;
    Node node = cell.node;
    Optional<Node> sole =
        node.hasOutput(1) && network.isUsed(node.output(1).name())
            ? Optional.empty()
            : network.soleConsumer(node.output(0).name());
    Optional<Node> transpose =
        sole.filter(n -> n.is("Transpose"))
            .filter(
                n ->
                    Arrays.equals(
                        n.intsAttribute("perm").orElse(new long[0]),
                        cell.isBatchFirst() ? new long[] {0, 1, 2, 3} : new long[] {0, 2, 1, 3}));
    Optional<Node> reshape =
        (cell.isBatchFirst() ? sole : transpose.flatMap(network::fusible))
            .filter(n -> n.is("Reshape"))
            .filter(n -> network.shape(n.output(0).name()).isRanked())
            .filter(n -> network.shape(n.output(0).name()).rank() == 3)
            .filter(n -> network.shape(n.output(0).name()).dim(2).isFixed(2L * cell.hidden));
    if (reshape.isEmpty()) {
      throw new NodeRefusal(
          node, "DL4J gives both directions joined in one axis, where this model uses them apart");
    }
    transpose.ifPresent(network::markDone);
    network.markDone(reshape.get());
    int[] order = cell.isBatchFirst() ? new int[] {0, 2, 1} : new int[] {2, 0, 1};
    network.holds(reshape.get().output(0).name(), new HeldValue(name, order));
  }

  /** The weights of one direction, gate by gate: rows of ONNX's are columns of DL4J's. */
  private static void bind(Cell cell, String layer, String prefix, int direction) {
    int gates = cell.blocks.length;
    int hidden = cell.hidden;
    for (int g = 0; g < gates; g++) {
      int row = (direction * gates + g) * hidden;
      int column = cell.blocks[g] * hidden;
      bindMatrix(cell, W, layer, prefix + "W", row, column, cell.inputs);
      bindMatrix(cell, R, layer, prefix + "RW", row, column, hidden);
      if (cell.node.hasInput(B)) {
        cell.network.weights(cell.node, B);
        int first = (2 * direction * gates + g) * hidden;
        cell.network.bind(
            cell.node,
            ParameterBinding.plain(cell.node.input(B), new long[] {1, hidden}, layer, prefix + "b")
                .at(first)
                .plus(first + gates * hidden)
                .columnsFrom(column));
      }
    }
  }

  private static void bindMatrix(
      Cell cell, int input, String layer, String parameter, int row, int column, int width) {
    cell.network.weights(cell.node, input);
    cell.network.bind(
        cell.node,
        ParameterBinding.plain(
                cell.node.input(input), new long[] {cell.hidden, width}, layer, parameter)
            .at(row * width)
            .permuted(1, 0)
            .columnsFrom(column));
  }
}
