package dev.sardonyx.ir.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.pass.Passes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What {@code onnx.compose}, {@code onnx.utils}, onnx_ir's convenience functions and ONNX
 * GraphSurgeon do to a model, each as one edit of a residual network, which is run afterwards.
 */
class PeerToolsTest {
  private static final Model NETWORK =
      Passes.simplify().apply(Networks.named("cifar20").withImage(3, 8, 8).build(1)).model();

  private static Tensor image() {
    float[] pixels = new float[3 * 8 * 8];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (i * 7 % 11 - 5) / 5f;
    }
    return Tensor.ofFloats(pixels, 1, 3, 8, 8);
  }

  private static Tensor run(Model model, String input, String output) {
    Checker.require(model);
    try (PreparedModel prepared = new ReferenceBackend().prepare(model, Options.DEFAULT)) {
      return prepared.run(Map.of(input, image())).tensor(output);
    }
  }

  private static void same(Model changed, String input, String output) {
    assertArrayEquals(
        run(NETWORK, "image", "probabilities").toFloats(),
        run(changed, input, output).toFloats(),
        1e-6f);
  }

  private static ModelEditor edit() {
    return ModelEditor.of(NETWORK);
  }

  private static String firstConv() {
    return NETWORK.graph().nodes().stream()
        .filter(n -> n.is("Conv"))
        .findFirst()
        .orElseThrow()
        .output(0)
        .name();
  }

  @Test
  void addPrefix() {
    same(edit().prefix("left.").model(), "left.image", "left.probabilities");
    same(edit().prefixInside("left.").model(), "image", "probabilities");
  }

  @Test
  void expandOutDim() {
    Model batched = edit().insertAfter("probabilities", (b, y) -> b.unsqueeze(y, 0)).model();
    assertEquals("[1,N,10]", GraphIndex.of(batched.graph()).shape("probabilities").toString());
    same(batched, "image", "probabilities");
  }

  @Test
  void mergeModelsAndExtractModel() {
    String middle = firstConv();
    Model stem = edit().extract(List.of("image"), List.of(middle)).model();
    Model rest = edit().extract(List.of(middle), List.of("probabilities")).model();
    Model merged = ModelEditor.of(stem).append(rest, Map.of(middle, middle)).model();
    same(merged, "image", "probabilities");
  }

  @Test
  void renameValues() {
    Model renamed =
        edit().renameValue(firstConv(), "stem").renameOutput("probabilities", "p").model();
    assertTrue(GraphIndex.of(renamed.graph()).has("stem"));
    same(renamed, "image", "p");
  }

  @Test
  void replaceAllUsesWith() {
    Model twice = edit().insertAfter(firstConv(), (b, x) -> b.mul(x, b.constant(2f))).model();
    String original = firstConv() + "_original";
    Model once = ModelEditor.of(twice).replaceUses(firstConv(), original).model();
    same(once, "image", "probabilities");
    assertEquals(NETWORK.graph().nodes().size(), once.graph().nodes().size());
    Model other =
        edit()
            .insertAfter("probabilities", (b, x) -> b.mul(x, b.constant(2f)))
            .replaceUses("probabilities", "probabilities_original")
            .model();
    same(other, "image", "probabilities");
  }

  @Test
  void replaceNodesAndValues() {
    GraphBuilder b = GraphBuilder.of("chain");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3")));
    Value y = b.mul(x, b.sigmoid(b.mul(x, b.constant(1f))));
    b.output(b.relu(y), "y");
    Model chain = b.buildModel();
    String product = y.name();
    Model swish =
        ModelEditor.of(chain)
            .replacePart(List.of("x"), List.of(product), (to, v) -> List.of(to.swish(v.get(0), 1)))
            .model();
    assertEquals("Relu", swish.graph().nodes().get(swish.graph().nodes().size() - 1).opType());
    try (PreparedModel before = new ReferenceBackend().prepare(chain, Options.DEFAULT);
        PreparedModel after = new ReferenceBackend().prepare(swish, Options.DEFAULT)) {
      Tensor in = Tensor.ofFloats(new float[] {-1, 0, 3}, 1, 3);
      assertArrayEquals(
          before.run(Map.of("x", in)).tensor("y").toFloats(),
          after.run(Map.of("x", in)).tensor("y").toFloats(),
          1e-6f);
    }
  }

  @Test
  void whatDependsOnItselfIsRefused() {
    EditException refusal =
        assertThrows(
            EditException.class, () -> edit().replaceUses(firstConv(), "probabilities").model());
    assertEquals(
        "What " + firstConv() + " is to be computed from depends on it itself: probabilities",
        refusal.getMessage());
    refusal =
        assertThrows(
            EditException.class,
            () -> edit().replacePart(List.of(), List.of("image"), (b, v) -> v).model());
    assertEquals("image is not computed by a node, so no part gives it", refusal.getMessage());
  }

  @Test
  void whatOneNodeGivesDoesNotDependOnItsOtherResults() {
    GraphBuilder b = GraphBuilder.of("halves");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(4)));
    List<Value> halves = b.split(x, 0, 2, 2);
    b.output(b.sub(halves.get(0), halves.get(1)), "y").output(halves.get(1), "second");
    String first = halves.get(0).name();
    ModelEditor editor = ModelEditor.of(b.buildModel());
    Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4));
    for (Model model :
        List.of(
            editor.replaceUses("second", first).model(),
            editor.replacePart(List.of(first), List.of("second"), (to, v) -> v).model())) {
      try (PreparedModel prepared = new ReferenceBackend().prepare(model, Options.DEFAULT)) {
        assertArrayEquals(new float[2], prepared.run(inputs).tensor("y").toFloats());
        assertArrayEquals(new float[] {1, 2}, prepared.run(inputs).tensor("second").toFloats());
      }
    }
    EditException refusal =
        assertThrows(EditException.class, () -> editor.replaceUses("x", first).model());
    assertEquals(
        "What x is to be computed from depends on it itself: " + first, refusal.getMessage());
  }

  @Test
  void toConstantAndToVariable() {
    Model fixed = edit().inputToInitializer("image", image()).model();
    Checker.require(fixed);
    assertTrue(fixed.graph().inputs().isEmpty());
    same(ModelEditor.of(fixed).initializerToInput("image").model(), "image", "probabilities");
  }

  @Test
  void cleanupToposortAndFoldConstants() {
    Model changed =
        Passes.named("topological-sort")
            .andThen(Passes.named("constant-folding"))
            .andThen(Passes.named("dead-code"))
            .apply(NETWORK)
            .model();
    same(changed, "image", "probabilities");
  }
}
