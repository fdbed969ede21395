package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static dev.sardonyx.ir.pass.SmallModels.changes;
import static dev.sardonyx.ir.pass.SmallModels.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Patterns of operands, and what is put in their place. */
class OperandTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);
  private final Operand any = Operand.any();
  private final Operand weight = Operand.constant();
  private final Operand bias = Operand.constant();

  private Pass gemm() {
    return Pass.of(
        "gemm",
        Operand.of("Add", Operand.of("MatMul", any, weight), bias)
            .inAnyOrder()
            .replacedBy((m, to) -> to.gemm(m.value(any), m.value(weight), m.value(bias))));
  }

  private Value product() {
    return b.matMul(x, b.constant("w", Tensor.ofFloats(new float[8], 4, 2)));
  }

  @Test
  void aTreeIsReplacedAndItsNamesStay() {
    b.output(b.relu(b.add(vector(b, "c", 1, 2), product())), "y");
    assertEquals(
        """
        constants c, w
        add1_out = Gemm(x, w, c)
        y = Relu(add1_out)
        y
        """,
        after(b, gemm()));
    assertEquals(
        List.of("gemm in main: replaced Add add1, MatMul matMul1 by Gemm add1"),
        changes(b, gemm()));
  }

  @Test
  void whatOthersUseIsLeftAlone() {
    Value product = product();
    b.output(b.add(product, vector(b, "c", 1, 2)), "y").output(b.relu(product), "z");
    Model model = b.buildModel();
    assertSame(model, gemm().apply(model).model());
  }

  @Test
  void anOperandMetTwiceIsTheSameValue() {
    b.output(b.mul(x, b.sigmoid(x)), "y").output(b.mul(x, b.sigmoid(b.neg(x))), "z");
    Pass silu =
        Pass.of(
            "relu",
            Operand.of("Mul", any, Operand.of("Sigmoid", any))
                .replacedBy((m, to) -> to.relu(m.value(any))));
    assertEquals(
        List.of("relu in main: replaced Mul mul1, Sigmoid sigmoid1 by Relu mul1"),
        changes(b, silu));
  }

  @Test
  void aReplacementOfAnotherTypeIsRefusedByRuleAndNode() {
    b.output(b.neg(x), "y");
    Pass wrong =
        Pass.of(
            "wrong", Operand.of("Neg", any).replacedBy((m, to) -> to.unsqueeze(m.value(any), 0)));
    Model model = b.buildModel();
    String message =
        String.valueOf(
            assertThrows(GraphBuildException.class, () -> wrong.apply(model)).getMessage());
    assertTrue(
        message.contains("wrong: Neg neg1 in main")
            && message.contains("float[1,N,4] instead of float[N,4]"),
        message);
  }
}
