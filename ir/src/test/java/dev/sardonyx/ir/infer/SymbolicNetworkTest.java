package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.nn.ResNet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A whole network on images whose size is not known. */
class SymbolicNetworkTest {
  private static final Model NETWORK = ResNet.cifar(20).build(1);

  private static Model onAnyImage() {
    Graph graph = NETWORK.graph();
    List<Node> untyped =
        graph.nodes().stream()
            .map(
                n ->
                    n.withOutputs(
                        n.outputs().stream().map(r -> r.withType(ValueType.unknown())).toList()))
            .toList();
    Input image = Input.of("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,H,W")));
    return NETWORK.withGraph(graph.withInputs(List.of(image)).withNodes(untyped));
  }

  @Test
  void shapesAreExpressionsOverTheImagesSize() {
    TreeSet<String> heights = new TreeSet<>();
    ShapeInference.Inferred inferred = ShapeInference.infer(onAnyImage());
    assertEquals(List.of(), inferred.problems());
    for (Node node : inferred.model().graph().nodes()) {
      Shape shape = ((TensorType) node.output(0).type()).shape();
      assertTrue(shape.dims().stream().allMatch(Dim::isKnown), () -> node.label() + " " + shape);
      if (shape.rank() == 4) {
        heights.add(shape.dim(2).toString());
      }
    }
    assertEquals(new TreeSet<>(List.of("H", "(H+1)/2", "(H+3)/4", "1")), heights);
  }

  @Test
  void theExpressionsAreRightForTheBuiltSize() {
    Graph fixed = ShapeInference.infer(NETWORK).model().graph();
    Graph symbolic = ShapeInference.infer(onAnyImage()).model().graph();
    Map<String, Dim> size = Map.of("H", Dim.of(32), "W", Dim.of(32));
    for (int i = 0; i < fixed.nodes().size(); i++) {
      TensorType expected = (TensorType) fixed.nodes().get(i).output(0).type();
      TensorType actual = (TensorType) symbolic.nodes().get(i).output(0).type();
      assertEquals(
          expected.shape(),
          actual.shape().map(d -> d.substitute(size)),
          fixed.nodes().get(i).label());
    }
  }
}
