package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import java.util.List;
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
}
