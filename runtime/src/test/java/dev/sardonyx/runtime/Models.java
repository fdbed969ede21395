package dev.sardonyx.runtime;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.List;

/** Small models for tests. */
public final class Models {
  private Models() {}

  public static TensorType floats(String shape) {
    return TensorType.of(ElementType.FLOAT, Shape.parse(shape));
  }

  /** A node with one result. */
  public static Node node(String op, List<String> inputs, String result, Attribute... attributes) {
    return Node.of(op, inputs, List.of(Result.of(result)), attributes);
  }

  public static Model of(
      long opset,
      List<Input> inputs,
      List<Output> outputs,
      List<Constant> constants,
      Node... nodes) {
    return Model.of(Graph.of("test", inputs, outputs, List.of(nodes), constants), opset);
  }

  /** One operator of one input. */
  public static Model unary(String op, long opset, ValueType input, ValueType output) {
    return of(
        opset,
        List.of(Input.of("x", input)),
        List.of(Output.of("y", output)),
        List.of(),
        node(op, List.of("x"), "y"));
  }

  /** {@code y = relu(x + w)} over {@code [N,3]} with {@code sum} between; w = [1,-2,3]. */
  public static Model addRelu() {
    return of(
        17,
        List.of(Input.of("x", floats("N,3"))),
        List.of(Output.of("y", floats("N,3"))),
        List.of(Constant.of("w", Tensor.ofFloats(new float[] {1, -2, 3}, 3))),
        node("Add", List.of("x", "w"), "sum"),
        node("Relu", List.of("sum"), "y"));
  }
}
