package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.TrainingMethod;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

class Dl4jBackendTest {
  private static final Dl4jBackend DL4J = new Dl4jBackend();

  private static Model twoClasses() {
    SmallNet net = new SmallNet();
    return net.model(net.classifier(net.input("x", 1, 2, 2), 4, 2));
  }

  @Test
  void wrongInputsAreRefusedNamingThem() {
    Tensor right = Tensor.ofFloats(new float[8], 2, 1, 2, 2);
    PreparedModel prepared = DL4J.prepare(twoClasses());
    assertEquals(2, ((Tensor) prepared.run(Map.of("x", right)).get("probabilities")).dim(0));
    assertMessage(() -> prepared.run(Map.of()), "'x'", "missing");
    assertMessage(() -> prepared.run(Map.of("x", right, "z", right)), "'z'", "takes x");
    assertMessage(
        () -> prepared.run(Map.of("x", right.reshape(2, 2, 2, 1))), "float[N,1,2,2]", "[2,2,2,1]");
    assertMessage(
        () -> prepared.run(Map.of("x", Tensor.ofDoubles(new double[4], 1, 1, 2, 2))), "double");
    assertMessage(
        () -> prepared.run(Map.of("x", Tensor.ofFloats(new float[0], 0, 1, 2, 2))), "empty");
    prepared.close();
    assertThrows(IllegalStateException.class, () -> prepared.run(Map.of("x", right)));
  }

  private static void assertMessage(Runnable action, String... parts) {
    String message = assertThrows(IllegalArgumentException.class, action::run).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void aNegativeDimensionIsAnyBatchSize() {
    SmallNet net = new SmallNet();
    net.input("x", 4);
    net.node("Relu", List.of("x"), "y", dims(4));
    Model model = net.model("y");
    TensorType open = TensorType.of(ElementType.FLOAT, -1, 4);
    Model negative = model.withGraph(model.graph().withInputs(List.of(Input.of("x", open))));
    try (PreparedModel prepared = DL4J.prepare(negative)) {
      for (int batch : new int[] {1, 5, 2}) {
        Tensor x = Tensor.ofFloats(new float[batch * 4], batch, 4);
        assertEquals(x, prepared.run(Map.of("x", x)).get("y"));
      }
    }
  }

  @Test
  void aValueTheModelLacksIsNamed() {
    Options options = Options.DEFAULT.withOutputs(List.of("nothing"));
    assertMessage(() -> DL4J.prepare(twoClasses(), options), "'nothing'");
  }

  @Test
  void whatIsNotNeededNeedNotBeSupported() {
    SmallNet net = new SmallNet();
    net.input("x", 4);
    net.node("Relu", List.of("x"), "y", dims(4));
    net.node("Erf", List.of("y"), "z", dims(4));
    Model model = net.model("z");
    assertFalse(DL4J.supports(model));
    try (PreparedModel prepared = DL4J.prepare(model, Options.DEFAULT.withOutputs(List.of("y")))) {
      Tensor y =
          (Tensor)
              prepared.run(Map.of("x", Tensor.ofFloats(new float[] {-1, 2, -3, 4}, 1, 4))).get("y");
      assertEquals(Tensor.ofFloats(new float[] {0, 2, 0, 4}, 1, 4), y);
    }
  }

  @Test
  void constantsAndInputsMayBeOutputs() {
    SmallNet net = new SmallNet();
    net.input("x", 4);
    net.node("Relu", List.of("x"), "y", dims(4));
    Tensor c = Tensor.ofFloats(new float[] {5}, 1);
    net.constant("c", c);
    Model model = net.model("y");
    List<String> outputs = List.of("c", "x", "y");
    Tensor x = Tensor.ofFloats(new float[] {-1, 2, -3, 4}, 1, 4);
    try (PreparedModel prepared = DL4J.prepare(model, Options.DEFAULT.withOutputs(outputs))) {
      var values = prepared.run(Map.of("x", x));
      assertEquals(outputs, List.copyOf(values.keySet()));
      assertEquals(c, values.get("c"));
      assertEquals(x, values.get("x"));
    }
    Options only = Options.DEFAULT.withOutputs(List.of("c"));
    assertThrows(UnsupportedModelException.class, () -> DL4J.prepare(model, only));
  }

  private static Arguments refusal(String reason, Consumer<SmallNet> body) {
    SmallNet net = new SmallNet();
    net.input("x", 4, 6, 6);
    body.accept(net);
    return Arguments.of(reason, net.model("y"));
  }

  static Stream<Arguments> refusals() {
    Attribute k2 = Attribute.ofInts("kernel_shape", 2, 2);
    return Stream.of(
        refusal("'y_node' (Erf)", net -> net.node("Erf", List.of("x"), "y", dims(4, 6, 6))),
        refusal("(Gelu)", net -> net.node("Gelu", List.of("x"), "y", dims(4, 6, 6))),
        refusal(
            "it is over the axis of the examples",
            net ->
                net.node("Softmax", List.of("x"), "y", dims(4, 6, 6), Attribute.ofInt("axis", 0))),
        refusal(
            "pads both ends alike or as SAME_UPPER does, not by [1, 1] and [0, 0]",
            net ->
                net.node(
                    "MaxPool",
                    List.of("x"),
                    "y",
                    dims(4, 6, 6),
                    k2,
                    Attribute.ofInts("pads", 1, 1, 0, 0))),
        refusal(
            "pooling ignores dilations",
            net ->
                net.node(
                    "MaxPool",
                    List.of("x"),
                    "y",
                    dims(4, 4, 4),
                    k2,
                    Attribute.ofInts("dilations", 2, 2))),
        refusal(
            "clips to",
            net -> {
              net.constant("min", Tensor.scalar(-2f));
              net.constant("max", Tensor.scalar(3f));
              net.node("Clip", List.of("x", "min", "max"), "y", dims(4, 6, 6));
            }),
        refusal(
            "'w' are [5,4,3] for an input [N,4,6,6]",
            net -> net.node("Conv", List.of("x", net.weights("w", 5, 4, 3)), "y", dims(5, 4, 4))),
        refusal(
            "'w', is computed where DL4J takes only a constant",
            net -> {
              net.weights("v", 5, 4, 3, 3);
              net.node("Neg", List.of("x"), "w", dims(4, 6, 6));
              net.node("Conv", List.of("x", "w"), "y", dims(5, 4, 4));
            }),
        refusal(
            "not one number for each channel of 'x' [N,4,6,6]",
            net -> net.node("Mul", List.of("x", net.weights("c", 6)), "y", dims(4, 6, 6))),
        refusal(
            "places that follow each other, not [3, 0]",
            net -> {
              net.constant("places", Tensor.ofLongs(new long[] {-1, 0}, 2));
              net.node(
                  "Gather", List.of("x", "places"), "y", dims(2, 6, 6), Attribute.ofInt("axis", 1));
            }),
        refusal(
            "DL4J keeps the axis of the examples",
            net -> {
              net.constant("places", Tensor.ofLongs(new long[] {0, 1}, 2));
              net.node("Gather", List.of("x", "places"), "y", dims(4, 6, 6));
            }),
        refusal(
            "reshapes each example by itself",
            net -> {
              net.constant("shape", Tensor.ofLongs(new long[] {-1, 6}, 2));
              net.node("Reshape", List.of("x", "shape"), "y", dims(6));
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void whatDl4jCannotExpressIsRefusedWithNodeOperatorAndReason(String reason, Model model) {
    String why = DL4J.whyUnsupported(model).orElse("supported");
    assertTrue(why.contains(reason), why);
    assertTrue(why.contains("'y_node'"), why);
    String thrown =
        assertThrows(UnsupportedModelException.class, () -> DL4J.prepare(model)).getMessage();
    assertEquals(why, thrown);
  }

  private static void assertNotTrainable(Model model, String reason) {
    String message =
        assertThrows(
                UnsupportedModelException.class,
                () ->
                    NetworkCompiler.forTraining(
                        model, TrainingMethod.of(new LossSparseMCXENT(), new Sgd(1), 1)))
            .getMessage();
    assertTrue(message.contains(reason), message);
  }

  @Test
  void whatCannotBeTrainedIsRefusedThoughItRuns() {
    SmallNet shared = new SmallNet();
    String x = shared.input("x", 4);
    String w = shared.weights("w", 4, 4);
    String y = shared.node("MatMul", List.of(x, w), "a", dims(4));
    y = shared.node("MatMul", List.of(y, w), "b", dims(4));
    Model sharing = shared.model(shared.node("Softmax", List.of(y), "y", dims(4)));
    assertTrue(DL4J.supports(sharing));
    assertNotTrainable(sharing, "it shares the weights 'w' with 'a'");

    SmallNet elu = new SmallNet();
    x = elu.input("x", 1, 2, 2);
    x = elu.node("Elu", List.of(x), "e", dims(1, 2, 2), Attribute.ofFloat("alpha", 0.5f));
    Model bent = elu.model(elu.classifier(x, 4, 2));
    assertTrue(DL4J.supports(bent));
    assertNotTrainable(bent, "gradient of ELU");

    SmallNet affine = new SmallNet();
    x = affine.input("x", 3, 2, 2);
    x = affine.node("Mul", List.of(x, affine.weights("c", 3, 1, 1)), "m", dims(3, 2, 2));
    Model scaled = affine.model(affine.classifier(x, 12, 2));
    assertTrue(DL4J.supports(scaled));
    assertNotTrainable(scaled, "no layer that trains the constant 'c'");
  }

  @Test
  void allRefusalsAreToldAtOnceAndNotWhatFollowsFromThem() {
    SmallNet net = new SmallNet();
    String x = net.input("x", 4, 6, 6);
    String y = net.node("Gelu", List.of(x), "a", dims(4, 6, 6));
    y = net.node("Relu", List.of(y), "b", dims(4, 6, 6));
    y = net.node("Gelu", List.of(y), "c", dims(4, 6, 6));
    net.node("Conv", List.of(x, net.weights("w", 5, 4, 3)), "d", dims(5, 4, 4));
    assertEquals(
        "DL4J cannot express 3 of the model's nodes: 'a_node', 'c_node' (Gelu): there is nothing like"
            + " it; 'd_node' (Conv): its weights 'w' are [5,4,3] for an input [N,4,6,6]",
        DL4J.whyUnsupported(net.model(y, "d")).orElse("supported"));
  }

  private static Model of(
      List<Input> inputs, Output output, List<Constant> constants, Node... nodes) {
    return Model.of(Graph.of("g", inputs, List.of(output), List.of(nodes), constants), 21);
  }

  private static Node node(String operator, String inputs, Result y, Attribute... attributes) {
    List<String> names = inputs.isEmpty() ? List.of() : List.of(inputs.split(" ", -1));
    return Node.of(operator, names, List.of(y), attributes);
  }

  private static Map<String, Model> refusedAsAWhole() {
    TensorType ints = TensorType.of(ElementType.INT64, -1, 3);
    TensorType floats = TensorType.of(ElementType.FLOAT, 2, 3);
    Result whole = Result.of("y", ints);
    Output wholeOut = Output.of("y", ints);
    List<Input> a = List.of(Input.of("a", ints));
    Tensor weights = SmallNet.randomTensor(new Random(3), 1, 1, 1, 2, 2, 2);
    TensorType volume = TensorType.of(ElementType.FLOAT, -1, 1, 3, 3, 3);
    TensorType folded = TensorType.of(ElementType.FLOAT, -1, 1, 2, 2, 1);
    Attribute dilations = Attribute.ofInts("dilations", 1, 1, 2);
    return Map.of(
        "(Max): DL4J computes with floats only, not with int64",
        of(List.of(a.get(0), Input.of("b", ints)), wholeOut, List.of(), node("Max", "a b", whole)),
        "(Div): DL4J computes with floats only, not with int64",
        of(
            a,
            Output.of("f", TensorType.of(ElementType.FLOAT, -1, 3)),
            List.of(Constant.of("two", Tensor.scalar(2L))),
            node("Div", "a two", whole),
            node("Cast", "y", Result.of("f"), Attribute.ofInt("to", 1))),
        "the output 'y' is int64",
        of(a, wholeOut, List.of(), node("Identity", "a", whole)),
        "There is nothing for DL4J to compute: [y] are constants",
        of(
            List.of(),
            Output.of("y", floats),
            List.of(),
            node(
                "Constant",
                "",
                Result.of("y", floats),
                Attribute.ofTensor("value", Tensor.ofFloats(new float[6], 2, 3)))),
        "[y] depend on none",
        of(
            List.of(),
            Output.of("y", floats),
            List.of(),
            node("RandomNormal", "", Result.of("y", floats), Attribute.ofInts("shape", 2, 3))),
        "(Conv): DL4J has no dilated convolution over three axes",
        of(
            List.of(Input.of("x", volume)),
            Output.of("y", folded),
            List.of(Constant.of("w", weights)),
            node("Conv", "x w", Result.of("y", folded), dilations)));
  }

  /** What cannot be computed is told by {@code whyUnsupported}, not only when it is compiled. */
  @Test
  void wholeNumbersAndModelsWithoutInputsAreRefusedBeforehand() {
    refusedAsAWhole()
        .forEach(
            (reason, model) -> {
              String why = DL4J.whyUnsupported(model).orElse("supported");
              assertTrue(why.contains(reason), why);
              String thrown =
                  assertThrows(UnsupportedModelException.class, () -> DL4J.prepare(model))
                      .getMessage();
              assertEquals(why, thrown);
            });
  }

  @Test
  void anInputThatNothingReadsIsTakenAndLeftAlone() {
    TensorType type = TensorType.of(ElementType.FLOAT, 2, 6);
    Model model =
        of(
            List.of(Input.of("x", type), Input.of("count", TensorType.of(ElementType.INT64, 3))),
            Output.of("y", type),
            List.of(),
            node("Relu", "x", Result.of("y", type)));
    assertEquals("", DL4J.whyUnsupported(model).orElse(""));
    Tensor x =
        Tensor.ofNumbers(
            ElementType.FLOAT, new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 2, 6);
    Tensor count = Tensor.ofLongs(new long[] {2, 2, 3}, 3);
    try (PreparedModel prepared = DL4J.prepare(model)) {
      assertEquals(x, prepared.run(Map.of("x", x, "count", count)).get("y"));
      assertMessage(() -> prepared.run(Map.of("x", x)), "'count'", "missing");
    }
  }
}
