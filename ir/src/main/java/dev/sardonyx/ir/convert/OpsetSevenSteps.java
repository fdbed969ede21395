package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.List;
import java.util.stream.LongStream;

/** Opset 7, whose operators broadcast as NumPy's do, and which has no training mode. */
final class OpsetSevenSteps {
  private static final String BROADCASTING = "Add And Div Equal Greater Less Mul Or Pow Sub Xor";

  private OpsetSevenSteps() {}

  static void addTo(StepTable table) {
    for (String operator : BROADCASTING.split(" ", -1)) {
      up(table, operator, OpsetSevenSteps::broadcast);
    }
    up(table, "Gemm", (node, to) -> node.withoutAttribute("broadcast"));
    up(table, "BatchNormalization", OpsetSevenSteps::testOnly);
    up(table, "Dropout", OpsetSevenSteps::testOnly);
    for (String operator : List.of("GRU", "LSTM", "RNN")) {
      up(table, operator, (node, to) -> node.withoutAttribute("output_sequence"));
    }
    up(table, "PRelu", OpsetSevenSteps::slopeByChannel);
    up(table, "Upsample", OpsetSevenSteps::scales);
    up(table, "AveragePool", StepRule.SAME);
    for (String operator : "Acos Asin Atan Cos Multinomial Sin Tan".split(" ", -1)) {
      table.added(operator, 7);
    }
  }

  private static void up(StepTable table, String operator, StepRule rule) {
    String oldest = "no model is converted to an opset below 7";
    table.step(operator, 7, Effect.REWRITTEN, rule, Effect.REFUSED, StepRule.refusing(oldest));
  }

  /** Where a second operand begins at an axis of the first, it ends with axes of one. */
  private static Node broadcast(Node node, Rewriter to) {
    Node plain = Given.without(node, "broadcast", "axis");
    if (node.intAttribute("broadcast", 0) == 0 || node.attribute("axis").isEmpty()) {
      return plain;
    }
    int rank = Given.rank(node, 0, to);
    int own = Given.rank(node, 1, to);
    int axis = Given.axis(node.intAttribute("axis", 0), rank);
    long[] after = LongStream.range(own, rank - axis).toArray();
    return after.length == 0
        ? plain
        : plain.withInput(1, to.unsqueeze(to.input(node, 1), after).name());
  }

  private static Node testOnly(Node node, Rewriter to) {
    boolean isTest = node.intAttribute("is_test", 0) != 0;
    String training = "it is in training mode (is_test = 0), which opset 7 has not";
    if (!isTest && Given.isUsed(node, 1, to)) {
      throw new RefusedStepException(training);
    }
    if (!isTest && node.opType().equals("BatchNormalization")) {
      throw new RefusedStepException(training);
    }
    return node.withoutAttribute("is_test");
  }

  private static Node slopeByChannel(Node node, Rewriter to) {
    int rank = Given.rank(node, 0, to);
    Shape slope = Given.shape(node, 1, to);
    if (!slope.isRanked()) {
      throw new RefusedStepException("the rank of its slope is not known");
    }
    if (rank <= 2 || slope.rank() != 1 || slope.equals(Shape.of(1))) {
      return node;
    }
    long[] spatial = LongStream.range(1, rank - 1L).toArray();
    return node.withInput(1, to.unsqueeze(to.input(node, 1), spatial).name());
  }

  private static Node scales(Node node, Rewriter to) {
    float height = node.floatAttribute("height_scale", 1);
    float width = node.floatAttribute("width_scale", 1);
    return Given.without(node, "height_scale", "width_scale")
        .withAttribute(Attribute.ofFloats("scales", 1, 1, height, width));
  }
}
