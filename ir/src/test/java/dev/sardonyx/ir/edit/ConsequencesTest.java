package dev.sardonyx.ir.edit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.FunctionBuilder;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What an edit changes elsewhere: types that follow from it, names, imports, defaults. */
class ConsequencesTest {
  private static final TensorType FLOATS = TensorType.of(ElementType.FLOAT, 2, 3);

  private static Model edit(Model model, UnaryOperator<ModelEditor> edits) {
    return edits.apply(ModelEditor.of(model)).model();
  }

  private static String type(Model model, String output) {
    return GraphIndex.of(model.graph()).type(output).toString();
  }

  private static double[] run(Model model, String output, Map<String, ? extends Datum> inputs) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model, Options.DEFAULT)) {
      return ((Tensor) Objects.requireNonNull(prepared.run(new HashMap<>(inputs)).get(output)))
          .toDoubles();
    }
  }

  private static Tensor ramp(long... dims) {
    int size = 1;
    for (long d : dims) {
      size *= (int) d;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i - 2;
    }
    return Tensor.ofFloats(values, dims);
  }

  /** A model of one Relu, whose result is named as the builder names that of a first Relu. */
  private static Model relu() {
    GraphBuilder b = GraphBuilder.of("m");
    b.output(b.sqrt(b.relu(b.input("x", FLOATS))), "y");
    return b.buildModel();
  }

  @Test
  void namesInsideWhatIsBuiltGiveWayToThoseOfTheModel() {
    Model model = relu();
    String value = model.graph().nodes().get(0).output(0).name();
    String node = model.graph().nodes().get(0).name();
    Map<String, Tensor> data = Map.of("x", ramp(2, 3));
    List<UnaryOperator<ModelEditor>> edits =
        List.of(
            e -> e.replaceNode(node, (b, in) -> b.abs(b.relu(in.get(0)))),
            e -> e.insertAfter(value, (b, v) -> b.abs(b.relu(v))),
            e -> e.insertBefore(node, 0, (b, v) -> b.abs(b.relu(v))),
            e -> e.insertAfter("x", (b, v) -> b.abs(b.relu(v))),
            e ->
                e.renameOutput("y", "relu2_out")
                    .replaceHead(value, "abs1_out", (b, v) -> b.sqrt(b.abs(v))));
    for (UnaryOperator<ModelEditor> one : edits) {
      Model edited = edit(model, one);
      String output = edited.graph().outputs().get(0).name();
      assertArrayEquals(run(model, "y", data), run(edited, output, data));
    }
  }

  /** Both branches put two values together along an axis. */
  private static Model branches() {
    GraphBuilder b = GraphBuilder.of("m");
    Value x = b.input("x", FLOATS);
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value z =
        b.ifThenElse(flag, t -> t.concat(0, List.of(x, x)), e -> e.abs(e.concat(0, List.of(x, x))));
    b.output(b.relu(z), "y");
    return b.buildModel();
  }

  @Test
  void whatChangesInSubgraphsChangesTypesAroundThem() {
    Model model = branches();
    assertEquals("float[4,3]", type(model, "y"));
    List<String> concats = new ArrayList<>();
    Everywhere.nodes(
        model.graph(),
        n -> {
          if (n.is("Concat")) {
            concats.add(n.name());
          }
        });
    ModelEditor editor = ModelEditor.of(model);
    for (String concat : concats) {
      editor = editor.changeNode(concat, n -> n.withAttribute(Attribute.ofInt("axis", 1)));
    }
    assertEquals("float[2,6]", type(editor.model(), "y"));
    ModelEditor inserted = ModelEditor.of(model);
    for (String concat : concats) {
      inserted = inserted.insertBefore(concat, 1, (b, v) -> b.concat(0, List.of(v, v)));
    }
    assertEquals("float[6,3]", type(inserted.model(), "y"));
  }

  @Test
  void otherNumbersInAnInitializerCanMeanOtherShapes() {
    GraphBuilder b = GraphBuilder.of("m");
    Value shape = b.constant("shape", Tensor.ofLongs(new long[] {3, 2}, 2));
    b.output(b.relu(b.reshape(b.input("x", FLOATS), shape)), "y");
    Model model = b.buildModel();
    Model other = edit(model, e -> e.initializer("shape", Tensor.ofLongs(new long[] {6, 1}, 2)));
    assertEquals("float[6,1]", type(other, "y"));
    assertEquals("float[?,?]", type(edit(model, e -> e.initializerToInput("shape")), "y"));
  }

  @Test
  void defaultsOfInputsAreNeitherBatchesNorRequired() {
    GraphBuilder b = GraphBuilder.of("m");
    Value w = b.constant("w", ramp(2, 3));
    b.output(b.relu(b.add(b.relu(b.input("x", FLOATS)), w)), "y");
    Model built = b.buildModel();
    Graph graph = built.graph();
    List<Input> inputs = new ArrayList<>(graph.inputs());
    inputs.add(Input.of("w", FLOATS));
    // As files of IR version 3 have it: initializers are inputs, too.
    Model model = built.withGraph(graph.withInputs(inputs)).withVersions(3, built.opsetImports());
    Model batched = edit(model, e -> e.dimension("x", 0, "2").symbolicBatch("N"));
    assertEquals("float[N,3]", type(batched, "x"));
    assertEquals("float[2,3]", type(batched, "w"));
    String middle = graph.nodes().get(0).output(0).name();
    Model part = edit(model, e -> e.extract(List.of(middle), List.of("y")));
    assertEquals(List.of(middle, "w"), part.graph().inputs().stream().map(Input::name).toList());
    assertArrayEquals(
        run(model, "y", Map.of("x", Tensor.ofFloats(new float[6], 2, 3))),
        run(part, "y", Map.of(middle, Tensor.ofFloats(new float[6], 2, 3))));
  }

  @Test
  void newOutputsHaveTypesInModelsWithoutThem() {
    Model model = edit(relu(), ModelEditor::withoutTypes);
    String value = model.graph().nodes().get(0).output(0).name();
    assertEquals("float[2,3]", outputType(edit(model, e -> e.addOutput(value)), value));
    assertEquals("float[2,3]", outputType(edit(model, e -> e.outputs(value)), value));
    Model head = edit(model, e -> e.replaceHead(value, "z", (b, v) -> b.transpose(v, 1, 0)));
    assertEquals("float[3,2]", outputType(head, "z"));
  }

  private static String outputType(Model model, String name) {
    return Values.output(model.graph(), name).type().toString();
  }

  @Test
  void callsOfAnOutlinedFunctionNeverNeedEachOther() {
    GraphBuilder b = GraphBuilder.of("m");
    Value a1 = b.relu(b.input("x", FLOATS));
    Value b1 = b.relu(b.input("z", FLOATS));
    b.output(b.add(a1, b1), "a2");
    b.output(b.add(b1, a1), "b2");
    Model model = b.buildModel();
    Model outlined = edit(model, e -> e.outline("my.Block", "relu1", "add1"));
    Map<String, Tensor> data = Map.of("x", ramp(2, 3), "z", ramp(2, 3));
    assertArrayEquals(run(model, "a2", data), run(outlined, "a2", data));
    assertArrayEquals(run(model, "b2", data), run(outlined, "b2", data));
  }

  @Test
  void aSubgraphInAnOutlinedNodeUsesWhatItUsed() {
    Input flag = Input.of("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Input other = Input.of("other", flag.type());
    Model model =
        Model.of(
            Graph.of(
                "m",
                List.of(flag, other),
                List.of(Output.of("y1", flag.type()), Output.of("y2", flag.type())),
                List.of(branch("first", "flag", "y1"), branch("second", "other", "y2")),
                List.of()),
            21);
    assertTrue(Checker.check(model).errors().isEmpty(), Checker.check(model).toString());
    Model outlined = edit(model, e -> e.outline("my.Choice", "first"));
    Map<String, Tensor> data =
        Map.of(
            "flag", Tensor.ofBooleans(new boolean[] {false}).reshape(),
            "other", Tensor.ofBooleans(new boolean[] {true}).reshape());
    for (String output : List.of("y1", "y2")) {
      assertArrayEquals(run(model, output, data), run(outlined, output, data));
    }
  }

  /** An If whose branches both use the value {@code flag}, whatever its condition is. */
  private static Node branch(String name, String condition, String output) {
    List<Attribute> branches = new ArrayList<>();
    for (String branch : List.of("then_branch", "else_branch")) {
      String inside = branch + "_out";
      branches.add(
          Attribute.ofGraph(
              branch,
              Graph.of(
                  branch,
                  List.of(),
                  List.of(Output.of(inside, ValueType.unknown())),
                  List.of(Node.of("Identity", List.of("flag"), List.of(Result.of(inside)))),
                  List.of())));
    }
    return Node.of(
            "If",
            List.of(condition),
            List.of(Result.of(output)),
            branches.toArray(Attribute[]::new))
        .withName(name);
  }

  @Test
  void whoCallsARenamedFunctionImportsItsDomain() {
    Function inner =
        FunctionBuilder.function("my.Inner", 21, f -> f.output(f.relu(f.input("x")), "y"));
    Function outer =
        new Function(
            "my",
            "Outer",
            "",
            List.of("x"),
            List.of("y"),
            List.of(),
            List.of(),
            List.of(
                Node.of("Inner", List.of("x"), List.of(Result.of("y"))).withOperator("my.Inner")),
            List.of(OpsetImport.onnx(21), OpsetImport.of("my", 1)),
            List.of(),
            Metadata.EMPTY);
    GraphBuilder b = GraphBuilder.of("m").function(inner).function(outer);
    b.output(b.node("my.Outer", List.of(b.input("x", FLOATS))), "y");
    Model model = b.buildModel();
    Model renamed = edit(model, e -> e.renameFunction("my.Inner", "other.Inner"));
    assertEquals(
        List.of(1L),
        renamed.functions().stream()
            .filter(f -> f.name().equals("Outer"))
            .map(f -> OpsetImport.version(f.opsetImports(), "other").orElse(0))
            .toList());
  }

  @Test
  void anInputThatIsAnOutputTooStaysWhatItIs() {
    Graph graph =
        Graph.of(
            "m",
            List.of(Input.of("x", FLOATS)),
            List.of(Output.of("x", FLOATS), Output.of("y", FLOATS)),
            List.of(Node.of("Relu", List.of("x"), List.of(Result.of("y")))),
            List.of());
    Model model = Model.of(graph, 21);
    for (UnaryOperator<ModelEditor> edit :
        List.<UnaryOperator<ModelEditor>>of(
            e -> e.insertAfter("x", (b, v) -> b.neg(v)),
            e -> e.inputElementType("x", ElementType.DOUBLE))) {
      String message = assertThrows(EditException.class, () -> edit(model, edit)).getMessage();
      assertTrue(message.contains("x is an output"), message);
    }
  }

  @Test
  void whatOnlyAnnotationsNameFollowsToo() {
    Model plain = relu();
    Graph graph = plain.graph();
    String value = graph.nodes().get(0).output(0).name();
    Model model =
        plain.withGraph(
            graph
                .withConstants(List.of(Constant.of("scale", Tensor.scalar(0.5f))))
                .withQuantization(
                    List.of(
                        new QuantizationAnnotation(
                            value, Map.of("SCALE_TENSOR", "scale"), Metadata.EMPTY))));
    Model renamed = edit(model, e -> e.renameValue("scale", "step").renameValue(value, "r"));
    QuantizationAnnotation annotation = renamed.graph().quantization().get(0);
    assertEquals("r", annotation.value());
    assertEquals(Map.of("SCALE_TENSOR", "step"), annotation.parameters());
    Model next = edit(model, e -> e.renameOutput("y", "z"));
    List<UnaryOperator<ModelEditor>> edits =
        List.of(
            e -> e.removeNode(graph.nodes().get(0).name()),
            e -> e.outline("my.Block", graph.nodes().get(0).name(), graph.nodes().get(1).name()),
            e -> e.append(next, Map.of("y", "x")),
            e -> e.prefix("p/"),
            e -> e.extract(List.of(value), List.of("y")));
    for (UnaryOperator<ModelEditor> one : edits) {
      Model edited = edit(model, one);
      for (QuantizationAnnotation each : edited.graph().quantization()) {
        assertTrue(Values.of(edited.graph()).contains(each.value()), each.toString());
        assertTrue(Values.of(edited.graph()).containsAll(each.parameters().values()));
      }
    }
  }

  @Test
  void elementTypesStayWhereOnlyShapesAreInferredAnew() {
    Node custom =
        new Node(
            "com.custom",
            "Op",
            "",
            "custom",
            List.of("x"),
            List.of(),
            List.of(Result.of("c", FLOATS)),
            Metadata.EMPTY);
    Graph graph =
        Graph.of(
            "m",
            List.of(Input.of("x", FLOATS)),
            List.of(Output.of("y", FLOATS)),
            List.of(
                custom,
                Node.of("Relu", List.of("c"), List.of(Result.of("r", FLOATS))),
                Node.of("Reshape", List.of("r", "shape"), List.of(Result.of("y", FLOATS)))),
            List.of(Constant.of("shape", Tensor.ofLongs(new long[] {-1, 3}, 2))));
    Model model = Model.of(graph, 21).withOpsetImport("com.custom", 1);
    Model edited = edit(model, e -> e.dimension("x", 0, "N"));
    assertEquals("float[?,3]", type(edited, "y"));
  }
}
