package dev.sardonyx.ir.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers give what torch's give for the same weights, at an opset that has their operators and at
 * those that make them of older ones. What torch gave is in torch-layers.txt, made by
 * torch-layers.py.
 */
class LayersAgainstTorchTest {
  private static final ConvOptions PADDED = ConvOptions.DEFAULT.withStrides(2).withPads(1);
  private static final AttentionOptions TWO = AttentionOptions.of(2);

  /** Sizes that the inputs' symbols stand for. */
  private static final Map<String, Long> SIZES = Map.of("N", 2L, "T", 4L, "S", 3L, "P", 3L);

  private static final Map<String, Function<Layers, Value>> CASES = new LinkedHashMap<>();

  static {
    CASES.put("depthwise", nn -> nn.depthwiseConv(image(nn), 2, 3, PADDED, true));
    CASES.put("separable", nn -> nn.separableConv(image(nn), 3, 3));
    CASES.put("transposed", nn -> nn.convTranspose(image(nn), 3, 3, PADDED, true));
    CASES.put(
        "transposed-groups",
        nn ->
            nn.convTranspose(
                image(nn), 2, 2, ConvOptions.DEFAULT.withStrides(2).withGroup(2), false));
    CASES.put("squeeze-excite", nn -> nn.squeezeExcite(image(nn), 2));
    CASES.put("layer-norm", nn -> nn.layerNorm(sequence(nn)));
    CASES.put("rms-norm", nn -> nn.rmsNorm(sequence(nn)));
    CASES.put(
        "embedding",
        nn ->
            nn.embedding(
                nn.builder().input("x", TensorType.of(ElementType.INT64, Shape.parse("N,T"))),
                7,
                3));
    CASES.put("position", nn -> nn.positionEmbedding(sequence(nn), 9));
    recurrent("lstm", (nn, options) -> nn.lstm(sequence(nn), 3, options));
    recurrent("gru", (nn, options) -> nn.gru(sequence(nn), 3, options));
    recurrent("rnn", (nn, options) -> nn.rnn(sequence(nn), 3, options));
    attention();
    TransformerOptions post = TransformerOptions.of(2, 10);
    CASES.put("transformer", nn -> nn.transformerBlock(sequence(nn), post));
    CASES.put(
        "transformer-pre-norm",
        nn ->
            nn.transformerBlock(
                sequence(nn),
                post.withPreNorm(true)
                    .withDropout(0.1f)
                    .withActivation(TransformerOptions.Activation.GELU)));
  }

  private interface RecurrentCase {
    Value build(Layers nn, RecurrentLayerOptions options);
  }

  private static void recurrent(String name, RecurrentCase layer) {
    RecurrentLayerOptions last = RecurrentLayerOptions.DEFAULT;
    RecurrentLayerOptions both = last.bidirectional();
    CASES.put(name, nn -> layer.build(nn, last));
    CASES.put(name + "-sequences", nn -> layer.build(nn, last.withSequences(true)));
    CASES.put(name + "-both", nn -> layer.build(nn, both));
    CASES.put(name + "-both-sequences", nn -> layer.build(nn, both.withSequences(true)));
    CASES.put(
        name + "-both-lengths",
        nn ->
            layer.build(
                nn,
                both.withLengths(
                    nn.builder().constant("lengths", Tensor.ofInts(new int[] {4, 2}, 2)))));
  }

  private static void attention() {
    AttentionOptions shared = AttentionOptions.of(4).withKeyValueHeads(2);
    CASES.put("attention", nn -> nn.multiHeadAttention(sequence(nn), TWO));
    CASES.put("attention-torch", nn -> nn.multiHeadAttention(sequence(nn), TWO));
    CASES.put(
        "attention-causal",
        nn -> nn.multiHeadAttention(sequence(nn), TWO.withCausal(true).withBias(false)));
    CASES.put("attention-mask", nn -> nn.multiHeadAttention(sequence(nn), TWO.withMask(mask(nn))));
    CASES.put(
        "attention-causal-mask",
        nn -> nn.multiHeadAttention(sequence(nn), TWO.withMask(mask(nn)).withCausal(true)));
    CASES.put(
        "attention-shared",
        nn -> nn.multiHeadAttention(input(nn, "x", "N,T,8"), shared.withHeadSize(3)));
    CASES.put(
        "attention-rotary",
        nn ->
            nn.multiHeadAttention(
                input(nn, "x", "N,T,8"), TWO.withRotaryBase(10_000).withCausal(true)));
    CASES.put(
        "attention-cross",
        nn -> nn.multiHeadAttention(sequence(nn), input(nn, "context", "N,S,5"), TWO));
    CASES.put(
        "attention-past",
        nn -> {
          AttentionOptions options = shared.withHeadSize(4).withRotaryBase(10_000).withCausal(true);
          Value key = input(nn, "pastKey", "N,2,P,4");
          Value value = input(nn, "pastValue", "N,2,P,4");
          Value x = input(nn, "x", "N,T,8");
          return nn.multiHeadAttentionWithPast(x, key, value, options).output();
        });
  }

  private static Value input(Layers nn, String name, String shape) {
    return nn.builder().input(name, TensorType.of(ElementType.FLOAT, Shape.parse(shape)));
  }

  private static Value image(Layers nn) {
    return input(nn, "x", "N,4,5,5");
  }

  private static Value sequence(Layers nn) {
    return input(nn, "x", "N,T,6");
  }

  private static Value mask(Layers nn) {
    return input(nn, "mask", "T,T");
  }

  static Stream<Arguments> cases() {
    return Stream.of(11, 13, 17, 21, 23, 24)
        .flatMap(opset -> CASES.keySet().stream().map(name -> Arguments.of(name, opset)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sameOutput(String name, int opset) throws IOException {
    Model model = model(name, opset);
    assertEquals("", Checker.check(model).toString().strip(), "problems");
    Map<String, Datum> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      inputs.put(input.name(), values(input.name(), (TensorType) input.type()));
    }
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      Tensor y = prepared.run(inputs).tensor("y");
      assertArrayEquals(fromTorch().get(name), y.toFloats(), 1e-5f);
      TensorType inferred = (TensorType) model.graph().outputs().get(0).type();
      assertEquals(y.shape(), Shape.of(sizes(inferred)), "inferred as " + inferred);
    }
  }

  /** Every line of the file is looked at. */
  @Test
  void nothingOfTorchIsLeftOut() throws IOException {
    assertEquals(new TreeSet<>(CASES.keySet()), new TreeSet<>(fromTorch().keySet()));
  }

  private static Model model(String name, int opset) {
    GraphBuilder b = GraphBuilder.of("layer", opset);
    b.output(CASES.get(name).apply(Layers.of(b, 1)), "y");
    Model model = b.buildModel();
    return model.withGraph(
        model
            .graph()
            .withConstants(
                model.graph().constants().stream().map(LayersAgainstTorchTest::filled).toList()));
  }

  private static Constant filled(Constant constant) {
    String name = constant.name();
    Set<String> parameters = Set.of("weight", "recurrence", "bias", "scale");
    return parameters.contains(name.substring(name.lastIndexOf('.') + 1))
        ? Constant.of(name, values(name, (TensorType) constant.type()))
        : constant;
  }

  /** As in torch-layers.py. */
  private static Tensor values(String name, TensorType type) {
    long start = name.chars().asLongStream().sum() * 31;
    long[] dims = sizes(type).stream().mapToLong(Dim::value).toArray();
    boolean ids = type.elementType() == ElementType.INT64;
    double[] numbers = new double[Math.toIntExact(Shape.of(dims).size().value())];
    for (int i = 0; i < numbers.length; i++) {
      long mixed = (i * 7919L + start) % 201;
      numbers[i] = ids ? mixed % 7 : (mixed - 100) / 200f;
    }
    return Tensor.ofNumbers(type.elementType(), numbers, dims);
  }

  private static List<Dim> sizes(TensorType type) {
    Map<String, Dim> known = new HashMap<>();
    SIZES.forEach((symbol, size) -> known.put(symbol, Dim.of(size)));
    List<Dim> sizes = type.shape().dims().stream().map(d -> d.substitute(known)).toList();
    assertTrue(sizes.stream().allMatch(Dim::isFixed), () -> "all sizes follow: " + type);
    return sizes;
  }

  private static Map<String, float[]> fromTorch() throws IOException {
    Map<String, float[]> outputs = new HashMap<>();
    try (InputStream in = LayersAgainstTorchTest.class.getResourceAsStream("torch-layers.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        List<String> words = List.of(line.split(" ", -1));
        float[] elements = new float[words.size() - 1];
        for (int i = 0; i < elements.length; i++) {
          elements[i] = Float.parseFloat(words.get(i + 1));
        }
        outputs.put(words.get(0), elements);
      }
    }
    return outputs;
  }
}
