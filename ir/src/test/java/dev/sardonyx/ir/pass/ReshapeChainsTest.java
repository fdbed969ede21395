package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReshapeChainsTest {
  /**
   * A shape that is given to the model may be any; that the declared result cannot be shows then.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Reshape; 2,32,4; 2,6,2",
        "Reshape; N,8; N,8,2",
        "Reshape; 0,N,0; N,N,2",
        "Expand; 3; 4",
        "Expand; 2,3; 2,1",
      })
  void whatCannotBeIsLeftAlone(String operator, String before, String after) {
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.parse(after));
    Node node = Node.of(operator, List.of("x", "shape"), List.of(Result.of("y", type)));
    Graph graph =
        Graph.of(
            "main",
            List.of(
                Input.of("x", TensorType.of(ElementType.FLOAT, Shape.parse(before))),
                Input.of("shape", TensorType.of(ElementType.INT64, Shape.of(type.shape().rank())))),
            List.of(Output.of("y", type)),
            List.of(node),
            List.of());
    Model model = Model.of(graph, 21);
    assertSame(model, new ReshapeChains().apply(model).model());
  }
}
