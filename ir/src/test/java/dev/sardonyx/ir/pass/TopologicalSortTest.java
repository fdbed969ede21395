package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.ofNodes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Putting nodes in order. */
class TopologicalSortTest {
  @Test
  void sortingKeepsWhatIsInOrder() {
    Node c = Node.of("Add", List.of("a", "b"), List.of(Result.of("c")));
    Node a = Node.of("Relu", List.of("x"), List.of(Result.of("a")));
    Node other = Node.of("Neg", List.of("x"), List.of(Result.of("b")));
    assertEquals(
        """
        a = Relu(x)
        b = Neg(x)
        c = Add(a, b)
        c
        """,
        Listing.of(new TopologicalSort().apply(ofNodes(c, a, other)).model()));
    Model sorted = ofNodes(other, a, c);
    assertSame(sorted, new TopologicalSort().apply(sorted).model());
  }

  @Test
  void aCycleIsNamed() {
    Model model =
        ofNodes(
            Node.of("Add", List.of("x", "b"), List.of(Result.of("c"))).withName("first"),
            Node.of("Relu", List.of("c"), List.of(Result.of("a"))).withName("second"),
            Node.of("Neg", List.of("a"), List.of(Result.of("b"))).withName("third"));
    assertEquals(
        "Graph main cannot be sorted: its nodes depend on each other in a cycle, second -> third"
            + " -> first -> second (each feeds the next); one of them should use another value",
        assertThrows(IllegalArgumentException.class, () -> new TopologicalSort().apply(model))
            .getMessage());
  }
}
