package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphBuilder;
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
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.nn.Networks;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What each pass makes of small graphs, before and after. */
class PassesTest {
  private static final TensorType VECTOR = TensorType.of(ElementType.FLOAT, Shape.parse("N,4"));

  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  private String after(Pass pass) {
    return Listing.of(pass.apply(b.buildModel()).model());
  }

  private List<String> changes(Pass pass) {
    return pass.apply(b.buildModel()).changes().stream().map(Change::toString).toList();
  }

  private Value vector(String name, float... elements) {
    return b.constant(name, Tensor.ofFloats(elements, elements.length));
  }

  @Test
  void deadCodeRemovesWhatNoOutputNeeds() {
    Value used = b.add(x, vector("c", 1, 2, 3, 4));
    b.mul(b.exp(used), vector("dead", 1, 2, 3, 4));
    b.output(b.relu(used), "y");
    assertEquals(
        """
        constants c
        add1_out = Add(x, c)
        y = Relu(add1_out)
        y
        """,
        after(new DeadCode()));
    assertEquals(
        List.of(
            "dead-code in main: removed Exp exp1",
            "dead-code in main: removed Mul mul1",
            "dead-code in main: removed constant dead"),
        changes(new DeadCode()));
  }

  @Test
  void deadCodeSeesWhatSubgraphsUse() {
    Value captured = b.exp(x);
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value y =
        b.ifThenElse(
            flag,
            t -> {
              t.neg(captured);
              return t.relu(captured);
            },
            e -> x);
    b.output(y, "y");
    assertEquals(
        """
        exp1_out = Exp(x)
        y = If(flag)
          relu1_out = Relu(exp1_out)
          relu1_out
          x_copy = Identity(x)
          x_copy
        y
        """,
        after(new DeadCode()));
    assertEquals(List.of("dead-code in main/if1: removed Neg neg1"), changes(new DeadCode()));
  }

  @Test
  void deadCodeKeepsDefaultsOfInputsAndAnnotatedScales() {
    b.output(b.relu(x), "y");
    Graph graph = b.build();
    Tensor tensor = Tensor.ofFloats(new float[4], 1, 4);
    Graph more =
        new Graph(
            "main",
            List.of(graph.inputs().get(0), Input.of("option", tensor.type())),
            graph.outputs(),
            graph.nodes(),
            List.of(
                Constant.of("option", tensor),
                Constant.of("scale", Tensor.scalar(0.5f)),
                Constant.of("unused", tensor)),
            List.of(
                new QuantizationAnnotation("y", Map.of("SCALE_TENSOR", "scale"), Metadata.EMPTY)),
            Metadata.EMPTY);
    Model model = new DeadCode().apply(Model.of(more, 18)).model();
    assertEquals(
        List.of("option", "scale"),
        model.graph().constants().stream().map(Constant::name).toList());
    assertEquals(1, model.graph().quantization().size());
  }

  @Test
  void noOpsGoAndOutputsKeepTheirNames() {
    Value copy = b.identity(x);
    Value same = b.cast(b.dropout(b.relu(copy), 0.5f), ElementType.FLOAT);
    b.output(same, "y");
    assertEquals(
        """
        constants ratio1
        y = Relu(x)
        y
        """,
        after(new NoOps()));
  }

  @Test
  void anInputThatIsAnOutputKeepsItsIdentity() {
    b.output(b.identity(x), "y");
    Model model = b.buildModel();
    assertSame(model, new NoOps().apply(model).model());
  }

  @Test
  void twoOutputsOfOneValueKeepOneIdentity() {
    Value y = b.relu(x);
    b.output(y, "a").output(y, "b");
    assertEquals(
        """
        a = Relu(x)
        b = Identity(a)
        a, b
        """,
        after(new NoOps()));
  }

  @Test
  void noOpsAreToldFromWorkByShape() {
    Value y = b.reshape(x, 0, 4);
    y = b.transpose(b.transpose(y, 0, 1), 1, 0);
    y = b.pad(b.pad(y, 0, 0, 0, 0), 0, 0, 1, 0);
    y = b.reshape(y, -1);
    b.output(y, "y");
    assertEquals(
        List.of(
            "no-ops in main: removed Reshape reshape1",
            "no-ops in main: removed Transpose transpose1",
            "no-ops in main: removed Pad pad1"),
        changes(new NoOps()));
  }

  @Test
  void noOpsInBodiesReachOuterValues() {
    Value copy = b.identity(x);
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    b.output(b.ifThenElse(flag, t -> t.relu(t.identity(copy)), e -> e.neg(copy)), "y");
    assertEquals(
        """
        y = If(flag)
          relu1_out = Relu(x)
          relu1_out
          neg1_out = Neg(x)
          neg1_out
        y
        """,
        after(new NoOps()));
  }

  @Test
  void duplicateConstantsAreKeptOnce() {
    Value sum = b.add(b.add(x, vector("a", 1, 2, 3, 4)), vector("b", 1, 2, 3, 4));
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value y =
        b.ifThenElse(
            flag,
            t -> t.mul(sum, t.constant("inner", Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4))),
            e -> e.mul(sum, e.constant("other", Tensor.ofFloats(new float[] {1, 2, 3, 5}, 4))));
    b.output(y, "y");
    assertEquals(
        """
        constants a
        add1_out = Add(x, a)
        add2_out = Add(add1_out, a)
        y = If(flag)
          mul1_out = Mul(add2_out, a)
          mul1_out
          constants other
          mul2_out = Mul(add2_out, other)
          mul2_out
        y
        """,
        after(new DuplicateConstants()));
  }

  @Test
  void constantsThatDifferLateStay() {
    float[] first = new float[1000];
    float[] second = new float[1000];
    second[999] = 1;
    Value y =
        b.concat(
            0, vector("a", first), vector("b", second), vector("c", first), vector("d", second));
    b.output(y, "y");
    assertEquals(
        """
        constants a, b
        y = Concat(a, b, a, b)
        y
        """,
        after(new DuplicateConstants()));
  }

  @Test
  void commonSubexpressionsAreComputedOnce() {
    Value y = b.add(b.exp(b.neg(x)), b.exp(b.neg(x)));
    b.output(y, "y").output(b.leakyRelu(x, 0.1f), "z").output(b.leakyRelu(x, 0.2f), "w");
    assertEquals(
        """
        neg1_out = Neg(x)
        exp1_out = Exp(neg1_out)
        y = Add(exp1_out, exp1_out)
        z = LeakyRelu(x)
        w = LeakyRelu(x)
        y, z, w
        """,
        after(new CommonSubexpressions()));
  }

  @Test
  void bodiesUseWhatIsComputedOutside() {
    Value before = b.exp(x);
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value y = b.ifThenElse(flag, t -> t.neg(t.exp(x)), e -> e.relu(e.neg(x)));
    b.output(b.add(y, before), "y").output(b.neg(x), "z");
    assertEquals(
        """
        exp1_out = Exp(x)
        if1_out = If(flag)
          neg1_out = Neg(exp1_out)
          neg1_out
          neg2_out = Neg(x)
          relu1_out = Relu(neg2_out)
          relu1_out
        y = Add(if1_out, exp1_out)
        z = Neg(x)
        y, z
        """,
        after(new CommonSubexpressions()),
        "but never the other way round: a branch may not run");
  }

  @Test
  void randomNodesAreNotMerged() {
    Value a = b.node("RandomNormalLike", List.of(x));
    Value c = b.node("RandomNormalLike", List.of(x));
    b.output(b.sub(a, c), "y");
    Model model = b.buildModel();
    assertSame(model, new CommonSubexpressions().apply(model).model());
    assertSame(model, new ConstantFolding().apply(model).model());
  }

  @Test
  void unknownOperatorsAreNotMerged() {
    b.importDomain("com.example", 1);
    Value a = b.node("com.example.Draw", List.of(x));
    b.output(a, "a").output(b.node("com.example.Draw", List.of(x)), "b");
    Model model = b.buildModel();
    assertSame(model, Passes.simplify().apply(model).model());
  }

  @Test
  void constantPartsAreFolded() {
    Value scale = b.mul(vector("a", 1, 2, 3, 4), b.constant(2f));
    b.output(b.add(x, b.neg(scale)), "y").output(scale, "scale");
    Model folded = new ConstantFolding().apply(b.buildModel()).model();
    assertEquals(
        """
        constants a, const1, neg1_out
        scale = Constant()
        y = Add(x, neg1_out)
        y, scale
        """,
        Listing.of(folded),
        "an output stays a node's result");
    assertEquals(
        Tensor.ofFloats(new float[] {-2, -4, -6, -8}, 4), folded.graph().constants().get(2).data());
  }

  @Test
  void knownShapesAreFolded() {
    b.output(b.shape(x, 1, 2), "columns").output(b.shape(x), "all");
    assertEquals(
        """
        columns = Constant()
        all = Shape(x)
        columns, all
        """,
        after(new ConstantFolding()));
  }

  @Test
  void resultsThatGrowTooLargeAreNotFolded() {
    b.output(b.expand(b.constant(1f), 1000, 1000), "y");
    Model model = b.buildModel();
    assertSame(model, new ConstantFolding().apply(model).model());
    assertTrue(new ConstantFolding(4_000_000).apply(model).isChanged());
  }

  @Test
  void quantisedWeightsStayQuantised() {
    Value q = b.constant("q", Tensor.ofNumbers(ElementType.INT8, new double[] {1, 2, 3, 4}, 4));
    b.output(b.add(x, b.dequantizeLinear(q, b.constant(0.5f), null)), "y");
    Model model = b.buildModel();
    assertSame(model, new ConstantFolding().apply(model).model());
  }

  @Test
  void constantNodesBecomeConstants() {
    Value c = b.node("Constant", List.of(), Attribute.ofFloats("value_floats", 1, 2, 3, 4));
    b.output(b.add(x, c), "y");
    assertEquals(
        """
        constants constant1_out
        y = Add(x, constant1_out)
        y
        """,
        after(new ConstantFolding()));
  }

  private Value image(GraphBuilder builder) {
    return builder.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,5,5")));
  }

  private Value normalized(GraphBuilder builder, Value conv) {
    return builder.batchNormalization(
        conv,
        builder.constant("scale", Tensor.ofFloats(new float[] {1, 2}, 2)),
        builder.constant("shift", Tensor.ofFloats(new float[] {3, 4}, 2)),
        builder.constant("mean", Tensor.ofFloats(new float[] {1, 1}, 2)),
        builder.constant("variance", Tensor.ofFloats(new float[] {4, 0.25f}, 2)),
        0);
  }

  @Test
  void normalizationIsFoldedIntoTheConvolution() {
    GraphBuilder g = GraphBuilder.of("main", 18);
    Value w = g.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2, 1, 1, 1));
    g.output(normalized(g, g.conv(image(g), w, ConvOptions.DEFAULT)), "y");
    Model model = new ConvBatchNormFolding().andThen(new DeadCode()).apply(g.buildModel()).model();
    assertEquals(
        """
        constants w, w_bias
        y = Conv(image, w, w_bias)
        y
        """,
        Listing.of(model));
    assertEquals(
        Tensor.ofFloats(new float[] {0.5f, 8}, 2, 1, 1, 1),
        model.graph().constants().get(0).data());
    assertEquals(
        Tensor.ofFloats(new float[] {2.5f, 0}, 2), model.graph().constants().get(1).data());
  }

  @Test
  void aConvolutionUsedTwiceIsNotFolded() {
    GraphBuilder g = GraphBuilder.of("main", 18);
    Value w = g.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2, 1, 1, 1));
    Value conv = g.conv(image(g), w);
    g.output(g.add(conv, normalized(g, conv)), "y");
    Model model = g.buildModel();
    assertSame(model, new ConvBatchNormFolding().apply(model).model());
  }

  @Test
  void sharedWeightsAreCopiedBeforeTheyChange() {
    GraphBuilder g = GraphBuilder.of("main", 18);
    Value w = g.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2, 1, 1, 1));
    Value image = image(g);
    g.output(g.add(g.conv(image, w), normalized(g, g.conv(image, w))), "y");
    assertEquals(
        """
        constants w, scale, shift, mean, variance, w_folded, w_bias
        conv1_out = Conv(image, w)
        conv2_out = Conv(image, w_folded, w_bias)
        y = Add(conv1_out, conv2_out)
        y
        """,
        Listing.of(new ConvBatchNormFolding().apply(g.buildModel()).model()));
  }

  @Test
  void resnetLosesItsNormalizations() {
    Model model = Networks.named("resnet18").withImage(3, 32, 32).withClasses(10).build(1);
    Model simple = Passes.simplify().apply(model).model();
    assertEquals(20, count(model, "BatchNormalization"));
    assertEquals(0, count(simple, "BatchNormalization"));
    assertEquals(count(model, "Conv"), count(simple, "Conv"));
  }

  private static long count(Model model, String operator) {
    return model.graph().nodes().stream().filter(n -> n.is(operator)).count();
  }

  private static Function function(
      String name, List<String> inputs, List<String> outputs, Node... nodes) {
    return new Function(
        "my",
        name,
        "",
        inputs,
        outputs,
        List.of(),
        List.of(),
        List.of(nodes),
        List.of(OpsetImport.onnx(18), OpsetImport.of("my", 1)),
        List.of(),
        Metadata.EMPTY);
  }

  private static Node call(String operator, List<String> inputs, String... outputs) {
    return new Node(
        "my",
        operator,
        "",
        "",
        inputs,
        List.of(),
        List.of(outputs).stream().map(Result::of).toList(),
        Metadata.EMPTY);
  }

  @Test
  void functionsAreInlinedWithNamesOfTheirOwn() {
    b.function(
        function(
            "Inner",
            List.of("a"),
            List.of("r"),
            Node.of("Exp", List.of("a"), List.of(Result.of("t"))),
            Node.of("Neg", List.of("t"), List.of(Result.of("r")))));
    b.function(
        function(
            "Outer",
            List.of("a", "b"),
            List.of("r", "a"),
            call("Inner", List.of("b"), "t"),
            Node.of("Add", List.of("a", "t"), List.of(Result.of("r")))));
    Value t = b.named("t").relu(x);
    List<Value> first = b.nodes("my.Outer", 2, List.of(t, x));
    List<Value> second = b.nodes("my.Outer", 2, List.of(first.get(0), first.get(1)));
    b.output(second.get(0), "y");
    assertEquals(
        """
        t_out = Relu(x)
        outer1.Inner.t = Exp(x)
        outer1.t = Neg(outer1.Inner.t)
        outer1_out0 = Add(t_out, outer1.t)
        outer1_out1 = Identity(t_out)
        outer2.Inner.t = Exp(outer1_out1)
        outer2.t = Neg(outer2.Inner.t)
        y = Add(outer1_out0, outer2.t)
        outer2_out1 = Identity(outer1_out0)
        y
        """,
        after(new FunctionInlining()));
  }

  @Test
  void absentInputsStayAbsent() {
    b.function(
        function(
            "Limit",
            List.of("a", "low", "high"),
            List.of("r"),
            Node.of("Clip", List.of("a", "low", "high"), List.of(Result.of("r")))));
    b.output(b.node("my.Limit", List.of(x, GraphBuilder.ABSENT, b.constant(1f))), "y");
    Node clip = new FunctionInlining().apply(b.buildModel()).model().graph().nodes().get(0);
    assertEquals(List.of("x", "", "const1"), clip.inputs());
  }

  @Test
  void functionsOfAnOpsetThatMeansOtherwiseStay() {
    Function old =
        new Function(
            "my",
            "Old",
            "",
            List.of("a"),
            List.of("r"),
            List.of(),
            List.of(),
            List.of(
                Node.of(
                    "Softmax", List.of("a"), List.of(Result.of("r")), Attribute.ofInt("axis", 1))),
            List.of(OpsetImport.onnx(11)),
            List.of(),
            Metadata.EMPTY);
    b.function(old);
    b.output(b.node("my.Old", List.of(x)), "y");
    Model model = b.buildModel();
    assertSame(model, new FunctionInlining().apply(model).model());
  }

  @Test
  void functionsThatCallEachOtherAreRefused() {
    b.output(b.relu(x), "y");
    Model model =
        b.buildModel()
            .withFunctions(
                List.of(
                    function("A", List.of("a"), List.of("r"), call("B", List.of("a"), "r")),
                    function("B", List.of("a"), List.of("r"), call("A", List.of("a"), "r"))));
    assertEquals(
        "Functions call each other in a circle, so they cannot be inlined: my.A -> my.B -> my.A",
        assertThrows(IllegalArgumentException.class, () -> new FunctionInlining().apply(model))
            .getMessage());
  }

  @Test
  void attributesOfFunctionsReachIntoBodies() {
    Node leak =
        Node.of(
            "LeakyRelu",
            List.of("a"),
            List.of(Result.of("leaked")),
            Attribute.ofReference("alpha", "slope", AttributeType.FLOAT));
    Graph body =
        Graph.of("then", List.of(), List.of(Output.of("leaked", VECTOR)), List.of(leak), List.of());
    Graph other =
        Graph.of(
            "else",
            List.of(),
            List.of(Output.of("copy", VECTOR)),
            List.of(Node.of("Identity", List.of("a"), List.of(Result.of("copy")))),
            List.of());
    Node branch =
        Node.of(
            "If",
            List.of("flag"),
            List.of(Result.of("r")),
            Attribute.ofGraph("then_branch", body),
            Attribute.ofGraph("else_branch", other));
    b.function(
        new Function(
            "my",
            "Maybe",
            "",
            List.of("a", "flag"),
            List.of("r"),
            List.of("slope"),
            List.of(),
            List.of(branch),
            List.of(OpsetImport.onnx(18)),
            List.of(),
            Metadata.EMPTY));
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    b.output(b.node("my.Maybe", List.of(x, flag), Attribute.ofFloat("slope", 0.5f)), "y");
    Model model = new FunctionInlining().apply(b.buildModel()).model();
    assertEquals(
        """
        y = If(flag)
          maybe1.leaked = LeakyRelu(x)
          maybe1.leaked
          maybe1.copy = Identity(x)
          maybe1.copy
        y
        """,
        Listing.of(model));
    Node inlined =
        model.graph().nodes().get(0).subgraphs().findFirst().orElseThrow().nodes().get(0);
    assertEquals(0.5f, inlined.floatAttribute("alpha", 0));
  }

  @Test
  void unnamedNodesGetNames() {
    Node relu = Node.of("Relu", List.of("x"), List.of(Result.of("relu_1")));
    Node again = Node.of("Relu", List.of("relu_1"), List.of(Result.of("y")));
    Model model =
        Model.of(
            Graph.of(
                "main",
                List.of(Input.of("x", VECTOR)),
                List.of(Output.of("y", VECTOR)),
                List.of(relu, again),
                List.of()),
            18);
    assertEquals(
        List.of("relu_2", "relu_3"),
        new NodeNaming().apply(model).model().graph().nodes().stream().map(Node::name).toList());
  }

  @Test
  void sortingKeepsWhatIsInOrder() {
    Node c = Node.of("Add", List.of("a", "b"), List.of(Result.of("c")));
    Node a = Node.of("Relu", List.of("x"), List.of(Result.of("a")));
    Node other = Node.of("Neg", List.of("x"), List.of(Result.of("b")));
    assertEquals(
        """
        a = Relu(x)
        b = Neg(x)
        c = Add(a, b)
        c
        """,
        Listing.of(new TopologicalSort().apply(unsorted(c, a, other)).model()));
    Model sorted = unsorted(other, a, c);
    assertSame(sorted, new TopologicalSort().apply(sorted).model());
  }

  @Test
  void aCircleIsNamed() {
    Model model =
        unsorted(
            Node.of("Add", List.of("x", "b"), List.of(Result.of("c"))).withName("first"),
            Node.of("Relu", List.of("c"), List.of(Result.of("a"))).withName("second"),
            Node.of("Neg", List.of("a"), List.of(Result.of("b"))).withName("third"));
    assertEquals(
        "Graph main cannot be sorted: its nodes depend on each other in a circle, second -> third"
            + " -> first -> second (each feeds the next); one of them should use another value",
        assertThrows(IllegalArgumentException.class, () -> new TopologicalSort().apply(model))
            .getMessage());
  }

  private static Model unsorted(Node... nodes) {
    return Model.of(
        Graph.of(
            "main",
            List.of(Input.of("x", VECTOR)),
            List.of(Output.of("c", VECTOR)),
            List.of(nodes),
            List.of()),
        18);
  }

  @Test
  void typesAreInferred() {
    Model model = unsorted(Node.of("Relu", List.of("x"), List.of(Result.of("c"))));
    PassResult result = new InferTypes().apply(model);
    assertEquals(VECTOR, result.model().graph().nodes().get(0).output(0).type());
    assertEquals(
        List.of("infer-types in main: typed c: ? is float[N,4]"),
        result.changes().stream().map(Change::toString).toList());
  }

  @Test
  void passesComposeAndRepeat() {
    b.output(b.neg(b.identity(b.identity(x))), "y");
    Pass twice = new NoOps().andThen(new DeadCode()).fixpoint();
    PassResult result = twice.apply(b.buildModel());
    assertEquals(2, result.changes().size());
    Pass restless = m -> new PassResult(m, List.of(new Change("restless", "main", "nothing")));
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
            (node, out) -> {
              Node before = node.is("Relu") ? out.producer(node.input(0)) : null;
              if (before != null && before.is("Relu")) {
                out.replace(node.output(0), before.output(0).name());
                out.report("removed " + node.label());
              } else {
                out.emit(node);
              }
            });
    assertEquals(
        """
        y = Relu(x)
        y
        """,
        after(onceIsEnough));
  }
}
