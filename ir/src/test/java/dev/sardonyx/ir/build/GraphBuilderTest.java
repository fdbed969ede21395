package dev.sardonyx.ir.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.ControlFlowOps.LoopStep;
import dev.sardonyx.ir.build.ControlFlowOps.ScanStep;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.FunctionInlining;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Building: types at once, readable names, mistakes at the caller's line, control flow. */
class GraphBuilderTest {
  private static final TensorType IMAGE =
      TensorType.of(ElementType.FLOAT, Shape.parse("N,32,28,28"));

  private final GraphBuilder b = GraphBuilder.of("main", 21);

  private static String refusal(Executable mistake) {
    String message = String.valueOf(assertThrows(GraphBuildException.class, mistake).getMessage());
    assertTrue(
        message.matches("(?s)GraphBuilderTest.java:\\d+: .*"), "no line of the caller: " + message);
    return message.substring(message.indexOf(' ') + 1);
  }

  private static Model valid(GraphBuilder b) {
    Model model = b.buildModel();
    assertEquals("", String.valueOf(Checker.check(model)).strip(), "problems");
    return model;
  }

  private static Map<String, Datum> run(Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(inputs);
    }
  }

  @Test
  void namesAreReadableUniqueAndAlwaysTheSame() {
    Value x = b.input("x", IMAGE);
    Value y = b.relu(b.relu(x));
    Value z = b.scope("stem", () -> b.named("act").relu(y));
    Value again = b.scope("stem", () -> b.maxPool(b.relu(z), 2));
    b.output(again, "pooled");
    Model model = valid(b);
    assertEquals(
        List.of("relu1", "relu2", "stem.act", "stem.relu1", "stem.maxPool1"),
        model.graph().nodes().stream().map(Node::name).toList());
    assertEquals(
        List.of("relu1_out", "relu2_out", "stem.act_out", "stem.relu1_out", "pooled"),
        model.graph().nodes().stream().map(n -> n.output(0).name()).toList());
    assertEquals("float[N,32,14,14]", model.graph().outputs().get(0).type().toString());
  }

  @Test
  void resultsOfSeveralOutputsAreNamedAfterTheOperatorsParameters() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 6));
    assertEquals("topK1_Values", b.topK(x, 2, 1).values().name());
    assertEquals("split1_out1", b.split(x, 1, 2, 4).get(1).name());
  }

  @Test
  void shapesThatDoNotFitAreRefusedNamingBothValues() {
    Value x = b.input("x", IMAGE);
    Value w = b.constant("w", Tensor.ofFloats(new float[64 * 16 * 9], 64, 16, 3, 3));
    String message = refusal(() -> b.conv(x, w, ConvOptions.same()));
    assertTrue(message.contains("x float[N,32,28,28]"), message);
    assertTrue(message.contains("w float[64,16,3,3]"), message);
    assertTrue(message.contains("SX-303"), message);
    Value y = b.input("y", TensorType.of(ElementType.FLOAT, 1, 64, 28, 28));
    assertTrue(refusal(() -> b.add(x, y)).contains("[N,32,28,28]"), "both shapes");
    assertTrue(refusal(() -> b.add(x, y)).contains("[1,64,28,28]"), "both shapes");
  }

  @Test
  void aMistakeLeavesTheBuilderUsable() {
    Value x = b.input("x", IMAGE);
    assertThrows(GraphBuildException.class, () -> b.named("sum").add(x, b.constant(1L)));
    Value y = b.named("sum").add(x, b.constant(1f));
    assertEquals("sum_out", y.name());
    b.output(y);
    assertEquals(1, valid(b).graph().nodes().size());
  }

  @Test
  void operatorsAndAttributesAreCheckedAtOnce() {
    Value x = b.input("x", IMAGE);
    assertTrue(refusal(() -> b.node("relu", List.of(x))).contains("did you mean Relu?"));
    assertTrue(
        refusal(() -> b.node("Relu", List.of(x, x))).contains("Relu-14 takes 1 input, not 2"));
    assertTrue(
        refusal(() -> b.node("Flatten", List.of(x), Attribute.ofFloat("axis", 1)))
            .contains("attribute axis of Flatten-21 is INT, not FLOAT"));
    assertTrue(
        refusal(() -> b.node("Swish", List.of(x))).contains("exists from version 24"),
        "operators of later opsets");
    assertTrue(refusal(() -> b.node("my.domain.Op", List.of(x))).contains("not imported"));
  }

  @Test
  void namesAndValuesOfOthersAreRefused() {
    Value x = b.input("x", IMAGE);
    assertTrue(refusal(() -> b.input("x", IMAGE)).contains("already a value named x"));
    Value foreign = GraphBuilder.of("other").input("z", IMAGE);
    assertTrue(refusal(() -> b.relu(foreign)).contains("uses value z"));
    b.named("a").relu(x);
    assertTrue(refusal(() -> b.named("a").relu(x)).contains("already a node named a"));
    assertTrue(refusal(() -> b.build()).contains("has no outputs"));
    assertTrue(refusal(() -> GraphBuilder.of("old", 6)).contains("opset 6"));
  }

  @Test
  void anOutputGivesItsNameToTheValueOrGoesThroughIdentity() {
    Value x = b.input("x", IMAGE);
    Value y = b.relu(x);
    Value z = b.neg(y);
    b.output(y, "first").output(y, "second").output(x, "third").output(z);
    Model model = valid(b);
    assertEquals(
        List.of("first", "second", "third", "neg1_out"),
        model.graph().outputs().stream().map(Output::name).toList());
    assertEquals("first", model.graph().nodes().get(1).input(0), "later uses take the name too");
  }

  @Test
  void anUnknownDomainPassesWithDeclaredTypes() {
    Value x = b.input("x", IMAGE);
    b.importDomain("com.example", 3);
    Value y = b.node("com.example.Fancy", List.of(x), Attribute.ofInt("level", 2));
    assertEquals(ValueType.unknown(), y.type());
    Value typed = b.declare(y, IMAGE);
    b.output(b.relu(typed), "y");
    Model model = b.buildModel();
    assertEquals(3, model.opset("com.example").orElse(-1));
    assertEquals(IMAGE, model.graph().nodes().get(0).output(0).type());
    assertEquals(IMAGE, model.graph().outputs().get(0).type());
  }

  @Test
  void aFunctionOfTheModelIsCalledLikeAnOperator() {
    Node body =
        Node.of(
            "LeakyRelu",
            List.of("a"),
            List.of(Result.of("r")),
            Attribute.ofReference("alpha", "slope", AttributeType.FLOAT));
    b.function(
        new Function(
            "my",
            "Leak",
            "",
            List.of("a"),
            List.of("r"),
            List.of("slope"),
            List.of(),
            List.of(body),
            List.of(OpsetImport.onnx(21)),
            List.of(),
            Metadata.EMPTY));
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2));
    b.output(b.node("my.Leak", List.of(x), Attribute.ofFloat("slope", 0.5f)), "y");
    Model model = valid(b);
    assertEquals("float[2]", model.graph().outputs().get(0).type().toString());
    Map<String, Tensor> in = Map.of("x", Tensor.ofFloats(new float[] {-2, 4}, 2));
    assertEquals(Tensor.ofFloats(new float[] {-1, 4}, 2), run(model, in).get("y"));
    assertTrue(
        refusal(() -> b.node("my.Leak", List.of(x), Attribute.ofFloat("slop", 1)))
            .contains("has no attribute slop"),
        "attributes of functions");
    // The node inside then goes by its own default, of which the checker warns.
    b.output(b.node("my.Leak", List.of(x)), "z");
    Model without = b.buildModel();
    assertEquals(
        List.of("SX-210 warning"),
        Checker.check(without).problems().stream()
            .map(p -> p.toString().substring(0, 14))
            .toList());
    Tensor expected = Tensor.ofFloats(new float[] {-0.02f, 4}, 2);
    assertEquals(expected, run(without, in).get("z"));
    assertEquals(expected, run(new FunctionInlining().apply(without).model(), in).get("z"));
  }

  @Test
  void branchesSeeOuterValues() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2));
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value y = b.ifThenElse(flag, t -> t.add(x, t.constant(1f)), e -> x);
    b.output(y, "y");
    Model model = valid(b);
    assertEquals("float[2]", model.graph().outputs().get(0).type().toString());
    Tensor in = Tensor.ofFloats(new float[] {1, 2}, 2);
    assertEquals(
        Tensor.ofFloats(new float[] {2, 3}, 2),
        run(model, Map.of("x", in, "flag", Tensor.scalar(true))).get("y"));
    assertEquals(in, run(model, Map.of("x", in, "flag", Tensor.scalar(false))).get("y"));
  }

  @Test
  void branchesThatDisagreeAreRefused() {
    Value x = b.input("x", IMAGE);
    Value flag = b.constant(Tensor.scalar(true));
    assertTrue(
        refusal(
                () ->
                    b.ifThenElseAll(
                        flag, t -> List.of(t.relu(x)), e -> List.of(e.relu(x), e.neg(x))))
            .contains("give 1 and 2 values"));
    assertTrue(
        refusal(() -> b.ifThenElse(flag, t -> t.relu(x), e -> e.cast(x, ElementType.INT32)))
            .contains("_out float[N,32,28,28] and cast1_out int32[N,32,28,28]"));
  }

  @Test
  void aValueOfABodyIsNotSeenOutside() {
    Value x = b.input("x", IMAGE);
    Value[] inside = new Value[1];
    b.ifThenElse(b.constant(Tensor.scalar(true)), t -> inside[0] = t.relu(x), e -> x);
    assertTrue(refusal(() -> b.neg(inside[0])).contains("seen outside only as its output"));
  }

  @Test
  void aLoopCarriesStateAndCollects() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2));
    List<Value> results =
        b.loop(
            3,
            List.of(x),
            (body, i, go, state) -> {
              Value next = body.add(state.get(0), x);
              return LoopStep.of(go, next).collecting(next);
            });
    b.output(results.get(0), "last").output(results.get(1), "all");
    Model model = valid(b);
    assertEquals("float[3,2]", model.graph().outputs().get(1).type().toString());
    Map<String, Datum> out = run(model, Map.of("x", Tensor.ofFloats(new float[] {1, 2}, 2)));
    assertEquals(Tensor.ofFloats(new float[] {4, 8}, 2), out.get("last"));
    assertEquals(Tensor.ofFloats(new float[] {2, 4, 3, 6, 4, 8}, 3, 2), out.get("all"));
  }

  @Test
  void aLoopsStateMayGrow() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 1));
    List<Value> results =
        b.loop(
            4,
            List.of(x),
            (body, i, go, state) -> LoopStep.of(go, body.concat(0, state.get(0), x)));
    assertEquals("float[?]", results.get(0).type().toString());
    b.output(results.get(0), "y");
    assertEquals(
        Tensor.ofFloats(new float[] {7, 7, 7, 7, 7}, 5),
        run(valid(b), Map.of("x", Tensor.ofFloats(new float[] {7}, 1))).get("y"));
  }

  @Test
  void aLoopEndsByItsCondition() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.SCALAR));
    Value limit = b.constant(100f);
    List<Value> results =
        b.loop(
            null,
            b.constant(Tensor.scalar(true)),
            List.of(x),
            (body, i, go, state) -> {
              Value twice = body.add(state.get(0), state.get(0));
              return LoopStep.of(body.less(twice, limit), twice);
            });
    b.output(results.get(0), "y");
    assertEquals(Tensor.scalar(192f), run(valid(b), Map.of("x", Tensor.scalar(3f))).get("y"));
  }

  @Test
  void aScanWalksAlongTheFirstAxis() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("T,2")));
    Value zero = b.constant("zero", Tensor.ofFloats(new float[2], 2));
    List<Value> results =
        b.scan(
            List.of(zero),
            List.of(x),
            (body, state, slices) -> {
              Value sum = body.add(state.get(0), slices.get(0));
              return new ScanStep(List.of(sum), List.of(sum));
            });
    b.output(results.get(0), "sum").output(results.get(1), "running");
    Model model = valid(b);
    assertEquals("float[T,2]", model.graph().outputs().get(1).type().toString());
    Map<String, Datum> out =
        run(model, Map.of("x", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2)));
    assertEquals(Tensor.ofFloats(new float[] {9, 12}, 2), out.get("sum"));
    assertEquals(Tensor.ofFloats(new float[] {1, 2, 4, 6, 9, 12}, 3, 2), out.get("running"));
  }

  private static List<String> nodeNames(Graph graph) {
    return graph.nodes().stream().map(Node::name).toList();
  }

  @Test
  void aNameIsTheResultsAndTheRestOfTheLayerIsInItsScope() {
    GraphBuilder old = GraphBuilder.of("old", 16);
    Value x = old.input("x", TensorType.of(ElementType.FLOAT, 2, 3));
    Value scale = old.constant("scale", Tensor.ofFloats(new float[3], 3));
    Value y = old.named("norm").layerNormalization(x, scale, scale, -1, 1e-5f);
    assertEquals("norm_out", y.name());
    old.output(old.scope("head", () -> old.named("last").gelu(y)), "z");
    Graph graph = old.build();
    List<String> names = nodeNames(graph);
    assertEquals("norm", names.get(8), names.toString());
    assertTrue(names.subList(0, 8).stream().allMatch(n -> n.startsWith("norm.")), names.toString());
    assertEquals("head.last", names.get(names.size() - 1));
    assertTrue(
        graph.constants().stream().anyMatch(c -> c.name().startsWith("head.last.const")),
        "constants, too");
  }

  @Test
  void aNameIsNotThatOfANodeInABody() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2));
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value y = b.named("choice").ifThenElse(flag, t -> t.relu(x), e -> e.named("other").neg(x));
    assertEquals("choice_out", y.name());
    b.output(y);
    Node choice = valid(b).graph().nodes().get(0);
    assertEquals("choice", choice.name());
    assertEquals(List.of("relu1"), nodeNames(choice.subgraphs().get(0)));
    assertEquals(List.of("other"), nodeNames(choice.subgraphs().get(1)));
  }

  @Test
  void aNameOfALayerThatIsRefusedIsNotThatOfTheNext() {
    Value x = b.input("x", IMAGE);
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    assertThrows(GraphBuildException.class, () -> b.named("sum").add(x, flag));
    assertThrows(
        IllegalStateException.class,
        () ->
            b.named("choice")
                .ifThenElse(
                    flag,
                    t -> x,
                    e -> {
                      throw new IllegalStateException("the caller's own");
                    }));
    assertEquals("relu1_out", b.relu(x).name());
    assertEquals("sum_out", b.named("sum").relu(x).name());
  }

  @Test
  void namesInABodyThatIsBuiltAgainAreFree() {
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 1));
    List<Value> results =
        b.loop(
            4,
            List.of(x),
            (body, i, go, state) -> {
              Value one = body.constant("one", Tensor.ofFloats(new float[] {1}, 1));
              Value longer = body.named("longer").concat(0, state.get(0), body.add(x, one));
              Value same = body.named("choice").ifThenElse(go, t -> t.named("t").abs(x), e -> x);
              return LoopStep.of(body.identity(go), longer).collecting(same);
            });
    assertEquals("float[?]", results.get(0).type().toString(), "the state grew");
    b.output(results.get(0), "y");
    Model model = valid(b);
    Graph body = model.graph().nodes().get(0).subgraphs().get(0);
    assertTrue(
        nodeNames(body).containsAll(List.of("longer", "choice")), nodeNames(body).toString());
    Value taken = b.named("outside").neg(x);
    assertEquals("outside_out", taken.name());
    assertTrue(refusal(() -> b.named("longer").neg(x)).contains("already a node named longer"));
  }

  @Test
  void aTypeDeclaredAfterTheOutputIsTheOutputs() {
    Value x = b.input("x", IMAGE);
    b.importDomain("com.example", 3);
    Value own = b.node("com.example.Fancy", x);
    Value renamed = b.node("com.example.Fancy", x);
    b.output(own).output(renamed, "y");
    b.declare(own, IMAGE);
    b.declare(renamed, IMAGE);
    assertEquals(List.of(IMAGE, IMAGE), b.build().outputs().stream().map(Output::type).toList());
  }

  @Test
  void onnxsOwnDomainHasOneVersion() {
    b.importDomain("ai.onnx", 21).importDomain("", 21);
    assertTrue(refusal(() -> b.importDomain("ai.onnx", 22)).contains("built for opset 21"));
    assertTrue(refusal(() -> b.importDomain("", 22)).contains("not 22"));
    b.output(b.relu(b.input("x", IMAGE)), "y");
    assertEquals(List.of(OpsetImport.onnx(21)), valid(b).opsetImports());
    assertTrue(refusal(() -> GraphBuilder.of("g", 99)).contains("opset 99 does not exist"));
  }

  @Test
  @SuppressWarnings("NullAway") // what callers without its checks may write
  void whatIsNullIsNamed() {
    Value x = b.input("x", IMAGE);
    assertTrue(refusal(() -> b.add(x, null)).contains("Add: input 1 is null"));
    assertTrue(refusal(() -> b.concat(0, x, null)).contains("Concat: input 1 is null"));
    assertTrue(refusal(() -> b.softmax(null)).contains("Softmax: input 0 is null"));
    assertTrue(refusal(() -> b.input(null, IMAGE)).contains("Argument name is null"));
    assertTrue(refusal(() -> b.input("y", null)).contains("Argument type is null"));
    assertTrue(refusal(() -> b.constant("c", null)).contains("Argument data is null"));
    assertTrue(refusal(() -> b.output(null)).contains("Argument value is null"));
    assertTrue(refusal(() -> b.output(x, null)).contains("Argument name is null"));
    assertTrue(refusal(() -> b.named(null)).contains("Argument name is null"));
    assertTrue(refusal(() -> GraphBuilder.of(null)).contains("Argument name is null"));
  }

  @Test
  void theSameCallsGiveTheSameModel() {
    assertEquals(sample(), sample());
  }

  private static Model sample() {
    GraphBuilder b = GraphBuilder.of("sample");
    Value x = b.input("x", IMAGE);
    Value y = b.ifThenElse(b.constant(Tensor.scalar(true)), t -> t.relu(x), e -> e.neg(x));
    b.output(b.reduceMean(y, false, 2, 3), "y");
    return b.buildModel();
  }
}
