package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Computing once what several nodes compute. */
class CommonSubexpressionsTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

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
        after(b, new CommonSubexpressions()));
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
        after(b, new CommonSubexpressions()),
        "but never the other way round: a branch may not run");
  }

  @Test
  void randomNodesAreNotMerged() {
    Value a = b.node("RandomNormalLike", List.of(x));
    Value c = b.node("RandomNormalLike", List.of(x));
    b.output(b.sub(a, c), "y");
    Model model = b.buildModel();
    assertSame(model, new CommonSubexpressions().apply(model).model());
  }

  /** A function is as random as what it calls, also through others. */
  @Test
  void callsOfRandomFunctionsAreNeitherMergedNorFolded() {
    b.importDomain("my", 1);
    Value one = b.constant("one", Tensor.ofFloats(new float[4], 4));
    Value a = b.node("my.Outer", List.of(one));
    Value c = b.node("my.Outer", List.of(one));
    b.output(a, "a").output(c, "c");
    Model model =
        b.buildModel()
            .withFunctions(
                List.of(calling("Outer", "my", "Draw"), calling("Draw", "", "Bernoulli")));
    assertSame(model, new CommonSubexpressions().apply(model).model());
    assertSame(model, new ConstantFolding().apply(model).model());
    Model simple = Passes.simplify().apply(model).model();
    assertEquals(2, simple.graph().nodes().stream().filter(n -> n.is("Bernoulli")).count());
  }

  private static Function calling(String name, String domain, String operator) {
    Node call =
        new Node(
            domain,
            operator,
            "",
            "",
            List.of("x"),
            List.of(),
            List.of(Result.of("y")),
            Metadata.EMPTY);
    return new Function(
        "my",
        name,
        "",
        List.of("x"),
        List.of("y"),
        List.of(),
        List.of(),
        List.of(call),
        List.of(OpsetImport.onnx(18), new OpsetImport("my", 1)),
        List.of(),
        Metadata.EMPTY);
  }

  @Test
  void dropoutInTrainingIsRandom() {
    Value yes = b.constant(Tensor.scalar(true));
    Value a = b.nodes("Dropout", 2, List.of(x, b.constant(0.5f), yes)).get(0);
    Value c = b.nodes("Dropout", 2, List.of(x, b.constant(0.5f), yes)).get(0);
    b.output(b.sub(a, c), "y");
    Model model = b.buildModel();
    Model simple = Passes.simplify().apply(model).model();
    assertEquals(2, simple.graph().nodes().stream().filter(n -> n.is("Dropout")).count());
  }

  @Test
  void dropoutOfAConstantIsNotFoldedInTraining() {
    Value yes = b.constant(Tensor.scalar(true));
    Value a = b.nodes("Dropout", 1, List.of(b.constant(1f), b.constant(0.5f), yes)).get(0);
    b.output(b.add(x, a), "y");
    Model model = b.buildModel();
    assertSame(model, new ConstantFolding().apply(model).model());
  }
}
