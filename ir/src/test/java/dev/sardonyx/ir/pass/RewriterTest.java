package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps.LoopStep;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What a transform may do with a node, and what follows from it. */
class RewriterTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  @Test
  void allUsersOfAResultUseWhatIsInsertedAfterIt() {
    Value tanh = b.tanh(x);
    b.output(tanh, "t").output(b.add(tanh, b.neg(tanh)), "y");
    Pass insert =
        Pass.of(
            "insert",
            (node, to) -> {
              if (node.is("Tanh")) {
                to.insertAfter(node.output(0), to::relu);
              }
            });
    assertEquals(
        """
        t_1 = Tanh(x)
        t = Relu(t_1)
        neg1_out = Neg(t)
        y = Add(t, neg1_out)
        t, y
        """,
        after(b, insert));
  }

  @Test
  void somethingIsInsertedAfterEachResultOfANode() {
    List<Value> halves = b.splitEvenly(x, 0, 2);
    b.output(b.add(halves.get(0), halves.get(1)), "y");
    Pass insert =
        Pass.of(
            "insert",
            (node, to) -> {
              if (node.is("Split")) {
                node.outputs().forEach(result -> to.insertAfter(result, to::relu));
              }
            });
    assertTrue(Checker.check(insert.apply(b.buildModel()).model()).isValid());
  }

  @Test
  void whatOnlyAChangedInputNeededGoes() {
    b.output(b.neg(b.tanh(x)), "y");
    Pass around =
        Pass.of(
            "around",
            (node, to) -> {
              if (node.is("Neg")) {
                to.changeInput(0, to.value("x"));
              }
            });
    assertEquals(
        """
        y = Neg(x)
        y
        """,
        after(b, around));
  }

  @Test
  void aNodeUsesTheConstantThatTakesTheNameOfItsOld() {
    b.output(b.add(x, b.constant("add1.addend", Tensor.scalar(1f))), "y");
    Pass doubled =
        Pass.of(
            "doubled",
            (node, to) -> {
              Tensor before = to.tensor(node.input(1));
              if (before != null && before.toScalar() == 1) {
                to.changeInput(1, to.numberedConstant("addend", Tensor.scalar(2f)));
              }
            });
    Model changed = doubled.apply(b.buildModel()).model();
    assertEquals(List.of("x", "add1.addend"), changed.graph().nodes().get(0).inputs());
    assertEquals(List.of(), Checker.check(changed).errors());
  }

  @Test
  void onlyANodeThatNobodyUsesCanBeRemoved() {
    b.tanh(x);
    b.output(b.neg(x), "y");
    assertEquals(
        """
        y = Neg(x)
        y
        """,
        after(b, removing("Tanh")));
    Model model = b.buildModel();
    String message =
        String.valueOf(
            assertThrows(GraphBuildException.class, () -> removing("Neg").apply(model))
                .getMessage());
    assertTrue(message.contains("cannot be removed, for its result y is used"), message);
  }

  /** Each of these would leave a graph that uses what is not there, or no longer. */
  @Test
  void whatIsNotThereCannotBeUsed() {
    Value[] foreign = new Value[1];
    b.output(b.tanh(b.neg(x)), "y");
    Model model = b.buildModel();
    Pass.of("p", NodeTransform.of("Neg", (n, to) -> foreign[0] = to.abs(to.input(n, 0))))
        .apply(model);
    Map<String, BiConsumer<Node, Rewriter>> wrong =
        Map.of(
            "has no value " + foreign[0].name(),
            (n, to) -> to.replace(foreign[0]),
            "cannot stand for itself",
            (n, to) -> to.replace(n.output(0)),
            "Nothing is given to stand for",
            (n, to) -> to.replace(to.input(n, 0).name().isEmpty() ? x : Rewriter.ABSENT),
            "stand 0 values, not one for each",
            (n, to) -> to.replace(List.of()),
            "has no value lost before",
            (n, to) -> to.change(n.withInputs(List.of("lost"))),
            "has no value y before",
            (n, to) -> to.change(n.withInputs(List.of("y"))),
            "has no input 7; it has [x]",
            (n, to) -> to.changeInput(7, x),
            "y is no result of",
            (n, to) -> to.insertAfter(Result.of("y"), to::neg));
    wrong.forEach(
        (message, transform) -> {
          Pass pass = Pass.of("p", (n, to) -> onNeg(n, to, transform));
          String said =
              String.valueOf(
                  assertThrows(GraphBuildException.class, () -> pass.apply(model)).getMessage());
          assertTrue(said.contains(message), said);
        });
  }

  private static void onNeg(Node node, Rewriter to, BiConsumer<Node, Rewriter> transform) {
    if (node.is("Neg")) {
      transform.accept(node, to);
    }
  }

  private static Pass removing(String operator) {
    return Pass.of(
        "remove",
        (node, to) -> {
          if (node.is(operator)) {
            to.remove();
          }
        });
  }

  @Test
  void laterTransformsOfAWalkSeeWhatEarlierOnesMake() {
    b.output(b.neg(x), "y");
    NodeTransform first = NodeTransform.of("Neg", (node, to) -> to.tanh(to.input(node, 0)));
    NodeTransform second = NodeTransform.of("Tanh", (node, to) -> to.relu(to.input(node, 0)));
    Pass both = Pass.of("both", first.named("first").andThen(second.named("second")));
    PassResult result = both.apply(b.buildModel());
    assertEquals(
        """
        y = Relu(x)
        y
        """,
        Listing.of(result.model()));
    assertEquals(List.of("first", "second"), result.changes().stream().map(Change::pass).toList());
  }

  /** Whatever a transform makes may be computed already, and later nodes use it. */
  @Test
  void madeNodesUseWhatStandsForOtherMadeOnes() {
    b.output(b.tanh(x), "t").output(b.neg(x), "y").output(b.abs(x), "z");
    NodeTransform make = NodeTransform.of("Neg", (node, to) -> to.relu(to.tanh(to.input(node, 0))));
    NodeTransform around =
        (node, to) -> {
          if (node.is("Abs") && node.input(0).equals("x")) {
            to.changeInput(0, to.tanh(to.input(node, 0)));
          }
        };
    Pass all = Pass.of("all", make.andThen(around).andThen(CommonSubexpressions::rewrite));
    Model model = all.apply(b.buildModel()).model();
    assertEquals("", Checker.check(model).toString());
    assertEquals(
        """
        t = Tanh(x)
        y = Relu(t)
        z = Abs(t)
        t, y, z
        """,
        Listing.of(model));
  }

  /** A constant that has gone with its last user cannot stand for an equal one of a body. */
  @Test
  void nothingStandsForAValueThatHasGone() {
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value copy = b.node("Pad", List.of(x, zeros(b, "zeros")));
    Value chosen =
        b.ifThenElse(flag, then -> then.node("Pad", List.of(x, zeros(then, "own"))), e -> e.neg(x));
    b.output(b.add(copy, chosen), "y");
    NodeTransform onlyMain =
        (node, to) -> {
          if (node.is("Pad") && to.outer() == null) {
            to.replace(to.value("x"));
          }
        };
    Pass both = Pass.of("both", onlyMain.andThen(new DuplicateInitializers.Transform()));
    Model model = both.apply(b.buildModel()).model();
    assertEquals("", Checker.check(model).toString());
    assertEquals(List.of(), model.graph().constants());
  }

  private static Value zeros(GraphBuilder graph, String name) {
    return graph.constant(name, Tensor.ofLongs(new long[] {0, 0, 0, 0}, 4));
  }

  /** A branch whose one side is a loop, in the place of each Neg. */
  private static void branching(Node node, Rewriter to) {
    if (node.is("Neg")) {
      Value input = to.tanh(to.input(node, 0));
      to.replace(
          to.ifThenElse(
              to.value("flag"),
              then -> then.neg(then.add(input, then.constant(0.5f))),
              otherwise ->
                  otherwise
                      .loop(
                          3,
                          List.of(input),
                          (body, i, go, state) -> LoopStep.of(go, body.mul(state.get(0), input)))
                      .get(0)));
    }
  }

  private Model withNegations() {
    b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    b.output(b.tanh(x), "t").output(b.neg(b.neg(x)), "y").output(b.neg(x), "z");
    return b.buildModel();
  }

  @Test
  void branchesAndLoopsAreLambdas() {
    Model before = withNegations();
    Model oldest = before.withVersions(3, before.opsetImports());
    NodeTransform branches = RewriterTest::branching;
    Pass common = new CommonSubexpressions();
    for (Pass pass :
        List.of(
            Pass.of("branch", branches),
            Pass.of("branch", branches).andThen(common).andThen(Passes.simplify()),
            Pass.of("branch", branches.andThen(CommonSubexpressions::rewrite)))) {
      for (Model model : List.of(before, oldest)) {
        Model after = pass.apply(model).model();
        assertEquals(List.of(), Checker.check(after).problems());
        assertTrue(after.graph().nodes().stream().anyMatch(n -> n.is("If")));
        assertEquals(
            VECTOR, after.graph().nodes().get(after.graph().nodes().size() - 1).output(0).type());
        assertEquals(names(after.graph()).size(), new HashSet<>(names(after.graph())).size());
        for (boolean flag : new boolean[] {true, false}) {
          Map<String, Tensor> inputs =
              Map.of(
                  "x",
                  Tensor.ofFloats(new float[] {1, -2, 0.5f, 3}, 1, 4),
                  "flag",
                  Tensor.scalar(flag));
          assertEquals(expected(flag, inputs), RandomModels.run(after, inputs));
        }
      }
    }
  }

  @Test
  void aBodyThatIsBuiltAgainMayTakeItsNamesAgain() {
    b.output(b.tanh(b.input("v", TensorType.of(ElementType.FLOAT, Shape.of(3)))), "y");
    Pass longer =
        Pass.of(
            "longer",
            (node, to) -> {
              if (node.is("Tanh")) {
                List<Value> grown =
                    to.loop(
                        2,
                        to.inputs(node),
                        (body, i, go, state) ->
                            LoopStep.of(
                                go,
                                body.named("join")
                                    .concat(
                                        0,
                                        state.get(0),
                                        body.constant("end", Tensor.ofFloats(new float[1], 1)))));
                to.replace(to.slice(grown.get(0), 0, 2, 5));
              }
            });
    Model after = longer.apply(b.buildModel()).model();
    assertEquals(List.of(), Checker.check(after).problems());
    Map<String, Tensor> inputs =
        Map.of(
            "x", Tensor.ofFloats(new float[4], 1, 4),
            "v", Tensor.ofFloats(new float[] {1, 2, 3}, 3));
    assertEquals(
        Map.of("y", Tensor.ofFloats(new float[] {3, 0, 0}, 3)), RandomModels.run(after, inputs));
  }

  /** What the rewritten model is to compute, built as a whole. */
  private static Map<String, Datum> expected(boolean flag, Map<String, Tensor> inputs) {
    GraphBuilder whole = GraphBuilder.of("whole", 18);
    Value x = whole.input("x", VECTOR);
    whole.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    whole.output(whole.tanh(x), "t");
    whole.output(negated(whole, negated(whole, x, flag), flag), "y");
    whole.output(negated(whole, x, flag), "z");
    return RandomModels.run(whole.buildModel(), inputs);
  }

  private static Value negated(GraphBuilder b, Value x, boolean flag) {
    Value tanh = b.tanh(x);
    return flag
        ? b.neg(b.add(tanh, b.constant(0.5f)))
        : b.mul(b.mul(b.mul(tanh, tanh), tanh), tanh);
  }

  /** All names that a graph and its subgraphs give to values. */
  private static List<String> names(Graph graph) {
    List<String> names = new ArrayList<>();
    graph.inputs().forEach(i -> names.add(i.name()));
    graph.constants().forEach(c -> names.add(c.name()));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(r -> names.add(r.name()));
      node.subgraphs().forEach(body -> names.addAll(names(body)));
    }
    return names;
  }

  @Test
  void aBodyTellsWhatItCannotUse() {
    Model model = withNegations();
    Pass unknown =
        Pass.of(
            "unknown",
            (node, to) ->
                to.ifThenElse(
                    to.value("flag"),
                    t -> t.neg(Result.of("later", VECTOR)),
                    e -> e.neg(to.value("x"))));
    String message =
        assertThrows(GraphBuildException.class, () -> unknown.apply(model)).getMessage();
    assertTrue(message.contains("later"), message);
    Pass foreign =
        Pass.of("foreign", (node, to) -> to.subgraph("body").importDomain("com.example", 1));
    message = assertThrows(GraphBuildException.class, () -> foreign.apply(model)).getMessage();
    assertTrue(message.contains("com.example"), message);
  }
}
