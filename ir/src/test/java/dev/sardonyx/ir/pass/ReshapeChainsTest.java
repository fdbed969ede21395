package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertSame;

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
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.ArrayList;
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

  /** The declared result may be, but so may others: the caller's numbers decide. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"Reshape; 2,3; 3,2", "Reshape; N,6; N,2,3", "Expand; 1,3; 4,3", "Expand; 3; 3"})
  void aShapeThatCallersGiveStays(String operator, String before, String after) {
    GraphBuilder b = GraphBuilder.of("main", 21);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse(before)));
    TensorType result = TensorType.of(ElementType.FLOAT, Shape.parse(after));
    Value sizes =
        b.input("sizes", TensorType.of(ElementType.INT32, Shape.of(result.shape().rank())));
    Value shape = b.cast(b.abs(sizes), ElementType.INT64);
    b.output(b.node(operator, OperatorBuilder.operands(x, shape)), "y");
    Graph graph = b.buildModel().graph();
    List<Node> nodes = new ArrayList<>(graph.nodes());
    nodes.replaceAll(
        n -> n.is(operator) ? n.withOutputs(List.of(n.output(0).withType(result))) : n);
    Model model = Model.of(graph.withNodes(nodes).withOutputs(List.of(Output.of("y", result))), 21);
    assertSame(model, new ReshapeChains().apply(model).model());
    assertSame(model, Passes.simplify().apply(model).model());
  }

  /** Nor is it part of a chain, first or last, whatever the results are declared to be. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Reshape; fixed; 2,3; sizes; 3,2",
        "Reshape; sizes; 2,3; fixed; 3,2",
        "Unsqueeze; zero; 1,6; axes; 1,1,6",
        "Unsqueeze; axes; 1,6; zero; 1,1,6",
      })
  void aChainKeepsAShapeThatCallersGive(
      String operator, String first, String between, String second, String after) {
    TensorType result = TensorType.of(ElementType.FLOAT, Shape.parse(after));
    Result a = Result.of("a", TensorType.of(ElementType.FLOAT, Shape.parse(between)));
    Graph graph =
        Graph.of(
            "main",
            List.of(
                Input.of("x", TensorType.of(ElementType.FLOAT, 6)),
                Input.of("sizes", TensorType.of(ElementType.INT64, 2)),
                Input.of("axes", TensorType.of(ElementType.INT64, 1))),
            List.of(Output.of("y", result)),
            List.of(
                Node.of(operator, List.of("x", first), List.of(a)),
                Node.of(operator, List.of("a", second), List.of(Result.of("y", result)))),
            List.of(
                Constant.of("fixed", Tensor.ofLongs(new long[] {3, 2}, 2)),
                Constant.of("zero", Tensor.ofLongs(new long[] {0}, 1))));
    Model model = Model.of(graph, 21);
    assertSame(model, new ReshapeChains().apply(model).model());
  }
}
