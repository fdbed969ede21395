package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static dev.sardonyx.ir.pass.SmallModels.changes;
import static dev.sardonyx.ir.pass.SmallModels.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Removing what no output needs. */
class DeadCodeTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  @Test
  void deadCodeRemovesWhatNoOutputNeeds() {
    Value used = b.add(x, vector(b, "c", 1, 2, 3, 4));
    b.mul(b.exp(used), vector(b, "dead", 1, 2, 3, 4));
    b.output(b.relu(used), "y");
    assertEquals(
        """
        constants c
        add1_out = Add(x, c)
        y = Relu(add1_out)
        y
        """,
        after(b, new DeadCode()));
    assertEquals(
        List.of(
            "dead-code in main: removed Exp exp1",
            "dead-code in main: removed Mul mul1",
            "dead-code in main: removed initializer dead"),
        changes(b, new DeadCode()));
  }

  @Test
  void deadCodeSeesWhatSubgraphsUse() {
    Value captured = b.exp(x);
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value y =
        b.ifThenElse(
            flag,
            t -> {
              t.neg(captured);
              return t.relu(captured);
            },
            e -> x);
    b.output(y, "y");
    assertEquals(
        """
        exp1_out = Exp(x)
        y = If(flag)
          relu1_out = Relu(exp1_out)
          relu1_out
          x_copy = Identity(x)
          x_copy
        y
        """,
        after(b, new DeadCode()));
    assertEquals(List.of("dead-code in main/if1: removed Neg neg1"), changes(b, new DeadCode()));
  }

  @Test
  void deadCodeKeepsDefaultsOfInputsAndAnnotatedScales() {
    b.output(b.relu(x), "y");
    Graph graph = b.build();
    Tensor tensor = Tensor.ofFloats(new float[4], 1, 4);
    Graph more =
        new Graph(
            "main",
            List.of(graph.inputs().get(0), Input.of("option", tensor.type())),
            graph.outputs(),
            graph.nodes(),
            List.of(
                Constant.of("option", tensor),
                Constant.of("scale", Tensor.scalar(0.5f)),
                Constant.of("unused", tensor)),
            List.of(
                new QuantizationAnnotation("y", Map.of("SCALE_TENSOR", "scale"), Metadata.EMPTY)),
            Metadata.EMPTY);
    Model model = new DeadCode().apply(Model.of(more, 18)).model();
    assertEquals(
        List.of("option", "scale"),
        model.graph().constants().stream().map(Constant::name).toList());
    assertEquals(1, model.graph().quantization().size());
  }
}
