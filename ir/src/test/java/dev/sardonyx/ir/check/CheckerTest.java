package dev.sardonyx.ir.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The checker tells all that is wrong at once, root causes apart from what follows from them. */
class CheckerTest {
  private static final TensorType VECTOR = TensorType.of(ElementType.FLOAT, Shape.parse("N"));

  private static Node relu(String name, String input, String output) {
    return Node.of("Relu", List.of(input), List.of(Result.of(output))).withName(name);
  }

  private static Model model(Node... nodes) {
    String last = nodes[nodes.length - 1].output(0).name();
    return Model.of(
        Graph.of(
            "main",
            List.of(Input.of("x", VECTOR)),
            List.of(Output.of(last, VECTOR)),
            List.of(nodes),
            List.of()),
        21);
  }

  private static List<String> found(Model model) {
    return Checker.check(model).problems().stream()
        .map(p -> (p.consequence() ? "follows " : "") + p.code().id() + " " + p.node())
        .toList();
  }

  @Test
  void aValidModelHasNoProblems() {
    assertEquals(List.of(), found(model(relu("a", "x", "y"), relu("b", "y", "z"))));
  }

  @Test
  void allProblemsAreToldAtOnce() {
    Node wrongAttribute = relu("a", "x", "y").withAttribute(Attribute.ofInt("alpha", 1));
    Node wrongOperator = Node.of("relu", List.of("y"), List.of(Result.of("z"))).withName("b");
    Node undefined = relu("c", "nowhere", "w");
    assertEquals(
        Set.of("SX-209 a", "SX-201 b", "SX-102 c"),
        new HashSet<>(found(model(wrongAttribute, wrongOperator, undefined))));
  }

  @Test
  void laterUsesOfAnUndefinedValueFollowFromTheFirst() {
    assertEquals(
        List.of("SX-102 a", "follows SX-102 b"),
        found(model(relu("a", "lost", "y"), relu("b", "lost", "z"))));
  }

  @Test
  void aCycleIsToldOnceWithItsMembers() {
    Report report =
        Checker.check(model(relu("a", "r", "p"), relu("b", "p", "q"), relu("c", "q", "r")));
    assertEquals(1, report.problems().size(), report.toString());
    assertEquals(
        "SX-104 error in main at a: these nodes depend on each other in a cycle: a, b, c; a uses"
            + " r of c",
        report.problems().get(0).toString());
  }

  @Test
  void anUnsortedGraphIsNoCycle() {
    assertEquals(List.of("SX-103 b"), found(model(relu("b", "y", "z"), relu("a", "x", "y"))));
  }

  @Test
  void operatorsOfUnknownDomainsAreAWarning() {
    Node custom =
        new Node(
            "com.example",
            "Magic",
            "",
            "m",
            List.of("x"),
            List.of(),
            List.of(Result.of("y")),
            Metadata.EMPTY);
    Report report = Checker.check(model(custom).withOpsetImport("com.example", 1));
    assertTrue(report.isValid());
    assertEquals(ProblemCode.UNKNOWN_DOMAIN, report.warnings().get(0).code());
  }

  @Test
  void aNegativeDimensionIsAWarning() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2)));
    b.output(b.relu(x), "y");
    Model built = b.buildModel();
    Input open = Input.of("x", TensorType.of(ElementType.FLOAT, Shape.of(Dim.of(-1))));
    Report report = Checker.check(built.withGraph(built.graph().withInputs(List.of(open))));
    assertTrue(report.isValid(), report.toString());
    assertEquals(ProblemCode.NEGATIVE_DIMENSION, report.warnings().get(0).code());
    assertEquals("x", report.warnings().get(0).value());
  }

  @Test
  void aNegativeDimensionOfAResultIsAWarningAtItsNode() {
    Result y =
        Result.of("y")
            .withType(new SequenceType(TensorType.of(ElementType.FLOAT, Shape.of(Dim.of(-2)))));
    Node node = Node.of("SequenceConstruct", List.of("x"), List.of(y));
    Problem warning = Checker.check(model(node)).warnings().get(0);
    assertEquals(ProblemCode.NEGATIVE_DIMENSION, warning.code());
    assertEquals("y", warning.value());
    assertEquals(node.label(), warning.node());
  }

  @Test
  void aBodyThatUsesWhatComesOnlyLaterIsOutOfOrder() {
    Graph body =
        Graph.of(
            "body",
            List.of(),
            List.of(Output.of("t", ValueType.unknown())),
            List.of(relu("inner", "late", "t")),
            List.of());
    Node branch =
        Node.of(
            "If",
            List.of("c"),
            List.of(Result.of("z")),
            Attribute.ofGraph("then_branch", body),
            Attribute.ofGraph("else_branch", body.withName("other")));
    Node condition =
        Node.of(
            "Constant",
            List.of(),
            List.of(Result.of("c")),
            Attribute.ofTensor("value", Tensor.scalar(true)));
    Report report = Checker.check(model(condition, branch, relu("last", "x", "late")));
    Problem first = report.rootCauses().get(0);
    assertEquals(ProblemCode.UNSORTED, first.code(), report.toString());
    assertEquals("late", first.value());
  }

  @Test
  void aMisspeltOperatorIsSuggested() {
    String message =
        Checker.check(model(Node.of("relu", List.of("x"), List.of(Result.of("y")))))
            .problems()
            .get(0)
            .message();
    assertTrue(message.endsWith("did you mean Relu?"), message);
  }

  @Test
  void requireThrowsWithEveryError() {
    InvalidModelException e =
        assertThrows(
            InvalidModelException.class,
            () -> Checker.require(model(relu("a", "lost", "y"), relu("b", "gone", "z"))));
    assertTrue(e.getMessage().contains("lost") && e.getMessage().contains("gone"), e.getMessage());
    assertFalse(e.report().isValid());
  }

  @Test
  void aReportHasItsCausesBeforeWhatFollows() {
    Node custom =
        new Node(
            "com.example",
            "Magic",
            "",
            "m",
            List.of("lost"),
            List.of(),
            List.of(Result.of("w")),
            Metadata.EMPTY);
    Report report =
        Checker.check(
            model(custom, relu("a", "lost", "y"), relu("b", "gone", "z"))
                .withOpsetImport("com.example", 1));
    assertEquals(List.of("a"), nodes(report.consequences()));
    assertEquals(List.of("m", "m", "b"), nodes(report.rootCauses()));
    assertEquals(List.of("m"), nodes(report.warnings()));
    assertEquals(List.of("m", "b", "a"), nodes(report.errors()));
    assertEquals(
        List.of("m", "m", "b", "  (follows) a"),
        report
            .toString()
            .lines()
            .map(l -> l.replaceAll("SX.* at ", "").replaceAll(":.*", ""))
            .toList());
  }

  private static List<String> nodes(List<Problem> problems) {
    return problems.stream().map(Problem::node).toList();
  }

  @Test
  void aLongChainOutOfOrderIsCheckedWithoutRecursion() {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      nodes.add(relu("", i == 0 ? "x" : "v" + (i - 1), "v" + i));
    }
    java.util.Collections.reverse(nodes);
    Report report = Checker.check(model(nodes.toArray(Node[]::new)));
    assertEquals(
        Set.of(ProblemCode.UNSORTED),
        Set.copyOf(report.problems().stream().map(p -> p.code()).toList()));
  }

  @Test
  void everyCodeHasItsPageAndNumber() {
    Set<String> ids = new HashSet<>();
    for (ProblemCode code : ProblemCode.values()) {
      assertTrue(ids.add(code.id()), "two codes have number " + code.id());
      assertTrue(code.page().startsWith(code.id() + ": "));
      assertTrue(code.page().contains("What to do: "), code.page());
    }
    assertEquals(ids.size(), Arrays.stream(ProblemCode.values()).count());
  }

  /** onnx.checker refuses it, ONNX Runtime does not; bodies and functions need none. */
  @Test
  void aMainGraphThatTellsNoShapeIsWarnedOf() {
    TensorType unranked = TensorType.of(ElementType.FLOAT, Shape.UNKNOWN);
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", unranked);
    Value c = b.input("c", TensorType.of(ElementType.BOOL, Shape.parse("[]")));
    b.output(b.ifThenElse(c, then -> then.relu(x), other -> other.neg(x)), "y");
    List<Problem> problems = Checker.check(b.buildModel()).problems();
    assertEquals(
        List.of(
            "graph input x has a type without a shape",
            "graph output y has a type without a shape"),
        problems.stream().map(Problem::message).toList());
    assertTrue(
        problems.stream()
            .allMatch(
                p ->
                    p.code() == ProblemCode.MISSING_TYPE
                        && p.severity() == Problem.Severity.WARNING));
  }
}
