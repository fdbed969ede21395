package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.nn.AttentionLayers.AttentionWithPast;
import dev.sardonyx.ir.nn.AttentionOptions;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.LstmClassifier;
import dev.sardonyx.ir.nn.MobileNetV2;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.nn.RecurrentLayerOptions;
import dev.sardonyx.ir.nn.TransformerOptions;
import dev.sardonyx.ir.nn.UNet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ready networks and the layers they are made of are without problems, and the reference
 * evaluator and ONNX Runtime give the same for batches and sequences of any size.
 */
class NetworksInOrtTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-4, 1e-5);

  @ParameterizedTest
  @ValueSource(ints = {11, 21})
  void mobileNetV2(int opset) {
    Model model = MobileNetV2.of(0.35).withImage(3, 32, 32).withOpset(opset).build(1);
    try (Both both = new Both(model)) {
      both.agree(Map.of("image", floats(1, 1, 3, 32, 32)), "probabilities", 1, 1000);
      both.agree(Map.of("image", floats(2, 3, 3, 32, 32)), "probabilities", 3, 1000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 21})
  void uNet(int opset) {
    Model model = UNet.of(2, 4).withImage(1, 16, 24).withClasses(3).withOpset(opset).build(1);
    try (Both both = new Both(model)) {
      both.agree(Map.of("image", floats(1, 1, 1, 16, 24)), "probabilities", 1, 3, 16, 24);
      both.agree(Map.of("image", floats(2, 2, 1, 16, 24)), "probabilities", 2, 3, 16, 24);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 21, 23, 24})
  void transformerEncoder(int opset) {
    Model model = Networks.transformerEncoder().withVocabulary(50).withOpset(opset).build(1);
    try (Both both = new Both(model)) {
      both.agree(Map.of("tokens", tokens(1, 50, 2, 9)), "probabilities", 2, 2);
      both.agree(Map.of("tokens", tokens(2, 50, 1, 4)), "probabilities", 1, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 21, 23})
  void lstmClassifier(int opset) {
    Model model = LstmClassifier.of(2, 8, 16).withVocabulary(50).withOpset(opset).build(1);
    try (Both both = new Both(model)) {
      both.agree(Map.of("tokens", tokens(1, 50, 2, 9)), "probabilities", 2, 2);
      both.agree(Map.of("tokens", tokens(2, 50, 1, 4)), "probabilities", 1, 2);
    }
  }

  /** A decoder's step over positions it has seen and new ones. */
  @ParameterizedTest
  @ValueSource(ints = {11, 21, 23, 24})
  void attentionWithPast(int opset) {
    GraphBuilder b = GraphBuilder.of("decoder", opset);
    AttentionOptions options =
        AttentionOptions.of(4).withKeyValueHeads(2).withCausal(true).withRotaryBase(10_000);
    Value x = input(b, "x", "N,T,16");
    Value key = input(b, "pastKey", "N,2,P,4");
    Value value = input(b, "pastValue", "N,2,P,4");
    AttentionWithPast y = Layers.of(b, 1).multiHeadAttentionWithPast(x, key, value, options);
    b.output(y.output(), "y").output(y.presentKey(), "k").output(y.presentValue(), "v");
    try (Both both = new Both(b.buildModel())) {
      both.agree(
          Map.of(
              "x", floats(1, 2, 3, 16),
              "pastKey", floats(2, 2, 2, 5, 4),
              "pastValue", floats(3, 2, 2, 5, 4)),
          "y",
          2,
          3,
          16);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 21, 23, 24})
  void layersOfSequences(int opset) {
    TransformerOptions options =
        TransformerOptions.of(2, 12)
            .withNorm(TransformerOptions.Norm.RMS)
            .withAttention(AttentionOptions.of(2).withCausal(true));
    RecurrentLayerOptions both = RecurrentLayerOptions.DEFAULT.bidirectional();
    sameOutput(
        opset,
        "N,T,8",
        floats(1, 2, 5, 8),
        (nn, x) -> {
          Value y = nn.transformerBlock(x, options);
          return nn.rnn(nn.gru(y, 4, both.withSequences(true)), 3, both);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 21, 23})
  void layersOfImages(int opset) {
    sameOutput(
        opset,
        "N,4,H,W",
        floats(1, 2, 4, 6, 8),
        (nn, x) -> {
          Value y = nn.squeezeExcite(nn.separableConv(x, 6, 3), 2);
          y = nn.depthwiseConv(y, 2, 3, ConvOptions.DEFAULT.withStrides(2).withPads(1), true);
          ConvOptions twice = ConvOptions.DEFAULT.withStrides(2).withGroup(2);
          return nn.convTranspose(y, 4, 2, twice, true);
        });
  }

  private static void sameOutput(
      int opset, String shape, Tensor data, BiFunction<Layers, Value, Value> layers) {
    GraphBuilder b = GraphBuilder.of("layers", opset);
    Value x = input(b, "x", shape);
    b.output(layers.apply(Layers.of(b, 1), x), "y");
    try (Both both = new Both(b.buildModel())) {
      both.agree(Map.of("x", data), "y");
    }
  }

  private static Value input(GraphBuilder b, String name, String shape) {
    return b.input(name, TensorType.of(ElementType.FLOAT, Shape.parse(shape)));
  }

  private static Tensor floats(long seed, long... dims) {
    Random random = new Random(seed);
    float[] elements = new float[Math.toIntExact(Shape.of(dims).size().value())];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.ofFloats(elements, dims);
  }

  private static Tensor tokens(long seed, int vocabulary, long... dims) {
    int size = Math.toIntExact(Shape.of(dims).size().value());
    return Tensor.ofLongs(
        new Random(seed).ints(size, 0, vocabulary).asLongStream().toArray(), dims);
  }

  /** A model without problems, all of whose types are known, in both backends. */
  private static final class Both implements AutoCloseable {
    private final PreparedModel reference;
    private final PreparedModel ort;

    Both(Model model) {
      assertEquals("", Checker.check(model).toString().strip(), "problems");
      Model inferred = ShapeInference.infer(model).model();
      inferred
          .graph()
          .nodes()
          .forEach(
              node ->
                  assertTrue(
                      node.output(0).type() instanceof TensorType type
                          && type.shape().isRanked()
                          && type.shape().dims().stream().allMatch(d -> d.isKnown()),
                      () -> node.label() + " is inferred as " + node.output(0).type()));
      Backend runtime = OrtBackend.cpu();
      reference = new ReferenceBackend().prepare(model);
      ort = runtime.prepare(model);
    }

    /** All outputs agree, and the named one has this shape if one is given. */
    void agree(Map<String, Tensor> inputs, String output, long... shape) {
      Map<String, Datum> expected = reference.run(inputs);
      Map<String, Datum> actual = ort.run(inputs);
      assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
      expected.forEach(
          (name, value) ->
              assertEquals(
                  Optional.empty(),
                  DatumComparison.difference(value, actual.get(name), TOLERANCE),
                  name));
      if (shape.length > 0) {
        assertEquals(Shape.of(shape), ((Tensor) actual.get(output)).shape());
      }
    }

    @Override
    public void close() {
      reference.close();
      ort.close();
    }
  }
}
