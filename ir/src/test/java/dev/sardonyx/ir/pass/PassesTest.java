package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

  /** A model's own function counts before ONNX's operator of the same name. */
  @Test
  void aFunctionUnderTheNameOfAnOperatorIsNotTakenForIt() {
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(new float[] {1, 2, 3, -4}, 1, 4));
    Map<String, Tensor> others =
        Map.of(
            "Reshape", Tensor.ofLongs(new long[] {1, 4}, 2),
            "Add", Tensor.ofFloats(new float[4], 4),
            "MatMul", Tensor.ofFloats(new float[16], 4, 4));
    for (String domain : List.of("", "ai.onnx")) {
      for (String name :
          List.of(
              "Identity", "Neg", "Dropout", "Squeeze", "Transpose", "Reshape", "Add", "MatMul")) {
        Tensor other = others.get(name);
        Model model = withFunction(domain, name, other);
        Map<String, Datum> expected = RandomModels.run(model, inputs);
        for (String pass : Passes.names()) {
          Model after = Passes.named(pass).apply(model).model();
          assertEquals(expected, RandomModels.run(after, inputs), pass + " of " + name);
        }
        Model after = Passes.simplify().apply(model).model();
        assertEquals(expected, RandomModels.run(after, inputs), "simplify of " + name);
      }
    }
  }

  /** Two calls of an exponential under another name, on an input and on an initializer. */
  private static Model withFunction(String domain, String name, @Nullable Tensor other) {
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.of(1, 4));
    List<String> more = other == null ? List.of() : List.of("other");
    List<String> inputs = new ArrayList<>(List.of("a"));
    inputs.addAll(more);
    Function function =
        new Function(
            domain,
            name,
            "",
            inputs,
            List.of("c"),
            List.of(),
            List.of(),
            List.of(Node.of("Exp", List.of("a"), List.of(Result.of("c")))),
            List.of(OpsetImport.onnx(18)),
            List.of(),
            Metadata.EMPTY);
    List<Node> nodes = new ArrayList<>();
    List.of("x", "p", "k", "r")
        .forEach(
            value -> {
              List<String> from = new ArrayList<>(List.of(value));
              from.addAll(more);
              String result = Map.of("x", "p", "p", "q", "k", "r", "r", "s").get(value);
              nodes.add(Node.of(name, from, List.of(Result.of(String.valueOf(result), type))));
            });
    nodes.add(Node.of("Sub", List.of("q", "s"), List.of(Result.of("y", type))));
    List<Constant> constants = new ArrayList<>();
    constants.add(Constant.of("k", Tensor.ofFloats(new float[] {0, 0, 0.5f, 1}, 1, 4)));
    if (other != null) {
      constants.add(Constant.of("other", other));
    }
    return Model.of(
            Graph.of(
                "main",
                List.of(Input.of("x", type)),
                List.of(Output.of("y", type)),
                nodes,
                constants),
            18)
        .withFunctions(List.of(function));
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
