package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static dev.sardonyx.ir.pass.SmallModels.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import org.junit.jupiter.api.Test;

/** Keeping one of several equal constants. */
class DuplicateInitializersTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  @Test
  void duplicateConstantsAreKeptOnce() {
    Value sum = b.add(b.add(x, vector(b, "a", 1, 2, 3, 4)), vector(b, "b", 1, 2, 3, 4));
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
        after(b, new DuplicateInitializers()));
  }

  @Test
  void constantsThatDifferLateStay() {
    float[] first = new float[1000];
    float[] second = new float[1000];
    second[999] = 1;
    Value y =
        b.concat(
            0,
            vector(b, "a", first),
            vector(b, "b", second),
            vector(b, "c", first),
            vector(b, "d", second));
    b.output(y, "y");
    assertEquals(
        """
        constants a, b
        y = Concat(a, b, a, b)
        y
        """,
        after(b, new DuplicateInitializers()));
  }
}
