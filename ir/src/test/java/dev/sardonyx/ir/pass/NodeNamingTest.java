package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.ofNodes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Naming nodes that have no name. */
class NodeNamingTest {
  @Test
  void unnamedNodesGetNames() {
    Node relu = Node.of("Relu", List.of("x"), List.of(Result.of("relu_1")));
    Node again = Node.of("Relu", List.of("relu_1"), List.of(Result.of("c")));
    Model model = ofNodes(relu, again);
    assertEquals(
        List.of("relu_2", "relu_3"),
        new NodeNaming().apply(model).model().graph().nodes().stream().map(Node::name).toList());
  }
}
