package dev.sardonyx.ir.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.AttentionLayers.AttentionWithPast;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers: their names, operators and types, what goes on from one call to the next, mistakes. */
class LayersTest {
  private final GraphBuilder b = GraphBuilder.of("layers");
  private final Layers nn = Layers.of(b, 1);

  private static Value input(GraphBuilder b, String name, String shape) {
    return b.input(name, TensorType.of(ElementType.FLOAT, Shape.parse(shape)));
  }

  private Value input(String shape) {
    return input(b, "x", shape);
  }

  private static String refusal(BiFunction<Layers, Value, Value> mistake, String shape) {
    GraphBuilder b = GraphBuilder.of("layers");
    Layers nn = Layers.of(b, 1);
    Value x = input(b, "x", shape);
    String message =
        assertThrows(GraphBuildException.class, () -> mistake.apply(nn, x)).getMessage();
    return message.replaceAll("^LayersTest.java:\\d+: ", "");
  }

  @Test
  void constantsAreNamedAfterTheirLayers() {
    Value x = input("N,T,6");
    Value y = nn.rmsNorm(nn.layerNorm(x));
    y = nn.multiHeadAttention(y, AttentionOptions.of(3).withBias(false));
    y = nn.lstm(y, 2, RecurrentLayerOptions.DEFAULT.bidirectional());
    b.output(y);
    assertEquals(
        List.of(
            "ln1.scale",
            "ln1.bias",
            "rms1.scale",
            "attention1.query.weight",
            "attention1.key.weight",
            "attention1.value.weight",
            "attention1.output.weight",
            "lstm1.weight",
            "lstm1.recurrence",
            "lstm1.bias"),
        b.build().constants().stream()
            .map(Constant::name)
            .filter(name -> name.matches(".*\\.(weight|bias|scale|recurrence)"))
            .toList());
  }

  @ParameterizedTest
  @CsvSource({"21, false", "22, false", "23, true", "24, true"})
  void attentionIsOneOperatorFromOpset23On(int opset, boolean operator) {
    GraphBuilder graph = GraphBuilder.of("attention", opset);
    Value x = input(graph, "x", "N,T,6");
    graph.output(Layers.of(graph, 1).multiHeadAttention(x, AttentionOptions.of(2)));
    List<Node> nodes = graph.build().nodes();
    assertEquals(operator, nodes.stream().anyMatch(node -> node.is("Attention")));
    assertEquals(!operator, nodes.stream().anyMatch(node -> node.is("Softmax")));
  }

  @Test
  void timeMayComeFirst() {
    RecurrentLayerOptions options = RecurrentLayerOptions.DEFAULT.withBatchFirst(false);
    Value x = input("T,N,6");
    Value last = nn.gru(x, 4, options.bidirectional());
    Value steps = nn.gru(x, 4, options.bidirectional().withSequences(true));
    assertEquals("float[N,8]", last.type().toString());
    assertEquals("float[T,N,8]", steps.type().toString());
  }

  /** Both layouts give the same, transposed. */
  @Test
  void layoutsOfTimeAgree() {
    RecurrentLayerOptions options =
        RecurrentLayerOptions.DEFAULT.bidirectional().withSequences(true);
    assertArrayEquals(states(options), states(options.withBatchFirst(false)), 0f);
  }

  private static float[] states(RecurrentLayerOptions options) {
    GraphBuilder b = GraphBuilder.of("layout");
    Value x = input(b, "x", "2,3,6");
    Value y =
        options.batchFirst()
            ? Layers.of(b, 1).lstm(x, 4, options)
            : b.transpose(Layers.of(b, 1).lstm(b.transpose(x, 1, 0, 2), 4, options), 1, 0, 2);
    b.output(y, "y");
    try (PreparedModel prepared = new ReferenceBackend().prepare(b.buildModel())) {
      return prepared.run(Map.of("x", random(1, 2, 3, 6))).tensor("y").toFloats();
    }
  }

  @Test
  void theForgetGateIsOpenAtFirst() {
    b.output(nn.lstm(input("N,T,6"), 2, RecurrentLayerOptions.DEFAULT.bidirectional()));
    float[] direction = {0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    float[] bias = constant(b, "lstm1.bias").toFloats();
    assertEquals(2 * direction.length, bias.length);
    for (int i = 0; i < bias.length; i++) {
      assertEquals(direction[i % direction.length], bias[i], "element " + i);
    }
  }

  /** The recurrence of each direction is orthogonal on its own, and they differ. */
  @Test
  void recurrencesAreOrthogonal() {
    b.output(nn.rnn(input("N,T,6"), 3, RecurrentLayerOptions.DEFAULT.bidirectional()));
    float[] r = constant(b, "rnn1.recurrence").toFloats();
    for (int d = 0; d < 2; d++) {
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          double product = 0;
          for (int k = 0; k < 3; k++) {
            product += r[d * 9 + k * 3 + i] * r[d * 9 + k * 3 + j];
          }
          assertEquals(i == j ? 1 : 0, product, 1e-6);
        }
      }
    }
    assertNotEquals(r[0], r[9]);
  }

  private static Tensor constant(GraphBuilder b, String name) {
    return b.build().constants().stream()
        .filter(c -> c.name().equals(name))
        .map(c -> (Tensor) c.data())
        .findFirst()
        .orElseThrow();
  }

  /** Position by position with past keys and values gives what the whole sequence gives. */
  @ParameterizedTest
  @ValueSource(ints = {13, 21, 23, 24})
  void attentionGoesOnFromThePast(int opset) {
    GraphBuilder graph = GraphBuilder.of("attention", opset);
    AttentionOptions options =
        AttentionOptions.of(4).withKeyValueHeads(2).withCausal(true).withRotaryBase(100);
    Value x = input(graph, "x", "N,T,8");
    Value key = input(graph, "pastKey", "N,2,P,2");
    Value value = input(graph, "pastValue", "N,2,P,2");
    AttentionWithPast y = Layers.of(graph, 3).multiHeadAttentionWithPast(x, key, value, options);
    graph.output(y.output(), "y").output(y.presentKey(), "k").output(y.presentValue(), "v");
    Model model = graph.buildModel();
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      Tensor empty = Tensor.ofFloats(new float[0], 1, 2, 0, 2);
      Tensor all = random(5, 1, 4, 8);
      float[] whole = run(prepared, all, empty, empty).tensor("y").toFloats();
      Tensor keys = empty;
      Tensor values = empty;
      float[] elements = all.toFloats();
      for (int t = 0; t < 4; t++) {
        float[] one = new float[8];
        System.arraycopy(elements, 8 * t, one, 0, 8);
        Outputs step = run(prepared, Tensor.ofFloats(one, 1, 1, 8), keys, values);
        float[] expected = new float[8];
        System.arraycopy(whole, 8 * t, expected, 0, 8);
        assertArrayEquals(expected, step.tensor("y").toFloats(), 1e-5f, "position " + t);
        keys = step.tensor("k");
        values = step.tensor("v");
      }
      assertEquals(Shape.of(1, 2, 4, 2), keys.shape());
    }
  }

  private static Outputs run(PreparedModel prepared, Tensor x, Tensor key, Tensor value) {
    Map<String, Datum> inputs = Map.of("x", x, "pastKey", key, "pastValue", value);
    return prepared.run(inputs);
  }

  private static Tensor random(long seed, long... dims) {
    Random random = new Random(seed);
    float[] elements = new float[Math.toIntExact(Shape.of(dims).size().value())];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.ofFloats(elements, dims);
  }

  @Test
  void imagesThatDoNotFitAreRefused() {
    assertEquals(
        "depthwiseConv takes images [N,C,H,W], but x is float[N,6]",
        refusal((nn, x) -> nn.depthwiseConv(x, 3), "N,6"));
    assertEquals(
        "convTranspose: 2 groups divide neither or not both of the 3 channels of x"
            + " float[N,3,8,8] and the 4 filters; choose a common divisor",
        refusal(
            (nn, x) -> nn.convTranspose(x, 4, 2, ConvOptions.DEFAULT.withGroup(2), true),
            "N,3,8,8"));
    assertEquals(
        "conv: filters must be at least 1, not 0", refusal((nn, x) -> nn.conv(x, 0, 3), "N,3,8,8"));
    assertEquals(
        "squeezeExcite needs at least one channel in the middle, not 0",
        refusal((nn, x) -> nn.squeezeExcite(x, 0), "N,3,8,8"));
  }

  @Test
  void sequencesThatDoNotFitAreRefused() {
    assertEquals(
        "lstm takes sequences [N,T,C] with a fixed C, but x is float[N,T,C]",
        refusal((nn, x) -> nn.lstm(x, 3), "N,T,C"));
    assertEquals("gru: units must be at least 1, not 0", refusal((nn, x) -> nn.gru(x, 0), "N,T,6"));
    assertEquals(
        "embedding takes numbers int32 or int64, but x is float[N,T]",
        refusal((nn, x) -> nn.embedding(x, 5, 6), "N,T"));
    assertEquals(
        "positionEmbedding has 4 positions, but x float[N,5,6] has more; give a greater length",
        refusal((nn, x) -> nn.positionEmbedding(x, 4), "N,5,6"));
    assertEquals(
        "layerNorm takes [N,...,K] with a fixed K, but x is float[N,T,C]",
        refusal((nn, x) -> nn.layerNorm(x), "N,T,C"));
  }

  @Test
  void headsThatDoNotFitAreRefused() {
    AttentionOptions four = AttentionOptions.of(4);
    assertEquals(
        "multiHeadAttention: 4 heads do not divide the 6 elements of x float[N,T,6]; choose a"
            + " divisor or give the size of a head",
        refusal((nn, x) -> nn.multiHeadAttention(x, four), "N,T,6"));
    assertEquals(
        "multiHeadAttention: 3 heads of keys and values cannot be shared evenly among 4 of"
            + " queries; choose a divisor",
        refusal((nn, x) -> nn.multiHeadAttention(x, four.withKeyValueHeads(3)), "N,T,8"));
    assertEquals(
        "multiHeadAttention: rotary positions need a base above 0 and heads of even size, not"
            + " 10000.0 and 3",
        refusal((nn, x) -> nn.multiHeadAttention(x, four.withRotaryBase(10_000)), "N,T,12"));
    assertEquals(
        "multiHeadAttention: past keys and values are [N,4,P,2], but x is float[N,T,8]",
        refusal((nn, x) -> nn.multiHeadAttentionWithPast(x, x, x, four).output(), "N,T,8"));
  }

  @Test
  void aPositionBeyondTheTableIsAnErrorAtRunTime() {
    b.output(nn.positionEmbedding(input("N,T,6"), 3), "y");
    try (PreparedModel prepared = new ReferenceBackend().prepare(b.buildModel())) {
      assertThrows(RuntimeException.class, () -> prepared.run(Map.of("x", random(1, 1, 4, 6))));
    }
  }
}
