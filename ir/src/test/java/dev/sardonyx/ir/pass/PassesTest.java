package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Passes put together, found by name, and of one's own. */
class PassesTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  @Test
  void unknownOperatorsAreNotMerged() {
    b.importDomain("com.example", 1);
    Value a = b.node("com.example.Draw", List.of(x));
    b.output(a, "a").output(b.node("com.example.Draw", List.of(x)), "b");
    Model model = b.buildModel();
    assertSame(model, Passes.simplify().apply(model).model());
  }

  @Test
  void passesComposeAndRepeat() {
    b.output(b.neg(b.identity(b.identity(x))), "y");
    Pass twice = new NoOps().andThen(new DeadCode()).fixpoint();
    PassResult result = twice.apply(b.buildModel());
    assertEquals(2, result.changes().size());
    Pass restless = m -> new PassResult(m, List.of(Change.of("restless", "main", "nothing")));
    assertTrue(
        String.valueOf(
                assertThrows(
                        IllegalStateException.class,
                        () -> restless.fixpoint().apply(b.buildModel()))
                    .getMessage())
            .contains("restless in main: nothing"));
  }

  @Test
  void modelsWithTrainingInformationAreLeftAlone() {
    b.output(b.identity(b.relu(b.identity(x))), "y");
    Model plain = b.buildModel();
    Graph empty = Graph.of("step", List.of(), List.of(), List.of(), List.of());
    TrainingInfo training = new TrainingInfo(empty, empty, Map.of(), Map.of(), Metadata.EMPTY);
    Model model =
        new Model(
            plain.irVersion(),
            plain.opsetImports(),
            "",
            "",
            "",
            0,
            plain.graph(),
            List.of(),
            List.of(training),
            Metadata.EMPTY);
    assertTrue(Passes.simplify().apply(plain).isChanged());
    assertSame(model, Passes.simplify().apply(model).model());
  }

  @Test
  void aPassIsFoundByName() {
    assertEquals(new DeadCode(), Passes.named("dead-code"));
    assertTrue(
        String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> Passes.named("magic"))
                    .getMessage())
            .startsWith("There is no pass magic; choose one of topological-sort, "));
  }

  @Test
  void aPassOfOnesOwnStreamsNodes() {
    b.output(b.relu(b.relu(x)), "y");
    Pass onceIsEnough =
        Pass.of(
            "relu-relu",
            (node, to) -> {
              Node before = node.is("Relu") ? to.producer(node.input(0)) : null;
              if (before != null && before.is("Relu")) {
                to.replace(before.output(0));
              }
            });
    assertEquals(
        """
        y = Relu(x)
        y
        """,
        after(b, onceIsEnough));
  }
}
