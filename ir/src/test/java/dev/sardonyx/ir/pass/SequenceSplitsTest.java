package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceSplitsTest {
  /** Each part is taken twice, and is an output of the model both times. */
  @Test
  void partsThatAreOutputsLeaveNoSequence() {
    GraphBuilder b = GraphBuilder.of("parts");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(4, 3)));
    Value parts =
        b.node("SplitToSequence", List.of(x, b.constant(2L)), Attribute.ofInt("axis", -2));
    long[] taken = {1, 0, -1, -2};
    for (int i = 0; i < taken.length; i++) {
      b.output(b.node("SequenceAt", parts, b.constant(taken[i])), "y" + i);
    }
    Model model = b.buildModel();
    Model after = new PairFusion().apply(model).model();
    assertTrue(after.graph().nodes().stream().anyMatch(n -> n.is("Split")));
    assertFalse(after.graph().nodes().stream().anyMatch(n -> n.is("SequenceAt")), after.toString());
    assertEquals(List.of(), new PairFusion().apply(after).changes());
    Tensor rows = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 4, 3);
    try (PreparedModel one = new ReferenceBackend().prepare(model);
        PreparedModel other = new ReferenceBackend().prepare(after)) {
      assertEquals(one.run(Map.of("x", rows)), other.run(Map.of("x", rows)));
    }
  }

  /** What cannot be right is for the checker to tell, and left as it is. */
  @ParameterizedTest
  @CsvSource({"1, 2", "5, -1", "3, 3"})
  void sizesThatDoNotFitAreLeftAlone(long first, long second) {
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.of(4, 3));
    TensorType part = TensorType.of(ElementType.FLOAT, Shape.ofRank(2));
    Graph graph =
        Graph.of(
            "parts",
            List.of(Input.of("x", type)),
            List.of(Output.of("y", part)),
            List.of(
                Node.of("SplitToSequence", List.of("x", "sizes"), List.of(Result.of("s"))),
                Node.of("SequenceAt", List.of("s", "at"), List.of(Result.of("y", part)))),
            List.of(
                Constant.of("sizes", Tensor.ofLongs(new long[] {first, second}, 2)),
                Constant.of("at", Tensor.scalar(0L))));
    Model model = Model.of(graph, 18);
    assertSame(model, new PairFusion().apply(model).model());
  }
}
