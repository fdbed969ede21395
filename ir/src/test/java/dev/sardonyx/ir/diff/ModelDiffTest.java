package dev.sardonyx.ir.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.ir.pass.RandomModels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ModelDiffTest {
  private static final Model NETWORK = network();

  private static Model network() {
    GraphBuilder b = GraphBuilder.of("net");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,8,8")));
    x = b.relu(nn.conv(x, 4, 3));
    x = nn.residualBlock(x, 4);
    b.output(b.softmax(nn.dense(b.flatten(x), 10), 1), "digit");
    return b.buildModel();
  }

  private static String lines(List<Difference> differences) {
    return String.join("\n", differences.stream().map(Difference::toString).toList());
  }

  private static String edited(UnaryOperator<ModelEditor> edit) {
    return lines(ModelDiff.between(NETWORK, edit.apply(ModelEditor.of(NETWORK)).model()));
  }

  @Test
  void namesOrderAndWrittenDefaultsMakeNoDifference() {
    for (int seed = 0; seed < 60; seed++) {
      Model model = RandomModels.model(seed, 20);
      Model renamed = ModelEditor.of(model).prefixInside("other/").model();
      assertEquals("", lines(ModelDiff.between(model, model)), "seed " + seed);
      assertEquals("", lines(ModelDiff.between(model, renamed)), "renamed, seed " + seed);
      assertEquals(
          "", lines(ModelDiff.between(model, reordered(model, seed))), "reordered, seed " + seed);
    }
    Model explicit =
        ModelEditor.of(NETWORK)
            .changeNode("dense1", n -> n.withAttribute(Attribute.ofFloat("beta", 1f)))
            .model();
    assertEquals("", lines(ModelDiff.between(NETWORK, explicit)));
  }

  /** Another topological order of the main graph's nodes. */
  private static Model reordered(Model model, long seed) {
    List<Node> left = new ArrayList<>(model.graph().nodes());
    Collections.shuffle(left, new Random(seed));
    return Passes.named("topological-sort")
        .apply(model.withGraph(model.graph().withNodes(left)))
        .model();
  }

  @Test
  void aConstantNodeAndAnInitializerAreTheSame() {
    Model nodes = Passes.named("initializers-to-constants").apply(NETWORK).model();
    assertTrue(nodes.graph().constants().isEmpty());
    assertEquals("", lines(ModelDiff.between(NETWORK, nodes)));
  }

  @Test
  void eachEditIsToldAsWhatItIs() {
    assertEquals("~ main: input image -> pixels", edited(e -> e.renameInput("image", "pixels")));
    assertEquals("~ main: output digit -> label", edited(e -> e.renameOutput("digit", "label")));
    assertEquals(
        "~ main: Conv conv1: attribute pads [1, 1, 1, 1] -> [0, 0, 2, 2]",
        edited(
            e ->
                e.changeNode("conv1", n -> n.withAttribute(Attribute.ofInts("pads", 0, 0, 2, 2)))));
    assertEquals(
        """
        - main: Softmax softmax1
        + main: Identity -> digit
        ~ main: output digit is digit of Softmax softmax1 -> digit of Identity -> digit""",
        edited(e -> e.removeNode("softmax1")));
    assertEquals("+ main: output relu1_out", edited(e -> e.addOutput("relu1_out")));
  }

  @Test
  void anInsertedNodeLeavesTheRestInPlace() {
    String told = edited(e -> e.insertAfter("relu1_out", (b, x) -> b.tanh(x)));
    assertEquals(1, told.lines().filter(l -> l.startsWith("+ main: Tanh")).count(), told);
    assertEquals(0, told.lines().filter(l -> l.startsWith("- ")).count(), told);
    assertTrue(
        told.lines().filter(l -> l.startsWith("~ ")).allMatch(l -> l.contains("input ")), told);
  }

  @Test
  void weightsAreComparedAsNumbers() {
    Constant bias =
        NETWORK.graph().constants().stream()
            .filter(c -> c.name().equals("dense1.bias"))
            .findFirst()
            .orElseThrow();
    float[] changed = ((Tensor) bias.data()).toFloats();
    changed[3] += 0.5f;
    List<Difference> told =
        ModelDiff.between(
            NETWORK,
            ModelEditor.of(NETWORK)
                .initializer("dense1.bias", Tensor.ofFloats(changed, 10))
                .model());
    Difference.ElementValues elements = (Difference.ElementValues) told.get(0);
    assertEquals(1, told.size(), lines(told));
    assertEquals("main: Gemm dense1", elements.place());
    assertEquals("input 2 (dense1.bias)", elements.what());
    assertEquals(1, elements.by().differing());
    assertEquals(10, elements.by().elements());
    assertEquals(0.5, elements.by().maxAbs(), 1e-7);
  }

  @Test
  void narrowElementsBeyondAMillionAreComparedToo() {
    int length = (1 << 20) + 7;
    double[] numbers = new double[length];
    Tensor before = Tensor.ofNumbers(ElementType.INT4, numbers, length);
    numbers[length - 2] = -3;
    TensorDifference by =
        TensorDifference.of(before, Tensor.ofNumbers(ElementType.INT4, numbers, length));
    assertEquals(1, by.differing());
    assertEquals(3, by.maxAbs());
    assertTrue(Double.isNaN(by.cosine()));
  }

  @Test
  void wholeNumbersBeyondWhatADoubleHolds() {
    long far = 1L << 53;
    TensorDifference by =
        TensorDifference.of(
            Tensor.ofLongs(new long[] {far, 7}, 2), Tensor.ofLongs(new long[] {far + 1, 7}, 2));
    assertEquals(1, by.differing());
    assertEquals(1, by.maxAbs());
  }

  private static Model sums(float bias) {
    Tensor biases = Tensor.ofFloats(new float[] {bias, bias}, 2);
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2)));
    Value first = b.tanh(b.add(x, b.constant("first", biases)));
    b.output(b.add(first, b.constant("second", biases)), "y");
    return b.buildModel();
  }

  @Test
  void eachOfSeveralEqualConstantsIsTold() {
    String told = lines(ModelDiff.between(sums(0), sums(1)));
    assertEquals(2, told.lines().count(), told);
    assertTrue(told.contains("(first)") && told.contains("(second)"), told);
  }

  /** Of attributes of which no text shows all. */
  @Test
  void listsOfTensorsAreComparedByTheirElements() {
    float[] elements = new float[40];
    AttributeValue before =
        new AttributeValue.Tensors(List.of(Tensor.ofFloats(elements.clone(), 40)));
    elements[39] = 1;
    AttributeValue after =
        new AttributeValue.Tensors(List.of(Tensor.ofFloats(elements.clone(), 40)));
    assertEquals("", lines(ModelDiff.between(tables(before), tables(before))));
    assertEquals(
        1, ModelDiff.between(tables(before), tables(after)).size(), "tables of 40 elements");
  }

  private static Model tables(AttributeValue tables) {
    Node node =
        Node.of("my.domain.Look", List.of("x"), List.of(Result.of("y")), Attribute.of("a", tables));
    GraphBuilder b = GraphBuilder.of("g");
    b.output(b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2))), "y");
    Model model = b.buildModel();
    return model.withGraph(model.graph().withNodes(List.of(node)));
  }

  @Test
  void insideSubgraphsTooByTheirPath() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2)));
    Value c = b.input("c", TensorType.of(ElementType.BOOL, Shape.parse("[]")));
    b.output(b.ifThenElse(c, t -> t.elu(x, 1f), e -> e.neg(x)), "y");
    Model model = b.buildModel();
    Node node = model.graph().nodes().get(0);
    Model changed =
        model.withGraph(
            model.graph().withNodes(List.of(node.withSubgraphs(ModelDiffTest::withAlpha))));
    String told = lines(ModelDiff.between(model, changed));
    assertTrue(
        told.matches("~ main/\\S+\\.then_branch: Elu.*: attribute alpha default -> 2.0"), told);
  }

  private static Graph withAlpha(Graph body) {
    return body.withNodes(
        body.nodes().stream()
            .map(n -> n.is("Elu") ? n.withAttribute(Attribute.ofFloat("alpha", 2f)) : n)
            .toList());
  }

  @Test
  void typesInsideSubgraphsThatComputeTheSame() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N")));
    Value c = b.input("c", TensorType.of(ElementType.BOOL, Shape.parse("[]")));
    b.output(b.ifThenElse(c, t -> t.ifThenElse(c, u -> u.exp(x), u -> x), e -> e.neg(x)), "y");
    Model model = b.buildModel();
    Model changed =
        model.withGraph(
            model
                .graph()
                .withNodes(
                    List.of(
                        model
                            .graph()
                            .nodes()
                            .get(0)
                            .withSubgraphs(
                                body ->
                                    body.nodes().get(0).is("If")
                                        ? body.withNodes(
                                            List.of(
                                                body.nodes()
                                                    .get(0)
                                                    .withSubgraphs(ModelDiffTest::ofTwo)))
                                        : body))));
    String told = lines(ModelDiff.between(model, changed));
    assertEquals(
        """
        ~ main/if2.then_branch/if1.else_branch: Identity identity1: type of output x_copy float[N] -> float[2]
        ~ main/if2.then_branch/if1.then_branch: Exp exp1: type of output exp1_out float[N] -> float[2]""",
        told);
    assertEquals("", lines(ModelDiff.between(model, model)));
  }

  private static Graph ofTwo(Graph body) {
    return body.withNodes(
        body.nodes().stream()
            .map(
                n ->
                    n.withOutputs(
                        List.of(
                            n.output(0).withType(TensorType.of(ElementType.FLOAT, Shape.of(2))))))
            .toList());
  }

  private static Model quantized(String scale, float number, Metadata metadata) {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2)));
    Value s = b.constant(scale, Tensor.scalar(number));
    b.output(b.relu(b.mul(b.relu(x), s)), "y");
    Model model = b.buildModel();
    String value = model.graph().nodes().get(0).output(0).name();
    return model.withGraph(
        model
            .graph()
            .withQuantization(
                List.of(
                    new QuantizationAnnotation(
                        value, Map.of("SCALE_TENSOR", s.name()), metadata))));
  }

  @Test
  void quantisationIsComparedByTheValuesThatItNames() {
    Model model = quantized("s", 2, Metadata.EMPTY);
    Model renamed = ModelEditor.of(quantized("s", 2, Metadata.EMPTY)).prefixInside("a/").model();
    assertEquals("", lines(ModelDiff.between(model, quantized("t", 2, Metadata.EMPTY))));
    assertEquals("", lines(ModelDiff.between(model, renamed)));
    String other = lines(ModelDiff.between(model, quantized("s", 3, Metadata.EMPTY)));
    assertTrue(other.contains("1 of 1 elements differ"), other);
    String said =
        lines(
            ModelDiff.between(
                model, quantized("s", 2, Metadata.EMPTY.withProperty("by", "someone"))));
    assertTrue(said.contains("metadata of the quantization of relu1_out none -> by=someone"), said);
    Model without = model.withGraph(model.graph().withQuantization(List.of()));
    assertEquals("- main: quantization of relu1_out", lines(ModelDiff.between(model, without)));
    assertEquals("+ main: quantization of relu1_out", lines(ModelDiff.between(without, model)));
    Model zero =
        model.withGraph(
            model
                .graph()
                .withQuantization(
                    List.of(
                        new QuantizationAnnotation(
                            "relu1_out", Map.of("ZERO_POINT_TENSOR", "s"), Metadata.EMPTY))));
    assertEquals(
        """
        ~ main: SCALE_TENSOR in the quantization of relu1_out s -> absent
        ~ main: ZERO_POINT_TENSOR in the quantization of relu1_out absent -> s""",
        lines(ModelDiff.between(model, zero)));
  }

  private static Model trained(String result, float alpha, String bound) {
    Node step =
        Node.of(
            "Elu",
            List.of("dense1.bias"),
            List.of(Result.of(result)),
            Attribute.ofFloat("alpha", alpha));
    Graph algorithm =
        Graph.of(
            "step",
            List.of(),
            List.of(Output.of(result, ValueType.unknown())),
            List.of(step),
            List.of());
    Graph nothing = Graph.of("start", List.of(), List.of(), List.of(), List.of());
    return NETWORK.withTraining(
        List.of(
            new TrainingInfo(nothing, algorithm, Map.of(), Map.of(bound, result), Metadata.EMPTY)));
  }

  @Test
  void trainingIsComparedAsGraphs() {
    Model model = trained("next", 2, "dense1.bias");
    assertEquals("", lines(ModelDiff.between(model, trained("next", 2, "dense1.bias"))));
    String alpha = lines(ModelDiff.between(model, trained("next", 3, "dense1.bias")));
    assertTrue(
        alpha.matches("~ training\\[0\\].algorithm: Elu.*: attribute alpha 2.0 -> 3.0"), alpha);
    assertEquals(
        """
        - training[0]: update of dense1.bias next
        + training[0]: update of conv1.bias next""",
        lines(ModelDiff.between(model, trained("next", 2, "conv1.bias"))));
    assertEquals("- model: training[0]", lines(ModelDiff.between(model, NETWORK)));
    assertEquals("+ model: training[0]", lines(ModelDiff.between(NETWORK, model)));
  }

  @Test
  void minusZeroIsNotZeroAndEveryNaNIsNaN() {
    assertEquals("", lines(ModelDiff.between(sums(Float.NaN), sums(Float.NaN))));
    Model quiet = sums(Float.intBitsToFloat(0x7fc00000));
    Model other = sums(Float.intBitsToFloat(0x7fc00001));
    assertEquals("", lines(ModelDiff.between(quiet, other)));
    assertEquals(
        2,
        ModelDiff.between(sums(0f), sums(-0f)).stream()
            .filter(d -> d.toString().contains("2 of 2 elements differ"))
            .count());
    AttributeValue one =
        new AttributeValue.Tensors(List.of(Tensor.ofFloats(new float[] {Float.NaN, 1}, 2)));
    AttributeValue two =
        new AttributeValue.Tensors(
            List.of(Tensor.ofFloats(new float[] {Float.intBitsToFloat(0x7fc00001), 1}, 2)));
    assertEquals("", lines(ModelDiff.between(tables(one), tables(two))));
  }

  @Test
  void whatTheModelItselfSays() {
    Model other =
        NETWORK
            .withOpsetImport("", 20)
            .withProducer("someone", "2")
            .withMetadata(NETWORK.metadata().withProperty("licence", "MIT"));
    assertEquals(
        """
        ~ model: opset of ai.onnx 21 -> 20
        ~ model: producer sardonyx -> someone 2
        + model: property licence MIT""",
        lines(ModelDiff.between(NETWORK, other)));
  }

  @Test
  void everySingleNodeRemovedIsFoundWhereverItWas() {
    Model model = Networks.named("cifar20").build(3);
    for (Node node : model.graph().nodes()) {
      if (!node.is("Relu")) {
        continue;
      }
      Model without = ModelEditor.of(model).removeNode(node.name()).model();
      List<String> told =
          ModelDiff.between(model, without).stream()
              .map(Difference::toString)
              .filter(l -> l.startsWith("- ") || l.startsWith("+ "))
              .toList();
      assertEquals(List.of("- main: Relu " + node.name()), told);
    }
  }
}
