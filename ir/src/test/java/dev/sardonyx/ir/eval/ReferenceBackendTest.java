package dev.sardonyx.ir.eval;

import static dev.sardonyx.ir.eval.TensorAssert.assertEquals;
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
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReferenceBackendTest {
  private static final ReferenceBackend BACKEND = new ReferenceBackend();
  private static final TensorType ROW = TensorType.of(ElementType.FLOAT, Shape.parse("N,2"));

  private static Node node(
      String operator, String inputs, String outputs, Attribute... attributes) {
    return Node.of(
        operator,
        List.of(inputs.split(",", -1)),
        List.of(outputs.split(",", -1)).stream().map(Result::of).toList(),
        attributes);
  }

  private static Graph graph(List<Input> inputs, String output, Constant constant, Node... nodes) {
    return Graph.of(
        "g",
        inputs,
        List.of(Output.of(output, ValueType.unknown())),
        List.of(nodes),
        constant == null ? List.of() : List.of(constant));
  }

  private static Model model(Graph graph) {
    return Model.of(graph, 17);
  }

  private static Tensor row(float a, float b) {
    return Tensor.ofFloats(new float[] {a, b}, 1, 2);
  }

  private static Map<String, Datum> run(Model model, Options options, Map<String, Datum> inputs) {
    try (PreparedModel prepared = BACKEND.prepare(model, options)) {
      return prepared.run(inputs);
    }
  }

  private static Model chain() {
    return model(
        graph(
            List.of(Input.of("x", ROW)),
            "z",
            Constant.of("one", Tensor.scalar(1f)),
            node("Add", "x,one", "y"),
            node("Mul", "y,y", "z"),
            node("Sqrt", "z", "unused")));
  }

  @Test
  void givesIntermediateValuesInTheOrderAskedFor() {
    Map<String, Datum> outputs =
        run(
            chain(),
            Options.DEFAULT.withOutputs(List.of("unused", "y", "x")),
            Map.of("x", row(1, 2)));
    assertEquals(List.of("unused", "y", "x"), List.copyOf(outputs.keySet()));
    assertEquals(row(2, 3), outputs.get("y"));
    assertEquals(row(2, 3), outputs.get("unused"));
    assertEquals(row(1, 2), outputs.get("x"));
    assertEquals(Map.of("z", row(4, 9)), run(chain(), Options.DEFAULT, Map.of("x", row(1, 2))));
  }

  @Test
  void whatIsNotThereCannotBeAskedFor() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> BACKEND.prepare(chain(), Options.DEFAULT.withOutputs(List.of("nowhere"))));
    assertTrue(e.getMessage().contains("nowhere"), e.getMessage());
  }

  @Test
  void aGraphThatUsesWhatItDoesNotDefineIsRefused() {
    Model model = model(graph(List.of(Input.of("x", ROW)), "y", null, node("Add", "x,lost", "y")));
    String reason = BACKEND.whyUnsupported(model).orElseThrow();
    assertTrue(reason.contains("lost") && reason.contains("Add -> y"), reason);
  }

  @Test
  void inputsAreCheckedAgainstTheirDeclaration() {
    try (PreparedModel prepared = BACKEND.prepare(chain())) {
      assertMessage("x", () -> prepared.run(Map.of()));
      assertMessage("w", () -> prepared.run(Map.of("x", row(1, 2), "w", row(1, 2))));
      assertMessage(
          "float[N,2]", () -> prepared.run(Map.of("x", Tensor.ofFloats(new float[3], 1, 3))));
      assertMessage(
          "int64[1,2]", () -> prepared.run(Map.of("x", Tensor.ofLongs(new long[2], 1, 2))));
    }
  }

  private static void assertMessage(String part, Runnable action) {
    String message = assertThrows(IllegalArgumentException.class, action::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void defaultsOfInputsMayBeGivenAnotherValue() {
    Model model =
        model(
            graph(
                List.of(Input.of("x", ROW), Input.of("one", TensorType.of(ElementType.FLOAT))),
                "y",
                Constant.of("one", Tensor.scalar(1f)),
                node("Add", "x,one", "y")));
    assertEquals(row(2, 3), run(model, Options.DEFAULT, Map.of("x", row(1, 2))).get("y"));
    assertEquals(
        row(11, 12),
        run(model, Options.DEFAULT, Map.of("x", row(1, 2), "one", Tensor.scalar(10f))).get("y"));
  }

  @Test
  void aClosedModelSaysSo() {
    PreparedModel prepared = BACKEND.prepare(chain());
    prepared.close();
    assertThrows(IllegalStateException.class, () -> prepared.run(Map.of("x", row(1, 2))));
  }

  @Test
  void unknownOperatorsAreNamed() {
    Model model =
        model(graph(List.of(Input.of("x", ROW)), "y", null, node("Frobnicate", "x", "y")));
    String reason = BACKEND.whyUnsupported(model).orElseThrow();
    assertTrue(reason.contains("Frobnicate"), reason);
    assertThrows(UnsupportedModelException.class, () -> BACKEND.prepare(model));
    assertEquals(List.of(), List.of(BACKEND.whyUnsupported(chain()).stream().toArray()));
  }

  @Test
  void errorsNameNodeTypesAndReason() {
    Model model =
        model(
            graph(
                List.of(Input.of("x", ROW)),
                "y",
                Constant.of("w", Tensor.ofFloats(new float[6], 3, 2)),
                node("MatMul", "x,w", "y")));
    EvaluationException e =
        assertThrows(
            EvaluationException.class, () -> run(model, Options.DEFAULT, Map.of("x", row(1, 2))));
    assertTrue(e.getMessage().startsWith("MatMul of x float[1,2], w float[3,2]: "), e.getMessage());
  }

  /** {@code Scaled<factor>(x) = x * factor}, whose attribute has a default. */
  private static Function scaled() {
    return new Function(
        "own",
        "Scaled",
        "",
        List.of("x", "shift"),
        List.of("y"),
        List.of(),
        List.of(Attribute.ofFloat("factor", 3)),
        List.of(
            new Node(
                "",
                "Constant",
                "",
                "",
                List.of(),
                List.of(Attribute.ofReference("value_float", "factor", AttributeType.FLOAT)),
                List.of(Result.of("f")),
                Metadata.EMPTY),
            node("Mul", "x,f", "y")),
        List.of(OpsetImport.onnx(17)),
        List.of(),
        Metadata.EMPTY);
  }

  private static Node call(String input, String output, Attribute... attributes) {
    return new Node(
        "own",
        "Scaled",
        "",
        "",
        List.of(input),
        List.of(attributes),
        List.of(Result.of(output)),
        Metadata.EMPTY);
  }

  @Test
  void functionsOfTheModelAreCalledWithTheirAttributes() {
    Model model =
        model(
                graph(
                    List.of(Input.of("x", ROW)),
                    "z",
                    null,
                    call("x", "y"),
                    call("y", "z", Attribute.ofFloat("factor", -1))))
            .withFunctions(List.of(scaled()))
            .withOpsetImport("own", 1);
    assertEquals(row(-3, -6), run(model, Options.DEFAULT, Map.of("x", row(1, 2))).get("z"));
  }

  @Test
  void aFunctionThatCallsItselfIsRefused() {
    Function endless = scaled().withNodes(List.of(call("x", "y")));
    Model model =
        model(graph(List.of(Input.of("x", ROW)), "y", null, call("x", "y")))
            .withFunctions(List.of(endless));
    assertTrue(BACKEND.whyUnsupported(model).orElseThrow().contains("calls itself"));
  }

  @Test
  void bodiesSeeTheValuesAroundThem() {
    // total += x * i in each round, unless i is 1
    Graph add =
        graph(
            List.of(),
            "more",
            null,
            node("Mul", "x,round", "product"),
            node("Add", "total,product", "more"));
    Graph keep = graph(List.of(), "same", null, node("Identity", "total", "same"));
    TensorType scalar = TensorType.of(ElementType.FLOAT);
    Graph body =
        Graph.of(
            "body",
            List.of(
                Input.of("i", TensorType.of(ElementType.INT64)),
                Input.of("going", TensorType.of(ElementType.BOOL)),
                Input.of("total", ROW)),
            List.of(
                Output.of("goingOn", TensorType.of(ElementType.BOOL)),
                Output.of("next", ROW),
                Output.of("round", scalar)),
            List.of(
                node("Identity", "going", "goingOn"),
                node("Cast", "i", "round", Attribute.ofInt("to", ElementType.FLOAT.code())),
                node("Equal", "i,one", "skip"),
                node(
                    "If",
                    "skip",
                    "next",
                    Attribute.ofGraph("then_branch", keep),
                    Attribute.ofGraph("else_branch", add))),
            List.of());
    Graph main =
        Graph.of(
            "main",
            List.of(Input.of("x", ROW), Input.of("n", TensorType.of(ElementType.INT64))),
            List.of(Output.of("sum", ROW), Output.of("rounds", ValueType.unknown())),
            List.of(
                node("Sub", "x,x", "zero"),
                node("Loop", "n,,zero", "sum,rounds", Attribute.ofGraph("body", body))),
            List.of(Constant.of("one", Tensor.scalar(1L))));
    Map<String, Datum> four =
        run(model(main), Options.DEFAULT, Map.of("x", row(1, 2), "n", Tensor.scalar(4L)));
    assertEquals(row(5, 10), four.get("sum"));
    assertEquals(Tensor.ofFloats(new float[] {0, 1, 2, 3}, 4), four.get("rounds"));
    Map<String, Datum> none =
        run(model(main), Options.DEFAULT, Map.of("x", row(1, 2), "n", Tensor.scalar(0L)));
    assertEquals(row(0, 0), none.get("sum"));
    assertEquals(Tensor.ofFloats(new float[0], 0), none.get("rounds"));
  }

  @Test
  void singleNodesAreEvaluatedOnConstants() {
    List<OpsetImport> imports = List.of(OpsetImport.onnx(17));
    Node add = node("Add", "a,b", "c");
    assertTrue(ReferenceBackend.supports(add, imports));
    assertFalse(ReferenceBackend.supports(node("Frobnicate", "a", "b"), imports));
    assertFalse(ReferenceBackend.supports(node("Scatter", "a,b,c", "d"), imports));
    assertEquals(
        List.of(row(4, 6)), ReferenceBackend.evaluate(add, imports, List.of(row(1, 2), row(3, 4))));
  }

  @Test
  void equalSeedsDrawEqualNumbers() {
    One uniform =
        One.of("RandomUniform", 17, Attribute.ofInts("shape", 2), Attribute.ofFloat("seed", 0));
    // NumPy's RandomState(0).rand(2)
    assertEquals(Tensor.ofFloats(new float[] {0.5488135f, 0.71518934f}, 2), uniform.of());
    One normal =
        One.of("RandomNormal", 17, Attribute.ofInts("shape", 2), Attribute.ofFloat("seed", 0));
    // NumPy's RandomState(0).randn(2)
    assertEquals(Tensor.ofFloats(new float[] {1.7640524f, 0.4001572f}, 2), normal.of());
  }

  @Test
  void outputsAreTensorsByName() {
    try (PreparedModel prepared = BACKEND.prepare(chain(), Options.DEFAULT)) {
      dev.sardonyx.ir.backend.Outputs outputs = prepared.run(Map.of("x", row(1, 2)));
      assertEquals(outputs.tensor("z"), outputs.tensor());
      assertEquals(outputs.get("z"), outputs.tensor());
      String message =
          assertThrows(IllegalArgumentException.class, () -> outputs.tensor("w")).getMessage();
      assertTrue(message.contains("There is no output w; there is z"), message);
    }
  }

  @Test
  void operandsThatDoNotFitAreNamed() {
    Tensor x = Tensor.ofFloats(new float[6], 2, 1, 3);
    Tensor w = Tensor.ofFloats(new float[12], 1, 4, 3);
    Tensor r = Tensor.ofFloats(new float[16], 1, 4, 4);
    for (Tensor state :
        List.of(Tensor.ofFloats(new float[2], 1, 1, 2), Tensor.ofFloats(new float[8], 1, 1, 8))) {
      EvaluationException thrown =
          assertThrows(
              EvaluationException.class,
              () ->
                  One.of("RNN", 14, Attribute.ofInt("hidden_size", 4))
                      .all(x, w, r, null, null, state));
      assertTrue(thrown.getMessage().contains("initial state x5"), thrown.getMessage());
    }
    Tensor bias = Tensor.ofFloats(new float[2], 1, 2);
    EvaluationException thrown =
        assertThrows(
            EvaluationException.class,
            () -> One.of("RNN", 14, Attribute.ofInt("hidden_size", 4)).all(x, w, r, bias));
    assertTrue(thrown.getMessage().contains("x3"), thrown.getMessage());
    assertFalse(thrown.getMessage().contains("Exception"), thrown.getMessage());
  }
}
