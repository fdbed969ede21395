package dev.sardonyx.export.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.PassResult;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random networks mean the same after channels were made equally large, and lose less in 8 bits.
 */
class CrossLayerEqualizationTest {
  private static final int SEEDS = Integer.getInteger("sardonyx.quantize.seeds", 30);

  static IntStream seeds() {
    return IntStream.range(0, SEEDS);
  }

  /** A network with channels of all sizes. */
  private static final class Network {
    final Random random;
    final GraphBuilder b = GraphBuilder.of("network", 17);
    private int made;

    Network(int seed) {
      random = new Random(seed);
    }

    Model convolutional() {
      int channels = 2 * (1 + random.nextInt(3));
      Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, channels, 6, 6));
      for (int layer = 0; layer < 3; layer++) {
        int group = random.nextInt(3) == 0 ? channels : random.nextBoolean() ? 2 : 1;
        int outputs = group == channels ? channels : 2 * (1 + random.nextInt(3));
        Value w = weights(outputs, channels / group, 3, 3);
        List<Value> operands =
            random.nextBoolean() ? List.of(x, w) : List.of(x, w, weights(outputs));
        x =
            b.node(
                "Conv",
                operands,
                Attribute.ofInt("group", group),
                Attribute.ofInts("pads", 1, 1, 1, 1));
        x = between(x);
        channels = outputs;
      }
      x = random.nextBoolean() ? b.flatten(x) : b.flatten(b.node("GlobalAveragePool", x));
      int size = (int) ((TensorType) x.type()).shape().toLongs()[1];
      b.output(dense(b.relu(dense(x, size, 5)), 5, 3), "y");
      return b.buildModel();
    }

    private Value between(Value x) {
      return switch (random.nextInt(6)) {
        case 0 -> b.relu(x);
        case 1 -> b.leakyRelu(x, 0.2f);
        case 2 -> b.relu(b.node("MaxPool", List.of(x), Attribute.ofInts("kernel_shape", 2, 2)));
        case 3 -> b.sigmoid(x); // hands no factor on
        case 4 -> b.add(b.relu(x), x); // has two uses
        default -> x;
      };
    }

    private Value dense(Value x, int size, int width) {
      boolean transposed = random.nextBoolean();
      Value w = transposed ? weights(width, size) : weights(size, width);
      return b.node(
          "Gemm",
          List.of(x, w, weights(width)),
          Attribute.ofInt("transB", transposed ? 1 : 0),
          Attribute.ofFloat("beta", 0.5f));
    }

    private Value weights(long... dims) {
      return b.constant("w" + made++, numbers(dims));
    }

    Tensor numbers(long... dims) {
      int size = 1;
      for (long dim : dims) {
        size *= (int) dim;
      }
      float[] all = new float[size];
      for (int i = 0; i < size; i++) {
        double scale = Math.pow(4, random.nextInt(4) - 2);
        all[i] = (float) (random.nextGaussian() * scale);
      }
      return Tensor.ofFloats(all, dims);
    }
  }

  private static float[] run(Model model, Tensor x) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(Map.of("x", x)).tensor("y").toFloats();
    }
  }

  private static void assertSameMeaning(Model model, Model equalized, Tensor x) {
    float[] before = run(model, x);
    float[] after = run(equalized, x);
    double largest = 0;
    for (float element : before) {
      largest = Math.max(largest, Math.abs(element));
    }
    for (int i = 0; i < before.length; i++) {
      assertEquals(before[i], after[i], 1e-5 * largest);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void meansTheSame(int seed) {
    Network network = new Network(seed);
    Model model = network.convolutional();
    PassResult equalized = new CrossLayerEqualization().apply(model);
    assertTrue(equalized.isChanged()); // the last two layers are a pair at least
    Tensor x =
        network.numbers(((TensorType) model.graph().inputs().get(0).type()).shape().toLongs());
    assertSameMeaning(model, equalized.model(), x);
    assertEquals(model.graph().nodes(), equalized.model().graph().nodes());
    assertSame(
        equalized.model(),
        new CrossLayerEqualization().apply(equalized.model()).model(),
        "equal channels stay");
  }

  private static Model pair(float... channels) {
    Network network = new Network(4);
    GraphBuilder b = network.b;
    int count = channels.length;
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 3, 16));
    float[] first = network.numbers(16, count).toFloats();
    for (int i = 0; i < first.length; i++) {
      first[i] *= channels[i % count];
    }
    Value v = b.constant("v", Tensor.ofFloats(first, 16, count));
    Value w = b.constant("w", network.numbers(count, 4));
    b.output(b.matMul(b.relu(b.matMul(x, v)), w), "y");
    return b.buildModel();
  }

  private static double perTensor(Model model, String name) {
    Tensor weights =
        model.graph().constants().stream()
            .filter(c -> c.name().equals(name))
            .map(Constant::data)
            .map(Tensor.class::cast)
            .findFirst()
            .orElseThrow();
    QuantizationScheme scheme = QuantizationScheme.symmetric(ElementType.INT8);
    QuantizedWeights stored =
        QuantizedWeights.of(name, weights, QuantizedWeights.PER_TENSOR, scheme);
    float[] numbers = weights.toFloats();
    float[] back = stored.dequantized();
    // The worst channel, which tells what is lost where channels are small
    double worst = Double.POSITIVE_INFINITY;
    int width = (int) weights.dim(1);
    for (int channel = 0; channel < width; channel++) {
      float[] one = new float[numbers.length / width];
      float[] other = new float[one.length];
      for (int i = 0; i < one.length; i++) {
        one[i] = numbers[i * width + channel];
        other[i] = back[i * width + channel];
      }
      worst = Math.min(worst, WeightReport.signalToNoise(one, other));
    }
    return worst;
  }

  @Test
  void smallChannelsAreStoredAsFinelyAsLargeOnes() {
    Model model = pair(1, 100, 0.01f, 1, 3);
    Model equalized = new CrossLayerEqualization().apply(model).model();
    assertTrue(perTensor(model, "v") < 5, () -> perTensor(model, "v") + " dB");
    assertTrue(perTensor(equalized, "v") > 15, () -> perTensor(equalized, "v") + " dB");
  }

  @Test
  void aChannelOfZerosStays() {
    Model model = pair(1, 0, 5);
    Model equalized = new CrossLayerEqualization().apply(model).model();
    assertSameMeaning(model, equalized, new Network(1).numbers(3, 16));
  }

  /** A matrix of three dimensions has its channels last, a convolution second. */
  @Test
  void productsBeforeConvolutionsAreNoPair() {
    Network network = new Network(2);
    GraphBuilder b = network.b;
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 4, 5));
    Value y = b.relu(b.matMul(x, b.constant("v", network.numbers(5, 4))));
    b.output(b.node("Conv", y, b.constant("w", network.numbers(3, 4, 1))), "y");
    Model model = b.buildModel();
    assertSame(model, new CrossLayerEqualization().apply(model).model());
  }

  /** Scaled up to the others, its bias would fill the range of the activations. */
  @Test
  void channelsThatAreNothingButTheirBiasDoNotFillTheRange() {
    GraphBuilder b = GraphBuilder.of("network", 17);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 3));
    float[] first = {1e-15f, 1, 0.01f, 1e-15f, 2, 0.02f, 1e-15f, 3, 0.03f};
    Value hidden = b.relu(b.gemm(x, matrix(b, "first", first), vector(b, 5, 1, 0)));
    float[] second = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    b.output(b.gemm(hidden, matrix(b, "second", second), vector(b, 0, 0, 0)), "y");
    Model equal = new CrossLayerEqualization().apply(b.buildModel()).model();
    GraphIndex index = GraphIndex.of(equal.graph());
    float[] bias = index.constant("bias5.0").orElseThrow().toFloats();
    assertTrue(bias[0] < 100, "the dead channel has " + bias[0]);
    float[] weights = index.constant("first").orElseThrow().toFloats();
    assertTrue(weights[2] > 0.1f, "the small channel that depends on x has " + weights[2]);
  }

  private static Value matrix(GraphBuilder b, String name, float[] elements) {
    return b.constant(name, Tensor.ofFloats(elements, 3, 3));
  }

  private static Value vector(GraphBuilder b, float... elements) {
    return b.constant("bias" + elements[0], Tensor.ofFloats(elements, 3));
  }
}
