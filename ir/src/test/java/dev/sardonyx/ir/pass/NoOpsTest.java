package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static dev.sardonyx.ir.pass.SmallModels.changes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Removing nodes that give back their input. */
class NoOpsTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  @Test
  void noOpsGoAndOutputsKeepTheirNames() {
    Value copy = b.identity(x);
    Value same = b.cast(b.dropout(b.relu(copy), 0.5f), ElementType.FLOAT);
    b.output(same, "y");
    assertEquals(
        """
        y = Relu(x)
        y
        """,
        after(b, new NoOps()));
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
        after(b, new NoOps()));
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
        changes(b, new NoOps()));
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
        after(b, new NoOps()));
  }
}
