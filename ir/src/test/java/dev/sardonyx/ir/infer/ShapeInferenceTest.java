package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The engine: scopes, functions, declared types, problems and what follows from them. */
class ShapeInferenceTest {
  private static List<String> problems(Model model) {
    return ShapeInference.infer(model).problems().stream().map(Problem::toString).toList();
  }

  private static String type(Model model, String value) {
    for (Node node : ShapeInference.infer(model).model().graph().nodes()) {
      for (Result result : node.outputs()) {
        if (result.name().equals(value)) {
          return result.type().toString();
        }
      }
    }
    throw new AssertionError("no value " + value);
  }

  @Test
  void aProblemIsNotRepeatedByWhatFollows() {
    Model model =
        ModelLines.parse(
            17,
            """
            x float[2,3]
            y float[4,5]
            a = Add(x, y)
            b = Relu(a)
            c = Add(b, x)
            d = MatMul(x, y)
            """);
    assertEquals(
        List.of(
            "SX-303 error in test at Add -> a: Add: shapes [2,3] of x and [4,5] of y cannot be"
                + " broadcast together",
            "SX-303 error in test at MatMul -> d: MatMul: shapes [2,3] of x and [4,5] of y cannot"
                + " be multiplied: 3 columns meet 4 rows"),
        problems(model));
  }

  @Test
  void aWrongDeclarationIsToldOnceAndItsConsequencesAreMarked() {
    Model model =
        ModelLines.parse(
            17,
            """
            x float[2,3]
            a:float[2,4] = Relu(x)
            b:float[2,4] = Relu(a)
            """);
    List<Problem> problems = ShapeInference.infer(model).problems();
    assertEquals(
        "SX-306 error in test at Relu -> a: value a is declared as float[2,4], but Relu gives"
            + " float[2,3]",
        problems.get(0).toString());
    assertEquals(List.of(false, true), problems.stream().map(Problem::consequence).toList());
    assertEquals("float[2,3]", type(model, "b"), "what follows from the graph goes on");
  }

  @Test
  void declaredTypesHelpWhereNothingIsKnown() {
    Model model =
        ModelLines.parse(
            17,
            """
            x float[N]
            a:float[N,3] = Mystery(x)
            b = Relu(a)
            """);
    assertEquals("float[N,3]", type(model, "b"));
    assertEquals(List.of(), problems(model));
  }

  @Test
  void declaredNamesOfOutputDimensionsStay() {
    Graph graph = ModelLines.graph("x float[N,3]\ny = Relu(x)\n");
    Model model =
        Model.of(graph.withOutputs(List.of(Output.of("y", NodeLine.type("float[batch,3]")))), 17);
    assertEquals(
        "float[batch,3]",
        ShapeInference.infer(model).model().graph().outputs().get(0).type().toString());
    assertEquals("float[N,3]", type(model, "y"));
  }

  @Test
  void aWrongDeclaredOutputIsAProblem() {
    Graph graph = ModelLines.graph("x float[N,3]\ny = Relu(x)\n");
    Model model =
        Model.of(graph.withOutputs(List.of(Output.of("y", NodeLine.type("float[N,4]")))), 17);
    assertEquals(
        List.of(
            "SX-306 error in test at Relu -> y: value y is declared as float[N,4], but Relu gives"
                + " float[N,3]"),
        problems(model));
  }

  @Test
  void aNumberDeclaredWhereTheInputsVaryIsNotBelieved() {
    Model model =
        ModelLines.parse(
            17,
            """
            x float[N,4]
            a:float[1,8] = Concat(x, x) axis=1
            b:float[?,?] = Relu(a)
            """);
    assertEquals("float[N,8]", type(model, "a"));
    assertEquals("float[N,8]", type(model, "b"));
    assertEquals(
        List.of(
            "SX-309 warning in test at Concat -> a: value a is declared as float[1,8], but is"
                + " float[N,8]; the declared number holds for some inputs only"),
        problems(model));
    Model asOutput =
        model.withGraph(
            model
                .graph()
                .withOutputs(
                    List.of(Output.of("b", TensorType.of(ElementType.FLOAT, Shape.of(1, 8))))));
    assertEquals(2, problems(asOutput).size());
    assertEquals(
        "float[N,8]",
        ShapeInference.infer(asOutput).model().graph().outputs().get(0).type().toString());
  }

  @Test
  void aNumberThatAllButEmptyInputsGiveIsNoMistake() {
    Model model =
        ModelLines.parse(
            17, "x float[N,4]\na:float[1,4] = Slice(x, {-1}, {9223372036854775807}, {0})");
    assertEquals(List.of(), problems(model));
    assertEquals("float[min(1,N),4]", type(model, "a"));
  }

  @Test
  void whatBranchesShareHoldsOfBoth() {
    Random random = new Random(3);
    for (int i = 0; i < 5_000; i++) {
      ValueType a = randomType(random, 2);
      ValueType b = random.nextInt(3) == 0 ? a : randomType(random, 2);
      TypeMerge.both(a, b)
          .ifPresent(
              both -> {
                assertTrue(TypeMerge.both(both, a).isPresent(), a + " and " + b);
                assertTrue(TypeMerge.both(both, b).isPresent(), a + " and " + b);
              });
      ValueType either = TypeMerge.either(a, b).orElse(null);
      if (TypeMerge.both(a, b).isPresent()) {
        assertNotNull(either, a + " and " + b + " have nothing in common");
      }
      if (either != null && a.isKnown() && b.isKnown()) {
        assertEquals(a.getClass(), b.getClass());
        assertEquals(either, TypeMerge.either(either, a).orElse(null), a + " and " + b);
        assertEquals(either, TypeMerge.either(either, b).orElse(null), a + " and " + b);
      }
    }
  }

  private static ValueType randomType(Random random, int depth) {
    int kind = random.nextInt(depth == 0 ? 3 : 6);
    Shape shape =
        random.nextInt(4) == 0
            ? Shape.UNKNOWN
            : Shape.parse(List.of("", "N", "3", "?", "N,3", "1,?", "2,M").get(random.nextInt(7)));
    return switch (kind) {
      case 0 -> ValueType.unknown();
      case 1 -> new SparseTensorType(ElementType.FLOAT, shape);
      case 2 -> TensorType.of(ElementType.FLOAT, shape);
      case 3 -> new SequenceType(randomType(random, depth - 1));
      case 4 -> new OptionalType(randomType(random, depth - 1));
      default -> new MapType(ElementType.INT64, randomType(random, depth - 1));
    };
  }

  @Test
  void negativeDimensionsStandForUnknownOnes() {
    Model model =
        ModelLines.parse(
            17,
            """
            x float[-1,3]
            a:float[-1,6] = Concat(x, x) axis=1
            """);
    assertEquals(List.of(), problems(model));
    assertEquals("float[-1,6]", type(model, "a"), "as declared");
  }

  private static Model reshapeByDefault(long irVersion) {
    Graph graph =
        ModelLines.graph("x float[6]\nt int64[2]\ny = Reshape(x, t)\n")
            .withConstants(List.of(Constant.of("t", Tensor.ofLongs(new long[] {2, 3}, 2))));
    return Model.of(graph, 8).withVersions(irVersion, List.of(OpsetImport.onnx(8)));
  }

  @Test
  void anInputsDefaultIsKnownOnlyBeforeIrVersion4() {
    assertEquals("float[2,3]", type(reshapeByDefault(3), "y"));
    assertEquals("float[?,?]", type(reshapeByDefault(8), "y"));
  }

  @Test
  void anInitializerMustHaveItsInputsType() {
    Model model = reshapeByDefault(8);
    Graph graph =
        model
            .graph()
            .withConstants(List.of(Constant.of("t", Tensor.ofLongs(new long[] {1, 2, 3}, 3))));
    assertEquals(
        List.of(
            "SX-306 error in test: value t is declared as int64[2], but its initializer has type"
                + " int64[3]"),
        problems(model.withGraph(graph)));
  }

  @Test
  void subgraphsSeeTheValuesAroundThem() {
    Graph then = ModelLines.graph("t = Relu(x)\n");
    Graph otherwise = ModelLines.graph("e = Concat(x, x) axis=0\n");
    Node branch =
        Node.of(
            "If",
            List.of("q"),
            List.of(Result.of("y")),
            Attribute.ofGraph("then_branch", then),
            Attribute.ofGraph("else_branch", otherwise));
    Graph graph =
        Graph.of(
            "main",
            List.of(
                Input.of("q", NodeLine.type("bool[]")), Input.of("x", NodeLine.type("float[N,3]"))),
            List.of(Output.of("y", ValueType.unknown())),
            List.of(branch),
            List.of());
    ShapeInference.Inferred inferred = ShapeInference.infer(Model.of(graph, 17));
    Node typed = inferred.model().graph().nodes().get(0);
    assertEquals("float[?,3]", typed.output(0).type().toString());
    Graph typedElse =
        ((AttributeValue.Graph) typed.attribute("else_branch").orElseThrow().value()).value();
    assertEquals("float[2*N,3]", typedElse.nodes().get(0).output(0).type().toString());
    assertEquals("float[2*N,3]", typedElse.outputs().get(0).type().toString());
  }

  @Test
  void problemsInsideASubgraphNameThePath() {
    Graph then = ModelLines.graph("t = Squeeze(x, {1})\n");
    Node branch =
        Node.of(
            "If",
            List.of("q"),
            List.of(Result.of("y")),
            Attribute.ofGraph("then_branch", then),
            Attribute.ofGraph("else_branch", ModelLines.graph("e = Relu(x)\n")));
    Graph graph =
        Graph.of(
            "main",
            List.of(
                Input.of("q", NodeLine.type("bool[]")), Input.of("x", NodeLine.type("float[2,3]"))),
            List.of(),
            List.of(branch.withName("choose")),
            List.of());
    assertEquals(
        List.of(
            "SX-303 error in main/choose at Squeeze -> t: Squeeze: axis 1 of x [2,3] is 3 and"
                + " cannot be squeezed; only 1 can"),
        problems(Model.of(graph, 17)));
  }

  private static Function function(
      String name, List<String> inputs, String output, List<Attribute> defaults, Node... nodes) {
    return new Function(
        "custom",
        name,
        "",
        inputs,
        List.of(output),
        List.of(),
        defaults,
        List.of(nodes),
        List.of(OpsetImport.onnx(17), OpsetImport.of("custom", 1)),
        List.of(),
        Metadata.EMPTY);
  }

  private static Node call(String name, String input, String output, Attribute... attributes) {
    return new Node(
        "custom",
        name,
        "",
        "",
        List.of(input),
        List.of(attributes),
        List.of(Result.of(output)),
        Metadata.EMPTY);
  }

  private static Model calling(List<Function> functions, Node... nodes) {
    Graph graph =
        Graph.of(
            "main",
            List.of(Input.of("x", NodeLine.type("float[N,3]"))),
            List.of(),
            List.of(nodes),
            List.of());
    return Model.of(graph, 17).withOpsetImport("custom", 1).withFunctions(functions);
  }

  @Test
  void functionsAreInferredForEachCall() {
    Function join =
        function(
            "Join",
            List.of("a"),
            "b",
            List.of(Attribute.ofInt("along", 0)),
            Node.of(
                "Concat",
                List.of("a", "a"),
                List.of(Result.of("b")),
                Attribute.ofReference("axis", "along", AttributeType.INT)));
    Model model =
        calling(
            List.of(join),
            call("Join", "x", "y"),
            call("Join", "x", "z", Attribute.ofInt("along", 1)),
            call("Join", "y", "w"));
    assertEquals("float[2*N,3]", type(model, "y"));
    assertEquals("float[N,6]", type(model, "z"));
    assertEquals("float[4*N,3]", type(model, "w"));
  }

  @Test
  void valuesGoThroughFunctions() {
    Function last =
        function(
            "Last",
            List.of("a"),
            "b",
            List.of(),
            Node.of("Shape", List.of("a"), List.of(Result.of("b")), Attribute.ofInt("start", -1)));
    Model model =
        calling(
            List.of(last),
            call("Last", "x", "s"),
            Node.of("ConstantOfShape", List.of("s"), List.of(Result.of("y"))));
    assertEquals("float[3]", type(model, "y"));
  }

  @Test
  void functionsThatCallEachOtherOftenTakeNoLonger() {
    // Each calls the next one twice: 2^40 calls if each were inferred anew.
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      functions.add(
          function(
              "F" + i,
              List.of("a"),
              "c",
              List.of(),
              call("F" + (i + 1), "a", "b"),
              call("F" + (i + 1), "a", "c")));
    }
    functions.add(
        function(
            "F40",
            List.of("a"),
            "b",
            List.of(),
            Node.of("Relu", List.of("a"), List.of(Result.of("b")))));
    assertEquals("float[N,3]", type(calling(functions, call("F0", "x", "y")), "y"));
  }

  @Test
  void aFunctionThatCallsItselfEnds() {
    Function endless = function("F", List.of("a"), "b", List.of(), call("F", "a", "b"));
    assertEquals("?", type(calling(List.of(endless), call("F", "x", "y")), "y"));
  }

  @Test
  void constantsOfEveryFormAreKnown() {
    assertEquals("int64[3]", constant(Attribute.ofInts("value_ints", 1, 2, 3)));
    assertEquals("int64[]", constant(Attribute.ofInt("value_int", 1)));
    assertEquals("float[2]", constant(Attribute.ofFloats("value_floats", 1, 2)));
    assertEquals("float[]", constant(Attribute.ofFloat("value_float", 1)));
    assertEquals("string[]", constant(Attribute.ofString("value_string", "a")));
    assertEquals("string[2]", constant(Attribute.ofStrings("value_strings", "a", "b")));
    assertEquals(
        "double[1]", constant(Attribute.ofTensor("value", Tensor.ofDoubles(new double[1], 1))));
  }

  private static String constant(Attribute value) {
    Node node = Node.of("Constant", List.of(), List.of(Result.of("y")), value);
    return type(Model.of(Graph.of("g", List.of(), List.of(), List.of(node), List.of()), 17), "y");
  }

  @Test
  void timeGrowsWithTheNumberOfNodes() {
    StringBuilder lines = new StringBuilder("x float[N,64]\n");
    for (int i = 0; i < 20_000; i++) {
      lines
          .append("v")
          .append(i)
          .append(i % 2 == 0 ? " = Relu(" : " = Neg(")
          .append(i == 0 ? "x" : "v" + (i - 1))
          .append(")\n");
    }
    Model model = ModelLines.parse(17, lines.toString());
    long start = System.nanoTime();
    assertEquals("float[N,64]", type(model, "v19999"));
    long nanosEach = (System.nanoTime() - start) / 20_000;
    assertTrue(nanosEach < 100_000, nanosEach + " ns a node; a chain must not cost its square");
  }
}
