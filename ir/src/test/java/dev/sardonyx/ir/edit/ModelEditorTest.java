package dev.sardonyx.ir.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
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
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.FunctionBuilder;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Layers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Each edit changes what it says and keeps the rest, what the model computes above all. */
class ModelEditorTest {
  private static final TensorType IMAGE = TensorType.of(ElementType.FLOAT, 1, 3, 4, 4);

  /** A small classifier whose batch is fixed, as exporters often leave it. */
  private static Model classifier() {
    GraphBuilder b = GraphBuilder.of("classifier");
    Layers nn = Layers.of(b, 1);
    Value x = b.relu(nn.conv(b.input("image", IMAGE), 2, 3));
    b.output(b.softmax(nn.dense(b.flatten(x), 5), 1), "probabilities");
    return b.buildModel();
  }

  /** Both branches take {@code y} from around; the else branch has a value {@code z} of its own. */
  private static Model branching() {
    GraphBuilder b = GraphBuilder.of("branching");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,2")));
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value y = b.relu(x);
    Value z = b.ifThenElse(flag, t -> t.neg(y), e -> e.mul(e.abs(y), y));
    b.output(b.add(z, y), "sum");
    return b.buildModel();
  }

  private static Model edit(Model model, UnaryOperator<ModelEditor> edits) {
    return edits.apply(ModelEditor.of(model)).model();
  }

  /** As PyTorch's exporter leaves values whose shapes it does not compute. */
  @Test
  void aCutHasTheShapeThatIsInferredWhereOnlyTheElementTypeIsDeclared() {
    Model model = classifier();
    Graph graph = model.graph();
    Model vague =
        model.withGraph(
            graph.withNodes(
                graph.nodes().stream()
                    .map(
                        n ->
                            n.withOutputs(
                                n.outputs().stream()
                                    .map(
                                        r ->
                                            r.withType(
                                                TensorType.of(ElementType.FLOAT, Shape.UNKNOWN)))
                                    .toList()))
                    .toList()));
    String relu = graph.nodes().get(1).output(0).name();
    for (ModelEditor edit :
        List.of(ModelEditor.of(vague).outputs(relu), ModelEditor.of(vague).addOutput(relu))) {
      List<Output> outputs = edit.model().graph().outputs();
      assertEquals(
          TensorType.of(ElementType.FLOAT, 1, 2, 4, 4), outputs.get(outputs.size() - 1).type());
    }
  }

  private static Map<String, Datum> run(Model model, Map<String, ? extends Datum> inputs) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model, Options.DEFAULT)) {
      return prepared.run(new HashMap<>(inputs));
    }
  }

  private static double[] run(Model model, String output, Map<String, ? extends Datum> inputs) {
    return ((Tensor) java.util.Objects.requireNonNull(run(model, inputs).get(output))).toDoubles();
  }

  private static Tensor ramp(long... dims) {
    int size = 1;
    for (long d : dims) {
      size *= (int) d;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (i * 7 % 11 - 5) / 5f;
    }
    return Tensor.ofFloats(values, dims);
  }

  private static String refusal(Model model, UnaryOperator<ModelEditor> edits) {
    return assertThrows(EditException.class, () -> edit(model, edits)).getMessage();
  }

  private static List<String> inputs(Model model) {
    return model.graph().inputs().stream().map(i -> i.name() + " " + i.type()).toList();
  }

  private static List<String> outputs(Model model) {
    return model.graph().outputs().stream().map(o -> o.name() + " " + o.type()).toList();
  }

  private static Node node(Model model, String operator) {
    return model.graph().nodes().stream().filter(n -> n.is(operator)).findFirst().orElseThrow();
  }

  // Names

  @Test
  void valuesAreRenamedWhereverTheyAreUsed() {
    Model model = branching();
    String y = node(model, "Relu").output(0).name();
    Model renamed = edit(model, e -> e.renameValue(y, "hidden").renameInput("x", "data"));
    Map<String, Tensor> before = Map.of("x", ramp(3, 2));
    Map<String, Tensor> after = Map.of("data", ramp(3, 2));
    assertArrayEquals(
        run(model, "sum", scalarFlag(before)), run(renamed, "sum", scalarFlag(after)));
    assertEquals("hidden", node(renamed, "Relu").output(0).name());
    assertFalse(renamed.toString().contains(y));
  }

  private static Map<String, Tensor> scalarFlag(Map<String, Tensor> inputs) {
    Map<String, Tensor> changed = new HashMap<>(inputs);
    changed.put("flag", Tensor.ofBooleans(new boolean[] {false}).reshape());
    return changed;
  }

  @Test
  void valuesOfSubgraphsAreFoundByName() {
    Model model = branching();
    Node branch = node(model, "If");
    String inner = branch.subgraphs().get(1).nodes().get(0).output(0).name();
    Model renamed = edit(model, e -> e.renameValue(inner, "magnitude"));
    assertTrue(renamed.toString().contains("magnitude"));
    assertFalse(renamed.toString().contains(inner + ","), renamed.toString());
  }

  @Test
  void namesThatAreTakenOrMissingAreRefused() {
    Model model = classifier();
    assertEquals(
        "There is already a value named probabilities",
        refusal(model, e -> e.renameInput("image", "probabilities")));
    assertEquals(
        "The model has no input picture; it has image",
        refusal(model, e -> e.renameInput("picture", "x")));
    assertTrue(
        refusal(model, e -> e.renameNode("conv7", "x"))
            .startsWith("The model has no node named conv7; it has conv1"));
    assertTrue(
        refusal(branching(), e -> e.renameDimension("M", "K"))
            .contains("no symbolic dimension M; it has N"));
  }

  @Test
  void dimensionsAreRenamedInAllTypes() {
    Model renamed = edit(branching(), e -> e.renameDimension("N", "batch"));
    assertEquals(List.of("x float[batch,2]", "flag bool[]"), inputs(renamed));
    assertEquals(List.of("sum float[batch,2]"), outputs(renamed));
    assertEquals("float[batch,2]", node(renamed, "Relu").output(0).type().toString());
  }

  @Test
  void aPrefixKeepsWhatTheModelComputes() {
    Model model = branching();
    Map<String, Tensor> data = scalarFlag(Map.of("x", ramp(2, 2)));
    Model inside = edit(model, e -> e.prefixInside("left."));
    assertArrayEquals(run(model, "sum", data), run(inside, "sum", data));
    assertTrue(inside.graph().nodes().stream().allMatch(n -> n.name().startsWith("left.")));
    Model all = edit(model, e -> e.prefix("left."));
    assertEquals(List.of("left.x float[N,2]", "left.flag bool[]"), inputs(all));
  }

  // Dimensions

  @Test
  void aBatchBecomesSymbolicAllTheWay() {
    Model model = edit(classifier(), e -> e.symbolicBatch("N"));
    assertEquals(List.of("image float[N,3,4,4]"), inputs(model));
    assertEquals(List.of("probabilities float[N,5]"), outputs(model));
    assertEquals("float[N,2,4,4]", node(model, "Conv").output(0).type().toString());
    assertEquals(10, run(model, "probabilities", Map.of("image", ramp(2, 3, 4, 4))).length);
  }

  @Test
  void aSymbolIsFixedEverywhere() {
    Model model = edit(branching(), e -> e.fixDimension("N", 8));
    assertEquals(List.of("x float[8,2]", "flag bool[]"), inputs(model));
    assertEquals(List.of("sum float[8,2]"), outputs(model));
  }

  @Test
  void oneDimensionOfOneInputChanges() {
    GraphBuilder b = GraphBuilder.of("m");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 3));
    b.output(b.relu(x), "y");
    Model model = edit(b.buildModel(), e -> e.dimension("x", -1, "W"));
    assertEquals(List.of("y float[2,W]"), outputs(model));
    assertTrue(refusal(model, e -> e.dimension("x", 2, "W")).contains("has no axis 2"));
    String large = "99999999999999999999";
    assertTrue(refusal(model, e -> e.dimension("x", 0, large)).contains("not '" + large + "'"));
    assertTrue(
        refusal(branching(), e -> e.renameDimension("N", large)).contains("not '" + large + "'"));
  }

  @Test
  void whatContradictsTheNewTypeIsRefused() {
    String message = refusal(classifier(), e -> e.dimension("image", 1, "4"));
    assertTrue(message.startsWith("The edited model is not valid: SX-"), message);
  }

  // Element types and layouts

  @Test
  void anInputOfAnotherElementTypeIsCastInside() {
    GraphBuilder b = GraphBuilder.of("m");
    b.output(b.relu(b.input("x", TensorType.of(ElementType.FLOAT, 3))), "y");
    Model model =
        edit(
            b.buildModel(),
            e ->
                e.inputElementType("x", ElementType.INT32)
                    .outputElementType("y", ElementType.DOUBLE));
    assertEquals(List.of("x int32[3]"), inputs(model));
    assertEquals(List.of("y double[3]"), outputs(model));
    Tensor x = Tensor.ofInts(new int[] {-1, 0, 4}, 3);
    assertArrayEquals(new double[] {0, 0, 4}, run(model, "y", Map.of("x", x)));
  }

  @Test
  void channelsGoLast() {
    Model model = classifier();
    Model last = edit(model, e -> e.inputChannelsLast("image"));
    assertEquals(List.of("image float[1,4,4,3]"), inputs(last));
    Tensor first = ramp(1, 3, 4, 4);
    float[] moved = new float[48];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < 16; i++) {
        moved[i * 3 + c] = (float) first.toDoubles()[c * 16 + i];
      }
    }
    assertArrayEquals(
        run(model, "probabilities", Map.of("image", first)),
        run(last, "probabilities", Map.of("image", Tensor.ofFloats(moved, 1, 4, 4, 3))));
    Model back = edit(last, e -> e.inputChannelsFirst("image"));
    assertEquals(inputs(model), inputs(back));
  }

  @Test
  void transposesThatUndoEachOtherGo() {
    GraphBuilder b = GraphBuilder.of("nhwc");
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,4,4,3")));
    Value scaled = b.mul(x, b.constant("scale", Tensor.ofFloats(new float[] {1, 2, 3}, 3)));
    Value first = b.maxPool(b.transpose(scaled, 0, 3, 1, 2), 2);
    b.output(b.relu(b.transpose(first, 0, 2, 3, 1)), "y");
    Model model =
        edit(b.buildModel(), e -> e.inputChannelsFirst("image").transposeOutput("y", 0, 3, 1, 2));
    assertEquals(List.of("image float[N,3,4,4]"), inputs(model));
    assertEquals(List.of("y float[N,3,2,2]"), outputs(model));
    assertEquals(
        List.of("Mul", "MaxPool", "Relu"),
        model.graph().nodes().stream().map(Node::opType).toList());
  }

  @Test
  void anOutputIsTransposed() {
    GraphBuilder b = GraphBuilder.of("m");
    b.output(b.relu(b.input("x", TensorType.of(ElementType.FLOAT, 2, 3))), "y");
    Model model = edit(b.buildModel(), e -> e.transposeOutput("y", 1, 0));
    assertEquals(List.of("y float[3,2]"), outputs(model));
    assertTrue(
        refusal(model, e -> e.transposeOutput("y", 1, 1)).contains("not an order of its axes"));
  }

  // Outputs

  @Test
  void anIntermediateBecomesAnOutput() {
    Model model = classifier();
    String features = node(model, "Relu").output(0).name();
    Model both = edit(model, e -> e.addOutput(features));
    assertEquals(List.of("probabilities float[1,5]", features + " float[1,2,4,4]"), outputs(both));
    assertEquals(features + " is an output already", refusal(both, e -> e.addOutput(features)));
    assertEquals(outputs(model), outputs(edit(both, e -> e.removeOutput(features))));
  }

  @Test
  void theHeadIsCutOffAndReplaced() {
    Model model = classifier();
    String features = node(model, "Flatten").output(0).name();
    Model cut = edit(model, e -> e.outputs(features));
    assertEquals(
        List.of("Conv", "Relu", "Flatten"),
        cut.graph().nodes().stream().map(Node::opType).toList());
    assertEquals(2, cut.graph().constants().size());
    Model other =
        edit(
            model,
            e ->
                e.replaceHead(
                    features, "scores", (b, x) -> b.sigmoid(Layers.of(b, 2).dense(x, 3))));
    assertEquals(List.of("scores float[1,3]"), outputs(other));
    double[] seen = run(cut, features, Map.of("image", ramp(1, 3, 4, 4)));
    assertEquals(32, seen.length);
    assertEquals(3, run(other, "scores", Map.of("image", ramp(1, 3, 4, 4))).length);
  }

  // Nodes

  @Test
  void aNodeIsReplacedByOthersOfTheSameType() {
    Model model = classifier();
    String relu = node(model, "Relu").name();
    Model leaky =
        edit(
            model,
            e ->
                e.replaceNode(
                    relu, (b, in) -> b.max(in.get(0), b.mul(in.get(0), b.constant(0.1f)))));
    assertEquals(node(model, "Relu").output(0).name(), node(leaky, "Max").output(0).name());
    assertEquals(outputs(model), outputs(leaky));
    String message = refusal(model, e -> e.replaceNode(relu, (b, in) -> b.flatten(in.get(0))));
    assertTrue(message.contains("instead of float[1,2,4,4]"), message);
  }

  @Test
  void aNodeOfASubgraphIsReplacedThere() {
    Model model = branching();
    String abs = node(model, "If").subgraphs().get(1).nodes().get(0).name();
    Model changed =
        edit(model, e -> e.replaceNode(abs, (b, in) -> b.sqrt(b.mul(in.get(0), in.get(0)))));
    Map<String, Tensor> data = scalarFlag(Map.of("x", ramp(2, 2)));
    assertArrayEquals(run(model, "sum", data), run(changed, "sum", data), 1e-6);
    assertEquals(
        List.of("Mul", "Sqrt", "Mul"),
        node(changed, "If").subgraphs().get(1).nodes().stream().map(Node::opType).toList());
  }

  @Test
  void nodesAreInsertedAfterAValueAndBeforeAnInput() {
    Model model = branching();
    Map<String, Tensor> data = scalarFlag(Map.of("x", ramp(2, 2)));
    String y = node(model, "Relu").output(0).name();
    String add = node(model, "Add").name();
    double[] before = run(model, "sum", data);
    Model after = edit(model, e -> e.insertAfter(y, (b, v) -> b.mul(v, b.constant(2f))));
    Model input = edit(model, e -> e.insertAfter("x", (b, v) -> b.mul(v, b.constant(2f))));
    assertArrayEquals(run(input, "sum", data), run(after, "sum", data));
    Model one = edit(model, e -> e.insertBefore(add, 1, (b, v) -> b.mul(v, b.constant(0f))));
    double[] without = run(one, "sum", data);
    double[] x = ramp(2, 2).toDoubles();
    for (int i = 0; i < before.length; i++) {
      assertEquals(before[i] - Math.max(x[i], 0), without[i], 1e-6);
    }
  }

  @Test
  void aNodeIsRemovedIfItsInputCanTakeItsPlace() {
    Model model = classifier();
    Model removed = edit(model, e -> e.removeNode(node(model, "Relu").name()));
    assertTrue(removed.graph().nodes().stream().noneMatch(n -> n.is("Relu")));
    assertTrue(
        refusal(model, e -> e.removeNode(node(model, "Flatten").name()))
            .contains("its input relu1_out is float[1,2,4,4]"));
    Model last = edit(model, e -> e.removeNode(node(model, "Softmax").name()));
    assertEquals(outputs(model), outputs(last));
  }

  @Test
  void aNodeIsChangedInPlace() {
    Model model = classifier();
    Model changed =
        edit(
            model,
            e ->
                e.changeNode(
                    node(model, "Softmax").name(),
                    n -> n.withOperator("Relu").withoutAttribute("axis")));
    assertEquals(outputs(model), outputs(changed));
    assertTrue(changed.graph().nodes().stream().noneMatch(n -> n.is("Softmax")));
  }

  // Initializers

  @Test
  void anInitializerBecomesAnInputAndBack() {
    Model model = classifier();
    Constant weights = model.graph().constants().get(0);
    Model open = edit(model, e -> e.initializerToInput(weights.name()));
    assertEquals(2, open.graph().inputs().size());
    Map<String, Datum> data =
        Map.of("image", ramp(1, 3, 4, 4), weights.name(), (Tensor) weights.data());
    assertArrayEquals(
        run(model, "probabilities", Map.of("image", ramp(1, 3, 4, 4))),
        run(open, "probabilities", data));
    Model closed = edit(open, e -> e.inputToInitializer(weights.name(), weights.data()));
    assertEquals(inputs(model), inputs(closed));
    assertTrue(
        refusal(open, e -> e.inputToInitializer(weights.name(), Tensor.scalar(1f)))
            .contains("it cannot become float"));
  }

  /** Which has no initializers that are not inputs. */
  @Test
  void anInputOfAModelOfIrVersion3BecomesAnInitializer() {
    Model model = classifier();
    Graph graph = model.graph();
    List<Input> all = new ArrayList<>(graph.inputs());
    graph.constants().forEach(c -> all.add(Input.of(c.name(), c.type())));
    Model old = model.withGraph(graph.withInputs(all)).withVersions(3, model.opsetImports());
    Model closed = edit(old, e -> e.inputToInitializer("image", ramp(1, 3, 4, 4)));
    assertEquals(List.of(), inputs(closed));
    assertArrayEquals(
        run(model, "probabilities", Map.of("image", ramp(1, 3, 4, 4))),
        run(closed, "probabilities", Map.of()));
  }

  // Parts and wholes

  @Test
  void thePartBetweenValuesIsExtracted() {
    Model model = classifier();
    String from = node(model, "Relu").output(0).name();
    String to = node(model, "Gemm").output(0).name();
    Model part = edit(model, e -> e.extract(List.of(from), List.of(to)));
    assertEquals(List.of(from + " float[1,2,4,4]"), inputs(part));
    assertEquals(List.of(to + " float[1,5]"), outputs(part));
    assertEquals(
        List.of("Flatten", "Gemm"), part.graph().nodes().stream().map(Node::opType).toList());
  }

  @Test
  void aPartTakesWhatItsSubgraphsCapture() {
    Model model = branching();
    String y = node(model, "Relu").output(0).name();
    Model part = edit(model, e -> e.extract(List.of("flag", y), List.of("sum")));
    assertEquals(List.of("flag bool[]", y + " float[N,2]"), inputs(part));
    assertEquals(
        "sum also depends on flag; name what the part is to take in their place",
        refusal(model, e -> e.extract(List.of(y), List.of("sum"))));
  }

  @Test
  void partsPutTogetherAreTheWhole() {
    Model model = edit(classifier(), e -> e.symbolicBatch("N"));
    String middle = node(model, "Relu").output(0).name();
    Model front = edit(model, e -> e.extract(List.of("image"), List.of(middle)));
    Model back =
        edit(
            model,
            e ->
                e.extract(List.of(middle), List.of("probabilities"))
                    .renameDimension("N", "batch")
                    .renameInput(middle, "features"));
    Model whole = edit(front, e -> e.append(back, Map.of(middle, "features")));
    assertEquals(List.of("probabilities float[N,5]"), outputs(whole));
    Map<String, Tensor> data = Map.of("image", ramp(2, 3, 4, 4));
    assertArrayEquals(run(model, "probabilities", data), run(whole, "probabilities", data));
  }

  /** Of the two symbols that meet in one size, neither is left. */
  @Test
  void oneOutputBecomesSeveralInputs() {
    GraphBuilder first = GraphBuilder.of("first");
    Value x = first.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,2")));
    first.output(first.neg(x), "negated");
    first.output(first.relu(x), "positive");
    GraphBuilder second = GraphBuilder.of("second");
    Value a = second.input("a", TensorType.of(ElementType.FLOAT, Shape.parse("A,2")));
    Value b = second.input("b", TensorType.of(ElementType.FLOAT, Shape.parse("B,2")));
    Value c = second.input("c", TensorType.of(ElementType.FLOAT, Shape.parse("C,2")));
    second.output(second.sub(second.mul(a, b), c), "y");
    second.output(second.exp(b), "z");
    List<Map.Entry<String, String>> connections =
        List.of(Map.entry("negated", "a"), Map.entry("positive", "c"), Map.entry("negated", "b"));
    Model whole = edit(first.buildModel(), e -> e.append(second.buildModel(), connections));
    assertEquals(List.of("y float[N,2]", "z float[N,2]"), outputs(whole));
    Map<String, Tensor> data = Map.of("x", Tensor.ofFloats(new float[] {3, -2}, 1, 2));
    assertArrayEquals(new double[] {6, 4}, run(whole, "y", data));
    assertEquals(
        "Two outputs are connected to input a: negated and positive",
        refusal(
            first.buildModel(),
            e ->
                e.append(
                    second.buildModel(),
                    List.of(Map.entry("negated", "a"), Map.entry("positive", "a")))));
  }

  @Test
  void modelsThatDoNotGoTogetherAreRefused() {
    Model model = classifier();
    assertTrue(
        refusal(model, e -> e.append(model, Map.of("probabilities", "image")))
            .startsWith("Output probabilities is float[1,5]; it cannot be input image"));
    GraphBuilder old = GraphBuilder.of("old", 12);
    old.output(old.softmax(old.input("p", TensorType.of(ElementType.FLOAT, 1, 5)), 1), "q");
    String message = refusal(model, e -> e.append(old.buildModel(), Map.of("probabilities", "p")));
    assertTrue(message.contains("these operators differ between the two: Softmax"), message);
    GraphBuilder near = GraphBuilder.of("near", 20);
    near.output(near.sin(near.input("p", TensorType.of(ElementType.FLOAT, 1, 5))), "q");
    Model merged = edit(model, e -> e.append(near.buildModel(), Map.of("probabilities", "p")));
    assertEquals(List.of("q float[1,5]"), outputs(merged));
  }

  @Test
  void repeatedNodesBecomeAFunction() {
    GraphBuilder b = GraphBuilder.of("m");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,4")));
    for (int i = 0; i < 3; i++) {
      Value w = b.constant("w" + i, ramp(4, 4));
      x = b.add(b.relu(b.matMul(x, w)), x);
    }
    b.output(x, "y");
    Model model = b.buildModel();
    Model outlined = edit(model, e -> e.outline("my.Block", "matMul1", "relu1", "add1"));
    assertEquals(
        List.of("my.Block", "my.Block", "my.Block"),
        outlined.graph().nodes().stream().map(Node::operator).toList());
    Map<String, Tensor> data = Map.of("x", ramp(2, 4));
    assertArrayEquals(run(model, "y", data), run(outlined, "y", data));
    Model inlined = edit(outlined, ModelEditor::inlineFunctions);
    assertEquals(9, inlined.graph().nodes().size());
    assertArrayEquals(run(model, "y", data), run(inlined, "y", data));
    assertEquals(
        "Between the nodes there is another that uses one and is used by one; name it too",
        refusal(model, e -> e.outline("my.Block", "matMul1", "add1")));
  }

  @Test
  void weightsDocsMetadataAndTypesAreLeftOut() {
    Model model = classifier();
    Model light = edit(model, e -> e.withoutWeights(10));
    assertTrue(light.graph().constants().stream().noneMatch(c -> ((Tensor) c.data()).size() >= 10));
    assertEquals(outputs(model), outputs(light));
    Model untyped = edit(model, ModelEditor::withoutTypes);
    assertFalse(node(untyped, "Conv").output(0).type().isKnown());
    Model noted = model.withMetadata(dev.sardonyx.ir.Metadata.of("a doc", Map.of("key", "value")));
    assertEquals(
        Map.of("key", "value"), edit(noted, ModelEditor::withoutDocs).metadata().properties());
    assertTrue(edit(noted, ModelEditor::withoutMetadata).metadata().isEmpty());
  }

  /** Old opsets have no ConstantOfShape, and old files every initializer among the inputs. */
  @Test
  void weightsAreLeftOutWhereverTheyAre() {
    Tensor weights = Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4);
    TensorType type = weights.type();
    for (ElementType element : List.of(ElementType.FLOAT, ElementType.INT4)) {
      Tensor tensor = Tensor.ofNumbers(element, new double[] {1, 2, 3, 4}, 4);
      Node branch = Node.of("Constant", List.of(), List.of(Result.of("k", type)));
      Node constant = branch.withAttribute(Attribute.ofTensor("value", weights));
      Graph body =
          Graph.of(
              "then",
              List.of(),
              List.of(Output.of("s", type)),
              List.of(constant, Node.of("Add", List.of("k", "v"), List.of(Result.of("s", type)))),
              List.of(Constant.of("v", weights)));
      Graph graph =
          Graph.of(
              "main",
              List.of(
                  Input.of("c", TensorType.of(ElementType.BOOL, Shape.SCALAR)),
                  Input.of("given", tensor.type())),
              List.of(Output.of("y", type), Output.of("own", tensor.type())),
              List.of(
                  Node.of(
                      "If",
                      List.of("c"),
                      List.of(Result.of("y", type)),
                      Attribute.ofGraph("then_branch", body),
                      Attribute.ofGraph("else_branch", body))),
              List.of(Constant.of("given", tensor), Constant.of("own", tensor)));
      for (int opset : new int[] {8, 21}) {
        Model light = ModelEditor.of(Model.of(graph, opset)).withoutWeights(4).model();
        assertEquals(List.of(0.0), elements(light.graph()), element + " of opset " + opset);
      }
    }
  }

  /** All that tensors of two elements and more are made of. */
  private static List<Double> elements(Graph graph) {
    List<Tensor> tensors = new ArrayList<>();
    graph.constants().forEach(c -> tensors.add((Tensor) c.data()));
    List<Double> elements = new ArrayList<>();
    for (Node node : graph.nodes()) {
      node.attributes().forEach(a -> a.value().toTensor().ifPresent(tensors::add));
      node.subgraphs().forEach(g -> elements.addAll(elements(g)));
    }
    tensors.stream()
        .filter(t -> t.size() > 1)
        .forEach(t -> Arrays.stream(t.toDoubles()).forEach(elements::add));
    return elements.stream().distinct().toList();
  }

  // Functions

  @Test
  void aFunctionIsWrittenAsAGraphIs() {
    Function scaled =
        FunctionBuilder.function(
            "my.ScaledRelu",
            21,
            f -> {
              Value x = f.input("x");
              Value scale = f.attribute(Attribute.ofFloat("scale", 3f));
              Value sum =
                  f.node(
                      "ReduceSum",
                      List.of(f.mul(f.relu(x), scale), f.longs("axes", 1)),
                      f.reference("keepdims", "keep", AttributeType.INT));
              f.output(sum, "y");
            });
    assertEquals(List.of("keep"), scaled.attributes());
    GraphBuilder b = GraphBuilder.of("m").importDomain("my", 1).function(scaled);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 1, 2));
    b.output(b.node("my.ScaledRelu", List.of(x), Attribute.ofInt("keep", 0)), "three");
    b.output(
        b.node(
            "my.ScaledRelu", List.of(x), Attribute.ofInt("keep", 1), Attribute.ofFloat("scale", 2)),
        "two");
    Model model = b.buildModel();
    Map<String, Tensor> data = Map.of("x", Tensor.ofFloats(new float[] {-1, 5}, 1, 2));
    assertArrayEquals(new double[] {15}, run(model, "three", data));
    assertArrayEquals(new double[] {10}, run(model, "two", data));
    assertEquals(List.of("three float[1]", "two float[1,1]"), outputs(model));
    Model renamed = edit(model, e -> e.renameFunction("my.ScaledRelu", "other.Scaled"));
    assertArrayEquals(new double[] {15}, run(renamed, "three", data));
  }

  /** Nodes that call an operator would be calls of a function that takes its name. */
  @Test
  void aFunctionTakesNoNameThatNodesHave() {
    Model model =
        edit(classifier(), e -> e.outline("my.Stem", "conv1", "relu1").outline("my.End", "dense1"));
    assertEquals("There is already a function my.End", refused(model, "my.End"));
    for (String onnx : List.of("Softmax", "ai.onnx.Softmax", "Own", "my.", "")) {
      assertTrue(refused(model, onnx).contains("a name and a domain of its own"), onnx);
    }
    Model foreign =
        edit(
            model.withOpsetImport("their", 1),
            e -> e.changeNode("softmax1", n -> n.withOperator("their.Softmax")));
    String taken = "Node softmax1 has the operator their.Softmax already";
    assertEquals(taken, refused(foreign, "their.Softmax"));
    assertEquals(taken, refusal(foreign, e -> e.outline("their.Softmax", "flatten1")));
    assertTrue(refusal(model, e -> e.renameFunction("my.Lost", "my.X")).contains("has my.End, my"));
  }

  private static String refused(Model model, String to) {
    return refusal(model, e -> e.renameFunction("my.Stem", to));
  }

  @Test
  void theElementTypeThatIsThereNeedsNoCast() {
    Model model = classifier();
    assertEquals(model, edit(model, e -> e.inputElementType("image", ElementType.FLOAT)));
    assertEquals(model, edit(model, e -> e.outputElementType("probabilities", ElementType.FLOAT)));
  }

  @Test
  void whatIsNoSymbolIsNoneOfABatch() {
    for (String symbol : List.of("", " ", "3", "N+1", "?")) {
      assertTrue(
          refusal(classifier(), e -> e.symbolicBatch(symbol)).contains("not '" + symbol + "'"));
    }
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullsAreRefusedInWords() {
    Model model = classifier();
    List<UnaryOperator<ModelEditor>> edits =
        List.of(
            e -> e.prefix(null),
            e -> e.prefixInside(null),
            e -> e.renameInput("image", null),
            e -> e.renameNode("conv1", null),
            e -> e.symbolicBatch(null),
            e -> e.dimension("image", 0, null),
            e -> e.initializer("dense1.bias", null),
            e -> e.changeNode("relu1", n -> null),
            e -> e.replaceNode("relu1", (b, v) -> null),
            e -> e.replaceNodes("relu1", (b, v) -> null),
            e -> e.insertAfter("image", (b, v) -> null),
            e -> e.insertBefore("relu1", 0, (b, v) -> null),
            e -> e.replaceHead("relu1_out", "end", (b, v) -> null));
    edits.forEach(
        edit -> assertTrue(refusal(model, edit).contains("is null"), refusal(model, edit)));
  }

  @Test
  void anInputOfANegativeNumberIsNotThere() {
    String refusal = refusal(classifier(), e -> e.insertBefore("dense1", -1, (b, v) -> b.relu(v)));
    assertTrue(refusal.startsWith("Node dense1 has no input -1; it has"), refusal);
  }

  @Test
  void functionsAreNamedAndHaveEachAttributeOnce() {
    for (String name : List.of("", "my.", "Relu", "ai.onnx.Relu")) {
      String refusal =
          assertThrows(
                  GraphBuildException.class,
                  () -> FunctionBuilder.function(name, 21, f -> f.output(f.input("x"), "y")))
              .getMessage();
      assertTrue(refusal.contains("Function '" + name + "' needs a name and"), refusal);
    }
    List<Consumer<FunctionBuilder>> again =
        List.of(
            f -> f.attribute(Attribute.ofFloat("scale", 2f)),
            f -> f.attribute("scale", AttributeType.FLOAT));
    for (Consumer<FunctionBuilder> second : again) {
      String refusal =
          assertThrows(
                  GraphBuildException.class,
                  () ->
                      FunctionBuilder.function(
                          "my.F",
                          21,
                          f -> {
                            f.output(
                                f.mul(f.input("x"), f.attribute(Attribute.ofFloat("scale", 1f))),
                                "y");
                            second.accept(f);
                          }))
              .getMessage();
      assertTrue(refusal.contains("has an attribute scale already"), refusal);
    }
  }

  @Test
  void theOriginalStays() {
    Model model = classifier();
    String before = model.toString();
    edit(model, e -> e.symbolicBatch("N").addOutput("relu1_out").prefixInside("p."));
    assertEquals(before, model.toString());
    Input image = model.graph().inputs().get(0);
    Output probabilities = model.graph().outputs().get(0);
    assertEquals("float[1,3,4,4] float[1,5]", image.type() + " " + probabilities.type());
  }
}
