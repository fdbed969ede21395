package dev.sardonyx.ir.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ready networks have the parameters they are known to have, and the summary says so. */
class NetworksTest {
  @ParameterizedTest
  @CsvSource({
    "seed, 288202",
    "resnet18, 11689512",
    "resnet34, 21797672",
    "resnet50, 25557032",
    "resnet101, 44549160",
    "resnet152, 60192808",
    "mobilenetv2, 3504872" // as torchvision's, which does not count running statistics
  })
  void trainableParameters(String name, long expected) {
    Model model = Networks.named(name).build(1);
    assertEquals("", Checker.check(model).toString().strip(), "problems");
    assertEquals(expected, ModelSummary.of(model).trainable());
  }

  /** Weights of 3 n - 1 blocks without and 2 with projection, counted by the paper's rule. */
  @ParameterizedTest
  @CsvSource({"20", "32", "44", "56", "110"})
  void cifarParameters(int depth) {
    int n = (depth - 2) / 6;
    long expected = (9 * 3 * 16 + 32) + (64 * 10 + 10);
    for (int filters = 16; filters <= 64; filters *= 2) {
      long conv = 9L * filters * filters + 2L * filters;
      expected += 2L * n * conv;
      if (filters > 16) {
        expected -= 9L * filters * filters / 2; // the first convolution has half the inputs
        expected += (long) filters * filters / 2 + 2L * filters;
      }
    }
    Model model = Networks.named("cifar" + depth).build(1);
    assertEquals("", Checker.check(model).toString().strip(), "problems");
    assertEquals(expected, ModelSummary.of(model).trainable());
    assertEquals("float[N,10]", model.graph().outputs().get(0).type().toString());
    long layers =
        model.graph().nodes().stream()
            .filter(node -> node.is("Conv") && node.intsAttribute("kernel_shape").get()[0] == 3)
            .count();
    assertEquals(depth, layers + 1, "3x3 convolutions and the dense layer");
  }

  /**
   * Those of the same networks in torch; 1.0 and, with running statistics, Keras' are published.
   */
  @ParameterizedTest
  @CsvSource({
    "0.35, 1677128",
    "0.5, 1968680",
    "0.75, 2636424",
    "1, 3504872",
    "1.3, 5386792",
    "1.4, 6108776"
  })
  void mobileNetsOfAnyWidth(double width, long expected) {
    ModelSummary summary = ModelSummary.of(MobileNetV2.of(width).build(1));
    assertEquals(expected, summary.trainable());
    if (width == 1) {
      assertEquals(3_538_984, summary.parameters(), "with running statistics, as Keras counts");
    }
  }

  @Test
  void mobileNetsImageGetsSmaller() {
    List<String> types =
        MobileNetV2.of(1).build(1).graph().nodes().stream()
            .filter(node -> node.is("Add"))
            .map(node -> node.output(0).type().toString())
            .distinct()
            .toList();
    assertEquals(
        List.of(
            "float[N,24,56,56]",
            "float[N,32,28,28]",
            "float[N,64,14,14]",
            "float[N,96,14,14]",
            "float[N,160,7,7]"),
        types);
  }

  /** The paper's size, padded and with batch normalisation, in torch: 31,037,698. */
  @Test
  void uNet() {
    Model model = UNet.of(4, 64).withImage(3, 96, 64).build(1);
    assertEquals("", Checker.check(model).toString().strip(), "problems");
    assertEquals(31_037_698, ModelSummary.of(model).trainable());
    assertEquals("float[N,2,96,64]", model.graph().outputs().get(0).type().toString());
    assertEquals(482_754, ModelSummary.of(Networks.uNet().build(1)).trainable());
    String message =
        assertThrows(GraphBuildException.class, () -> UNet.of(3, 4).withImage(3, 64, 60).build(1))
            .getMessage();
    assertTrue(
        message.contains(
            "This U-Net takes images whose height and width are multiples of 8, but image is"
                + " float[N,3,64,60]"),
        message);
  }

  /** A block of BERT's base size has as many parameters as torch's layer, 7,087,872. */
  @Test
  void transformerEncoder() {
    TransformerOptions options = TransformerOptions.of(12, 3072);
    Model model = TransformerEncoder.of(1, 768, 16, options).withVocabulary(30).build(1);
    assertEquals("", Checker.check(model).toString().strip(), "problems");
    long around = 30 * 768 + 16 * 768 + 768 * 2 + 2;
    assertEquals(7_087_872 + around, ModelSummary.of(model).trainable());
    assertEquals("float[N,2]", model.graph().outputs().get(0).type().toString());
  }

  /**
   * Keras' example of two bidirectional layers for IMDB has 2,757,761 parameters; ONNX has a second
   * bias for each gate, direction and layer.
   */
  @Test
  void lstmClassifier() {
    Model model = LstmClassifier.of(2, 128, 64).withClasses(1).build(1);
    assertEquals("", Checker.check(model).toString().strip(), "problems");
    assertEquals(2_757_761 + 4 * 64 * 2 * 2, ModelSummary.of(model).trainable());
    assertEquals("float[N,1]", model.graph().outputs().get(0).type().toString());
  }

  @Test
  void impossibleNetworksAreRefused() {
    assertThrows(GraphBuildException.class, () -> MobileNetV2.of(0));
    assertThrows(GraphBuildException.class, () -> MobileNetV2.of(Double.NaN));
    assertThrows(GraphBuildException.class, () -> UNet.of(0, 64));
    assertThrows(GraphBuildException.class, () -> LstmClassifier.of(0, 8, 8));
    assertThrows(GraphBuildException.class, () -> Networks.lstmClassifier().withVocabulary(0));
    TransformerOptions options = TransformerOptions.of(4, 8);
    assertThrows(GraphBuildException.class, () -> TransformerEncoder.of(0, 8, 8, options));
  }

  @Test
  void anyImageSizeAndClasses() {
    Model model = Networks.named("resnet18").withImage(1, 28, 28).withClasses(10).build(1);
    assertEquals("float[N,1,28,28]", model.graph().inputs().get(0).type().toString());
    assertEquals("float[N,10]", model.graph().outputs().get(0).type().toString());
  }

  @Test
  void theSeedNetworksSummary() {
    assertEquals(
        """
        Model seed
        Layer         Operator  Output             Parameters
        -----------------------------------------------------
        image         Input     float[N,1,28,28]            0
        conv1         Conv      float[N,32,28,28]         320
        relu1         Relu      float[N,32,28,28]           0
        block1.conv1  Conv      float[N,32,28,28]       9,248
        block1.relu1  Relu      float[N,32,28,28]           0
        block1.conv2  Conv      float[N,32,28,28]       9,248
        block1.add1   Add       float[N,32,28,28]           0
        block1.relu2  Relu      float[N,32,28,28]           0
        block2.conv1  Conv      float[N,32,28,28]       9,248
        block2.relu1  Relu      float[N,32,28,28]           0
        block2.conv2  Conv      float[N,32,28,28]       9,248
        block2.add1   Add       float[N,32,28,28]           0
        block2.relu2  Relu      float[N,32,28,28]           0
        flatten1      Flatten   float[N,25088]              0
        dense1        Gemm      float[N,10]           250,890
        softmax1      Softmax   float[N,10]                 0
        -----------------------------------------------------
        Parameters: 288,202
        """,
        ModelSummary.of(Networks.named("seed").build(1)).toString());
  }

  @Test
  void runningStatisticsAreNotTrainable() {
    ModelSummary summary = ModelSummary.of(Networks.named("cifar20").build(1));
    assertEquals(2 * (7 * 16 + 7 * 32 + 7 * 64), summary.parameters() - summary.trainable());
    assertTrue(summary.toString().contains("Parameters: 274,042 (trainable 272,474)"));
  }

  @Test
  void theSameSeedGivesTheSameWeights() {
    assertEquals(Networks.named("cifar20").build(5), Networks.named("cifar20").build(5));
    assertNotEquals(Networks.named("cifar20").build(5), Networks.named("cifar20").build(6));
  }

  @Test
  void theSeedNetworkGivesProbabilities() {
    Model model = Networks.named("seed").build(3);
    float[] pixels = new float[2 * 784];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      Tensor y =
          (Tensor)
              prepared
                  .run(Map.of("image", Tensor.ofFloats(pixels, 2, 1, 28, 28)))
                  .get("probabilities");
      float[] p = Objects.requireNonNull(y).toFloats();
      assertEquals(1, p[0] + p[1] + p[2] + p[3] + p[4] + p[5] + p[6] + p[7] + p[8] + p[9], 1e-5);
    }
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Networks.named("vgg")).getMessage();
    assertEquals(
        "There is no network vgg; choose one of seed, projection, resnet18, resnet34, resnet50,"
            + " resnet101, resnet152, cifar20, cifar32, cifar44, cifar56, cifar110, mobilenetv2",
        message);
    assertThrows(IllegalArgumentException.class, () -> ResNet.imageNet(20));
    assertThrows(IllegalArgumentException.class, () -> ResNet.cifar(19));
    assertThrows(IllegalArgumentException.class, () -> Networks.named("seed").withImage(0, 28, 28));
  }

  @Test
  void weightsDependOnSeedAndNameAlone() {
    Tensor first = Initializer.glorotUniform().tensor(42, "conv1.weight", 9, 288, 32, 1, 3, 3);
    Initializer.heNormal().tensor(42, "other", 9, 9, 100);
    assertEquals(
        first, Initializer.glorotUniform().tensor(42, "conv1.weight", 9, 288, 32, 1, 3, 3));
    double limit = Math.sqrt(6.0 / (9 + 288));
    double sum = 0;
    for (float weight : first.toFloats()) {
      assertTrue(Math.abs(weight) <= limit, "weight " + weight + " within " + limit);
      sum += weight;
    }
    assertEquals(0, sum / first.size(), limit / 5, "mean");
    // The first weights of this seed and name, so that every JDK gives the same.
    assertArrayEquals(
        new float[] {0.06549578f, -0.1045115f, -0.106477514f},
        Arrays.copyOf(first.toFloats(), 3),
        0f);
  }

  @Test
  void layersNameTheirConstants() {
    GraphBuilder b = GraphBuilder.of("layers");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    Value image = nn.batchNorm(nn.conv(x, 4, 3));
    b.output(
        b.scope(
            "head",
            () -> {
              Value features = b.flatten(nn.batchNorm(nn.conv(image, 2, 1)));
              return nn.dense(nn.dense(features, 5), 2, false);
            }));
    assertEquals(
        List.of(
            "conv1.weight",
            "conv1.bias",
            "bn1.scale",
            "bn1.bias",
            "bn1.mean",
            "bn1.variance",
            "head.conv1.weight",
            "head.conv1.bias",
            "head.bn1.scale",
            "head.bn1.bias",
            "head.bn1.mean",
            "head.bn1.variance",
            "head.dense1.weight",
            "head.dense1.bias",
            "head.dense2.weight"),
        b.build().constants().stream().map(Constant::name).toList());
  }
}
