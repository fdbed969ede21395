package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.FunctionBuilder;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.pass.Passes;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** An operator that one class adds is as good as one of ONNX's everywhere. */
final class PairwiseDistanceTest {
  private static final Tensor CENTRES = Tensor.ofFloats(new float[] {0, 0, 3, 4}, 2, 2);

  private final GraphBuilder b = GraphBuilder.of("clusters");
  private final Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,2")));
  private final Value centres = b.constant("centres", CENTRES);

  private static float[] run(Model model, String output) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared
          .run(Map.of("x", Tensor.ofFloats(new float[] {3, 0}, 1, 2)))
          .tensor(output)
          .toFloats();
    }
  }

  private static long count(Model model, String operator) {
    return model.graph().nodes().stream().filter(n -> n.operator().equals(operator)).count();
  }

  @Test
  void itIsBuiltInferredCheckedAndEvaluated() {
    Value distances = PairwiseDistance.of(b, x, centres);
    assertEquals(TensorType.of(ElementType.FLOAT, Shape.parse("N,2")), distances.type());
    b.output(distances, "d").output(PairwiseDistance.squared(b, x, centres), "squares");
    Model model = b.buildModel();
    assertEquals(OptionalLong.of(1), model.opset("com.example"));
    assertEquals(List.of(), Checker.check(model).problems());
    assertArrayEquals(new float[] {3, 4}, run(model, "d"));
    assertArrayEquals(new float[] {9, 16}, run(model, "squares"));
  }

  @Test
  void mistakesAreReportedAtTheLineThatMakesThem() {
    Value wide = b.constant("wide", Tensor.ofFloats(new float[6], 2, 3));
    String message =
        assertThrows(GraphBuildException.class, () -> PairwiseDistance.of(b, x, wide)).getMessage();
    assertTrue(message.contains("rows of different lengths have no distance"), message);
    assertTrue(message.contains("PairwiseDistanceTest.java"), message);
    Value doubles = b.constant("doubles", Tensor.ofDoubles(new double[4], 2, 2));
    assertThrows(GraphBuildException.class, () -> PairwiseDistance.of(b, x, doubles));
    assertThrows(
        GraphBuildException.class,
        () ->
            b.node(
                "com.example.PairwiseDistance", List.of(x, centres), Attribute.ofInt("root", 1)));
  }

  @Test
  void theCheckerKnowsItsSignatureInAnyModel() {
    b.output(PairwiseDistance.of(b, x, centres), "d");
    Model model = b.buildModel();
    Node node = model.graph().nodes().get(0);
    Model wrong = model.withGraph(model.graph().withNodes(List.of(node.withInputs(List.of("x")))));
    assertFalse(Checker.check(wrong).isValid());
    assertEquals(List.of(), Checker.check(model.withOpsetImport("com.example", 5)).problems());
    // Of other operators of the domain nothing is known, as of any domain.
    Model other =
        model.withGraph(model.graph().withNodes(List.of(node.withOperator("com.example.Unheard"))));
    assertTrue(Checker.check(other).isValid());
    assertEquals(1, Checker.check(other).warnings().size());
  }

  @Test
  void itComesThroughAFile() throws Exception {
    b.output(PairwiseDistance.squared(b, x, centres), "d");
    Model model = b.buildModel();
    Model read = OnnxReader.read(OnnxExport.of(model).toBytes());
    assertEquals(List.of(), Checker.check(read).problems());
    assertArrayEquals(new float[] {9, 16}, run(read, "d"));
    Graph graph = read.graph();
    Output bare = Output.of("d", ValueType.unknown());
    Model inferred = ShapeInference.infer(read.withGraph(graph.withOutputs(List.of(bare)))).model();
    assertEquals(
        TensorType.of(ElementType.FLOAT, Shape.parse("N,2")),
        inferred.graph().outputs().get(0).type());
  }

  @Test
  void equalNodesAreMergedAndConstantOnesFolded() {
    Value sum = b.add(PairwiseDistance.of(b, x, centres), PairwiseDistance.of(b, x, centres));
    Value fixed = PairwiseDistance.of(b, centres, centres);
    b.output(b.matMul(sum, fixed), "y");
    Model before = b.buildModel();
    Model after = Passes.simplify().apply(before).model();
    assertEquals(3, count(before, "com.example.PairwiseDistance"));
    assertEquals(1, count(after, "com.example.PairwiseDistance"));
    assertArrayEquals(new float[] {40, 30}, run(before, "y"));
    assertArrayEquals(run(before, "y"), run(after, "y"));
  }

  @Test
  void aFunctionOfTheModelCountsBeforeTheDefinition() {
    Function constant =
        FunctionBuilder.function(
            "com.example.PairwiseDistance",
            21,
            f -> f.output(f.add(f.input("a"), f.input("b")), "sum"));
    Value sum = b.function(constant).node("com.example.PairwiseDistance", centres, centres);
    b.output(b.matMul(x, sum), "y");
    Model model = b.buildModel();
    assertArrayEquals(new float[] {0, 0}, run(model, "y"));
    assertArrayEquals(new float[] {0, 0}, run(Passes.simplify().apply(model).model(), "y"));
  }

  @Test
  void aRandomOperatorIsNeitherMergedNorFolded() {
    String jitter = "com.example.random.Jitter";
    Value noise = b.add(b.node(jitter, centres), b.node(jitter, centres));
    b.output(b.add(b.add(b.node(jitter, x), b.node(jitter, x)), noise), "y");
    Model model = b.buildModel();
    assertEquals(OptionalLong.of(3), model.opset("com.example.random"));
    assertEquals(4, count(Passes.simplify().apply(model).model(), jitter));
    String reason = new ReferenceBackend().whyUnsupported(model).orElseThrow();
    assertTrue(reason.contains(jitter + " has no kernel"), reason);
  }
}
