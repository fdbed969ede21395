package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.ofNodes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Writing inferred types into the model. */
class InferTypesTest {
  @Test
  void typesAreInferred() {
    Model model = ofNodes(Node.of("Relu", List.of("x"), List.of(Result.of("c"))));
    PassResult result = new InferTypes().apply(model);
    assertEquals(VECTOR, result.model().graph().nodes().get(0).output(0).type());
    assertEquals(
        List.of("infer-types in main: typed c: ? is float[N,4]"),
        result.changes().stream().map(Change::toString).toList());
  }
}
