package dev.sardonyx.training;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import java.util.List;
import java.util.OptionalInt;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/** What a model's last operator says about its training. */
final class Losses {
  private Losses() {}

  /**
   * The loss that goes with the end of a model.
   *
   * @param output which of the model's outputs
   * @param labelColumns numbers a label takes: 1 for a class number, the classes if one-hot
   * @throws IllegalArgumentException if there is no usual one
   */
  static ILossFunction forLabels(Model model, int output, long labelColumns) {
    String last = lastOperator(model.graph(), output);
    return switch (last) {
      case "Softmax" -> labelColumns == 1 ? new LossSparseMCXENT() : new LossMCXENT();
      case "Sigmoid" -> new LossBinaryXENT();
      default ->
          throw new IllegalArgumentException(
              "The model's output '"
                  + model.graph().outputs().get(output).name()
                  + "' is of "
                  + last
                  + ", neither Softmax nor Sigmoid, so its training needs a loss function: "
                  + "give one by loss(...)");
    };
  }

  /**
   * Cross entropy with a weight for each class.
   *
   * @throws IllegalArgumentException if the model does not end in a Softmax over as many classes
   */
  static ILossFunction weighted(Model model, long labelColumns, double[] weights) {
    OptionalInt classes = classes(model);
    if (!lastOperator(model.graph(), 0).equals("Softmax")
        || classes.isPresent() && classes.getAsInt() != weights.length) {
      throw new IllegalArgumentException(
          "There are "
              + weights.length
              + " class weights, but the model ends in "
              + lastOperator(model.graph(), 0)
              + (classes.isPresent() ? " over " + classes.getAsInt() + " classes" : ""));
    }
    INDArray each = Nd4j.createFromArray(weights).castTo(DataType.FLOAT).reshape(1, weights.length);
    return labelColumns == 1 ? new LossSparseMCXENT(each) : new LossMCXENT(each);
  }

  private static String lastOperator(Graph graph, int output) {
    String value = output < graph.outputs().size() ? graph.outputs().get(output).name() : "";
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      for (Result result : node.outputs()) {
        if (result.isPresent() && result.name().equals(value)) {
          if (!node.is("Identity")) {
            return node.operator();
          }
          value = node.input(0);
        }
      }
    }
    return "nothing";
  }

  /** The number of classes, if the model ends in probabilities [N,classes]. */
  static OptionalInt classes(Model model) {
    Graph graph = model.graph();
    if (!lastOperator(graph, 0).equals("Softmax")) {
      return OptionalInt.empty();
    }
    Output output = graph.outputs().get(0);
    Shape shape = output.type() instanceof TensorType type ? type.shape() : Shape.UNKNOWN;
    return shape.isRanked() && shape.rank() == 2 && shape.dim(1).isFixed()
        ? OptionalInt.of(Math.toIntExact(shape.dim(1).value()))
        : OptionalInt.empty();
  }
}
