package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static dev.sardonyx.ir.pass.SmallModels.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.FunctionBuilder;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Computing what depends on no input. */
class ConstantFoldingTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  @Test
  void constantPartsAreFolded() {
    Value scale = b.mul(vector(b, "a", 1, 2, 3, 4), b.constant(2f));
    b.output(b.add(x, b.neg(scale)), "y").output(scale, "scale");
    Model folded = new ConstantFolding().apply(b.buildModel()).model();
    assertEquals(
        """
        constants neg1_out
        scale = Constant()
        y = Add(x, neg1_out)
        y, scale
        """,
        Listing.of(folded),
        "an output stays a node's result");
    assertEquals(
        Tensor.ofFloats(new float[] {-2, -4, -6, -8}, 4), folded.graph().constants().get(0).data());
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
        after(b, new ConstantFolding()));
  }

  @Test
  void resultsThatGrowTooLargeAreNotFolded() {
    b.output(b.expand(b.constant(1f), 1000, 1000), "y");
    Model model = b.buildModel();
    assertSame(model, new ConstantFolding().apply(model).model());
    assertTrue(new ConstantFolding(4_000_000).apply(model).isChanged());
  }

  @Test
  void randomNodesAreNotFolded() {
    Value a = b.node("RandomNormalLike", List.of(x));
    Value c = b.node("RandomNormalLike", List.of(x));
    b.output(b.sub(a, c), "y");
    Model model = b.buildModel();
    assertSame(model, new ConstantFolding().apply(model).model());
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
        after(b, new ConstantFolding()));
  }

  /** Which has nowhere to go in a function. */
  @Test
  void aBranchOfAFunctionWithASparseConstantStays() {
    Function choice =
        FunctionBuilder.function(
            "my.Choice",
            18,
            f -> {
              Value x = f.input("x");
              Value yes = f.constant(Tensor.scalar(true));
              f.output(f.ifThenElse(yes, t -> t.neg(x), e -> e.abs(x)), "y");
            });
    SparseTensor sparse =
        SparseTensor.of(Tensor.ofFloats(new float[] {1}, 1), Tensor.ofLongs(new long[1], 1), 2);
    Function changed =
        choice.withNodes(
            choice.nodes().stream()
                .map(
                    n ->
                        n.withSubgraphs(
                            body -> body.withConstants(List.of(Constant.of("s", sparse)))))
                .toList());
    b.function(choice);
    b.output(b.node("my.Choice", x), "y");
    Model model = b.buildModel();
    for (Function function : List.of(choice, changed)) {
      Model folded = new ConstantFolding().apply(model.withFunctions(List.of(function))).model();
      assertEquals(
          function.equals(changed),
          folded.functions().get(0).nodes().stream().anyMatch(n -> n.is("If")),
          folded.functions().toString());
    }
  }
}
