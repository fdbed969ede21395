package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a pass says it did, in words and as lists. */
class ChangeTest {
  private static Model model() {
    GraphBuilder b = GraphBuilder.of("main");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2)));
    b.output(b.add(b.relu(b.identity(x)), b.constant(1f)), "y");
    return b.buildModel();
  }

  private static Change only(PassResult result) {
    assertEquals(1, result.changes().size(), result.changes().toString());
    return result.changes().get(0);
  }

  @Test
  void aRemovedNodeIsWhatWas() {
    Change change = only(new NoOps().apply(model()));
    assertEquals("no-ops", change.pass());
    assertEquals("main", change.graph());
    assertEquals("removed Identity identity1", change.what());
    assertEquals(List.of("Identity identity1"), change.from());
    assertEquals(List.of(), change.to());
    assertEquals("no-ops in main: removed Identity identity1", change.toString());
  }

  @Test
  void changesAreEqualByAllTheySay() {
    Change change = only(new NoOps().apply(model()));
    Change again = only(new NoOps().apply(model()));
    assertEquals(change, again);
    assertEquals(change.hashCode(), again.hashCode());
    assertNotEquals(change, Change.of("no-ops", "main", change.what()), "its nodes are not told");
    Change told = Change.of("a", "g", "did");
    assertEquals(told, Change.of("a", "g", () -> "did"));
    assertNotEquals(told, Change.of("b", "g", "did"));
    assertNotEquals(told, Change.of("a", "h", "did"));
    assertNotEquals(told, Change.of("a", "g", "did more"));
  }
}
