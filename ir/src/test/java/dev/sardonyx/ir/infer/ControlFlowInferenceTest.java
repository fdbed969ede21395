package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlFlowInferenceTest {
  /** A graph whose inputs and outputs declare no types. */
  static Graph graph(List<String> inputs, List<String> outputs, Node... nodes) {
    return Graph.of(
        "body",
        inputs.stream().map(i -> Input.of(i, ValueType.unknown())).toList(),
        outputs.stream().map(o -> Output.of(o, ValueType.unknown())).toList(),
        List.of(nodes),
        List.of());
  }

  static Node node(String operator, String output, String... inputs) {
    return Node.of(operator, Arrays.asList(inputs), List.of(Result.of(output)));
  }

  /** A branch that gives a constant of the given dimensions. */
  private static Graph zeros(long... dims) {
    int size = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    Tensor zeros = Tensor.ofFloats(new float[size], dims);
    return graph(List.of(), List.of("z")).withConstants(List.of(Constant.of("z", zeros)));
  }

  private static NodeCase branches(NodeCase node, Graph then, Graph otherwise) {
    return node.with(Attribute.ofGraph("then_branch", then))
        .with(Attribute.ofGraph("else_branch", otherwise));
  }

  @Test
  void branchesGiveWhatTheyShare() {
    NodeCase.inAllVersions(
        "If", n -> branches(n.in("bool[]"), zeros(2, 3), zeros(2, 3)), "float[2,3]");
    NodeCase.inAllVersions(
        "If", n -> branches(n.in("bool[]"), zeros(2, 3), zeros(4, 3)), "float[?,3]");
    NodeCase.inAllVersions("If", n -> branches(n.in("bool[]"), zeros(2, 3), zeros(4)), "float");
  }

  @Test
  void aKnownConditionTakesItsBranch() {
    assertEquals("float[2,3]", taken(true).types());
    assertEquals("float[4]", taken(false).types());
  }

  private static NodeCase taken(boolean condition) {
    return branches(NodeCase.of("If", 21).in(Tensor.scalar(condition)), zeros(2, 3), zeros(4));
  }

  @Test
  void branchesOfDifferentTypesAreRefused() {
    Graph numbers =
        graph(List.of(), List.of("z")).withConstants(List.of(Constant.of("z", Tensor.scalar(1L))));
    assertEquals(
        "SX-302 output 0 (y) of the branches: If: output 0 (y) of the branches has type float[2]"
            + " and type int64[]; they must be the same",
        branches(NodeCase.of("If", 21).in("bool[]"), zeros(2), numbers).problem());
    assertEquals(
        "SX-305 then_branch: If: the graph of attribute then_branch gives 1 values, but 2 are needed"
            + " for the 2 outputs of the node",
        branches(NodeCase.of("If", 21).in("bool[]"), zeros(2), zeros(2)).outputs(2).problem());
  }

  /** The state is doubled in length, or keeps its shape; each iteration's state is collected. */
  private static NodeCase loop(NodeCase node, Node step) {
    return node.with(
            Attribute.ofGraph(
                "body",
                graph(
                    List.of("i", "c", "s"),
                    List.of("c2", "s2", "each"),
                    node("Identity", "c2", "c"),
                    step,
                    node("Identity", "each", "s2"))))
        .outputs(2);
  }

  private static Node doubling() {
    return Node.of(
        "Concat", List.of("s", "s"), List.of(Result.of("s2")), Attribute.ofInt("axis", 0));
  }

  @Test
  void loopsStackWhatTheyCollect() {
    NodeCase.inAllVersions(
        "Loop",
        n -> loop(n.in("int64[]", "bool[]", "float[N,3]"), node("Relu", "s2", "s")),
        "float[N,3]; float[?,N,3]");
    NodeCase.inAllVersions(
        "Loop",
        n -> loop(n.in(Tensor.scalar(7L)).in("", "float[N,3]"), node("Relu", "s2", "s")),
        "float[N,3]; float[7,N,3]");
    NodeCase.inAllVersions(
        "Loop",
        n ->
            loop(
                n.in(Tensor.scalar(7L)).in(Tensor.scalar(true)).in("float[N,3]"),
                node("Relu", "s2", "s")),
        "float[N,3]; float[7,N,3]");
    assertEquals(
        "float[3]; float[0,3]",
        loop(
                NodeCase.of("Loop", 21)
                    .in(Tensor.scalar(7L))
                    .in(Tensor.scalar(false))
                    .in("float[3]"),
                node("Relu", "s2", "s"))
            .types());
  }

  @Test
  void theTripCountIsOpenWhereTheBodyMayStop() {
    Graph body = graph(List.of("i", "c", "s"), List.of("c2", "s", "s"), node("Not", "c2", "c"));
    NodeCase given = NodeCase.of("Loop", 21).in(Tensor.scalar(7L)).in(Tensor.scalar(true));
    NodeCase absent = NodeCase.of("Loop", 21).in(Tensor.scalar(7L)).in("");
    for (NodeCase node : List.of(given, absent)) {
      assertEquals(
          "float[3]; float[?,3]",
          node.in("float[3]").with(Attribute.ofGraph("body", body)).outputs(2).types());
    }
  }

  @Test
  void aStateWhoseShapeChangesIsLessKnown() {
    NodeCase.inAllVersions(
        "Loop",
        n -> loop(n.in("int64[]", "", "float[2,3]"), doubling()),
        "float[?,3]; float[?,?,3]");
  }

  @Test
  void deepNestsOfGrowingLoopsAreInferredInTime() {
    Graph body = graph(List.of("i", "c", "s"), List.of("c", "s2"), doubling());
    for (int depth = 0; depth < 40; depth++) {
      Node inner =
          Node.of(
              "Loop",
              List.of("i", "", "s"),
              List.of(Result.of("s2")),
              Attribute.ofGraph("body", body));
      body = graph(List.of("i", "c", "s"), List.of("c", "s2"), inner);
    }
    String type =
        NodeCase.of("Loop", 21)
            .in("int64[]", "", "float[2,3]")
            .with(Attribute.ofGraph("body", body))
            .types();
    assertTrue(type.startsWith("float"), type);
  }

  @Test
  void aStateMayStartAsAnOptional() {
    Graph body =
        graph(List.of("i", "c", "s"), List.of("c", "s2"), node("OptionalGetElement", "s2", "s"));
    assertEquals(
        "seq(float[3])",
        NodeCase.of("Loop", 21)
            .in("int64[]", "", "optional(seq(float[3]))")
            .with(Attribute.ofGraph("body", body))
            .types());
  }

  @Test
  void loopProblems() {
    assertEquals(
        "SX-305 body: Loop: the graph of attribute body takes 3 inputs, but is given 2",
        loop(NodeCase.of("Loop", 21).in("int64[]", ""), node("Relu", "s2", "s")).problem());
    assertEquals(
        "SX-302 state s: Loop: state s has type float[3] and type bool[3]; they must be the same",
        loop(NodeCase.of("Loop", 21).in("int64[]", "", "float[3]"), node("IsNaN", "s2", "s"))
            .problem());
  }

  @Test
  void bodiesAreTypedAndSeeWhatIsAround() {
    Graph body = graph(List.of("i", "c"), List.of("c", "t"), node("Relu", "t", "x"));
    Node loop =
        Node.of("Loop", List.of("n", ""), List.of(Result.of("y")), Attribute.ofGraph("body", body));
    Model model =
        Model.of(
            Graph.of(
                "main",
                List.of(
                    Input.of("x", NodeCase.type("float[N]")),
                    Input.of("n", NodeCase.type("int64[]"))),
                List.of(Output.of("y", ValueType.unknown())),
                List.of(loop),
                List.of()),
            21);
    Graph inferred = ShapeInference.infer(model).model().graph();
    assertEquals("float[?,N]", inferred.outputs().get(0).type().toString());
    Graph typed = inferred.nodes().get(0).subgraphs().get(0);
    assertEquals("float[N]", typed.nodes().get(0).output(0).type().toString());
    assertEquals("int64[]", typed.inputs().get(0).type().toString());
  }

  @Test
  void sequencesAreMapped() {
    Graph body =
        graph(
            List.of("item", "other", "whole"),
            List.of("sum", "shape"),
            node("Add", "sum", "item", "whole"),
            node("Shape", "shape", "other"));
    assertEquals(
        "seq(float[N,3]); seq(int64[2])",
        NodeCase.of("SequenceMap", 17)
            .in("seq(float[N,3])", "seq(int64[?,?])", "float[3]")
            .with(Attribute.ofGraph("body", body))
            .outputs(2)
            .types());
  }
}
