package dev.sardonyx.ir.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients against the differences of the function itself. */
class GradientTest {
  /** A model that gives y, a function of a and b, and its gradients by both. */
  private static Model model(long[] aDims, long[] bDims, Node... nodes) {
    Node gradient =
        new Node(
            "ai.onnx.preview.training",
            "Gradient",
            "",
            "",
            List.of("a", "b"),
            List.of(Attribute.ofStrings("xs", "a", "b"), Attribute.ofString("y", "y")),
            List.of(Result.of("da"), Result.of("db")),
            Metadata.EMPTY);
    List<Node> all = new ArrayList<>(List.of(nodes));
    all.add(gradient);
    Graph graph =
        Graph.of(
            "g",
            List.of(
                Input.of("a", TensorType.of(ElementType.DOUBLE, aDims)),
                Input.of("b", TensorType.of(ElementType.DOUBLE, bDims))),
            List.of(
                Output.of("y", ValueType.unknown()),
                Output.of("da", ValueType.unknown()),
                Output.of("db", ValueType.unknown())),
            all,
            List.of());
    return Model.of(graph, 12).withOpsetImport("ai.onnx.preview.training", 1);
  }

  private static Node node(String operator, String inputs, String output, Attribute... attributes) {
    return Node.of(operator, List.of(inputs.split(",")), List.of(Result.of(output)), attributes);
  }

  private static Tensor random(Random random, long... dims) {
    double[] values = new double[(int) Shape.of(dims).size().value()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.2 + random.nextDouble();
    }
    return Tensor.ofDoubles(values, dims);
  }

  private static Tensor moved(Tensor x, int at, double by) {
    double[] values = x.toDoubles();
    values[at] += by;
    return Tensor.ofDoubles(values, x.dims());
  }

  private static double sum(PreparedModel model, Tensor a, Tensor b) {
    double sum = 0;
    for (double v : ((Tensor) model.run(Map.of("a", a, "b", b)).get("y")).toDoubles()) {
      sum += v;
    }
    return sum;
  }

  private static void check(long[] aDims, long[] bDims, Node... nodes) {
    Random random = new Random(3);
    Tensor a = random(random, aDims);
    Tensor b = random(random, bDims);
    double step = 1e-5;
    try (PreparedModel model = new ReferenceBackend().prepare(model(aDims, bDims, nodes))) {
      Map<String, Datum> outputs = model.run(Map.of("a", a, "b", b));
      double[] da = ((Tensor) outputs.get("da")).toDoubles();
      double[] db = ((Tensor) outputs.get("db")).toDoubles();
      for (int i = 0; i < da.length; i++) {
        double difference = sum(model, moved(a, i, step), b) - sum(model, moved(a, i, -step), b);
        assertEquals(
            difference / 2 / step,
            da[i],
            1e-6 * Math.max(1, Math.abs(difference)),
            nodes[0].opType() + " by a at " + i);
      }
      for (int i = 0; i < db.length; i++) {
        double difference = sum(model, a, moved(b, i, step)) - sum(model, a, moved(b, i, -step));
        assertEquals(
            difference / 2 / step,
            db[i],
            1e-6 * Math.max(1, Math.abs(difference)),
            nodes[0].opType() + " by b at " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Abs",
        "Atan",
        "Cos",
        "Cosh",
        "Exp",
        "Identity",
        "Log",
        "Neg",
        "Reciprocal",
        "Relu",
        "Sigmoid",
        "Sin",
        "Sinh",
        "Softplus",
        "Sqrt",
        "Tan",
        "Tanh"
      })
  void functionsOfOneElement(String operator) {
    check(new long[] {2, 3}, new long[] {3}, node(operator, "a", "u"), node("Mul", "u,b", "y"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Pow", "Sum"})
  void arithmeticWithBroadcasting(String operator) {
    check(new long[] {2, 1, 3}, new long[] {4, 1}, node(operator, "a,b", "y"));
    check(new long[] {3}, new long[] {2, 3}, node(operator, "a,b", "u"), node("Mul", "u,u", "y"));
  }

  @Test
  void matrixProducts() {
    check(new long[] {2, 3}, new long[] {3, 4}, node("MatMul", "a,b", "u"), node("Tanh", "u", "y"));
    check(
        new long[] {5, 2, 3},
        new long[] {3, 4},
        node("MatMul", "a,b", "u"),
        node("Mul", "u,u", "y"));
    check(
        new long[] {3, 2},
        new long[] {4, 3},
        node(
            "Gemm",
            "a,b",
            "u",
            Attribute.ofInt("transA", 1),
            Attribute.ofInt("transB", 1),
            Attribute.ofFloat("alpha", 0.5f)),
        node("Mul", "u,u", "y"));
  }

  @Test
  void shapesAndReductions() {
    check(
        new long[] {2, 3, 4},
        new long[] {4},
        node("Transpose", "a", "t", Attribute.ofInts("perm", 1, 0, 2)),
        node("Mul", "t,b", "m"),
        node(
            "ReduceMean",
            "m",
            "r",
            Attribute.ofInts("axes", 0, -1),
            Attribute.ofInt("keepdims", 0)),
        node("ReduceSum", "m", "s", Attribute.ofInts("axes", 1)),
        node("Flatten", "s", "f"),
        node("ReduceSum", "f", "k"),
        node("Mul", "r,k", "p"),
        node("Tanh", "p", "y"));
  }

  @Test
  void anOperatorWithoutDerivativeIsNamed() {
    Model model =
        model(new long[] {2}, new long[] {2}, node("Mod", "a,b", "y", Attribute.ofInt("fmod", 1)));
    UnsupportedModelException e =
        assertThrows(UnsupportedModelException.class, () -> new ReferenceBackend().prepare(model));
    assertTrue(e.getMessage().contains("no derivative of operator Mod"), e.getMessage());
  }
}
