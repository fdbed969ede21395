package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.QuantizationTarget;
import dev.sardonyx.export.quantize.Range;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.session.Optimization;
import dev.sardonyx.runtime.session.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Quantised models say what the models in float say, and run in ONNX Runtime's integer kernels. */
final class QuantizerTest {
  private static final int SEEDS = Integer.getInteger("sardonyx.quantize.seeds", 6);

  @TempDir private Path folder;

  private static Map<String, Tensor> images(long seed, int count) {
    Random random = new Random(seed);
    float[] pixels = new float[count * 3 * 8 * 8];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Map.of("x", Tensor.ofFloats(pixels, count, 3, 8, 8));
  }

  private static List<Map<String, Tensor>> data() {
    return List.of(images(1, 8), images(2, 8), images(3, 8));
  }

  private static float[] run(Backend backend, Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(inputs).tensor().toFloats();
    }
  }

  /** Signal to noise in decibels. */
  static double quality(float[] wanted, float[] given) {
    double signal = 0;
    double noise = 1e-30;
    for (int i = 0; i < wanted.length; i++) {
      signal += (double) wanted[i] * wanted[i];
      noise += Math.pow((double) wanted[i] - given[i], 2);
    }
    return 10 * Math.log10(signal / noise);
  }

  /** Layers drawn by chance between a first convolution and a last matrix product. */
  private static Model network(long seed) {
    Random random = new Random(seed);
    GraphBuilder b = GraphBuilder.of("network" + seed);
    Layers nn = Layers.of(b, seed);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    Value before = nn.conv(x, 8, 3);
    for (int i = 0; i < 5; i++) {
      Value next =
          switch (random.nextInt(10)) {
            case 0 -> b.relu(nn.conv(before, 8, 3));
            case 1 -> b.clip(nn.batchNorm(nn.conv(before, 8, 3)), 0f, 2f);
            case 2 -> b.relu(b.add(before, nn.conv(before, 8, 1)));
            case 3 -> b.mul(before, b.sigmoid(nn.conv(before, 8, 1)));
            case 4 -> nn.conv(b.concat(1, before, nn.conv(before, 3, 3)), 8, 1);
            case 5 -> b.leakyRelu(nn.conv(before, 8, 3), 0.2f);
            case 6 -> b.transpose(b.transpose(before, 0, 2, 3, 1), 0, 3, 1, 2);
            case 7 -> b.elu(before, 1f);
            case 8 -> nn.conv(b.add(before, b.constant(0.5f)), 8, 3);
            default -> b.add(before, b.relu(before));
          };
      before = next;
    }
    Value pooled = random.nextBoolean() ? b.maxPool(before, 2) : b.globalAveragePool(before);
    b.output(nn.dense(b.flatten(pooled), 5), "y");
    return b.buildModel();
  }

  @Test
  void saysWhatTheModelInFloatSaysHoweverItIsRun() {
    QuantizationOptions cpu = QuantizationOptions.cpu();
    List<QuantizationOptions> all =
        List.of(
            cpu,
            cpu.withReducedRange(),
            cpu.withWeights(QuantizationScheme.symmetric(ElementType.INT8), false),
            cpu.withActivations(QuantizationScheme.symmetric(ElementType.INT8)),
            QuantizationOptions.tensorRt(),
            QuantizationOptions.qnn());
    List<Backend> backends =
        List.of(
            new ReferenceBackend(),
            OrtBackend.cpu().withOptimization(Optimization.BASIC),
            OrtBackend.cpu());
    Map<String, Tensor> unseen = images(9, 4);
    for (int seed = 0; seed < SEEDS; seed++) {
      Model model = network(seed);
      CalibratedModel calibrated = Quantizer.of(model).calibrate(data(), Calibration.minMax());
      float[] wanted = run(OrtBackend.cpu(), model, unseen);
      QuantizationOptions options = all.get(seed % all.size());
      StaticQuantization.Quantized small = calibrated.quantize(options);
      assertTrue(Checker.check(small.model()).isValid());
      for (Backend backend : backends) {
        double quality = quality(wanted, run(backend, small.model(), unseen));
        assertTrue(
            quality > 18,
            seed + " for " + options.target().name() + " in " + backend.name() + ": " + quality);
      }
    }
  }

  @Test
  void everyCalibrationKeepsTheAnswers() {
    Model model = network(3);
    Map<String, Tensor> unseen = images(9, 16);
    float[] wanted = run(OrtBackend.cpu(), model, unseen);
    for (Calibration calibration :
        List.of(
            Calibration.minMax(),
            Calibration.movingAverage(),
            Calibration.entropy(),
            Calibration.percentile(),
            Calibration.meanSquaredError())) {
      Model small =
          Quantizer.of(model)
              .calibrate(data().stream(), calibration)
              .quantize(QuantizationOptions.cpu())
              .model();
      double quality = quality(wanted, run(OrtBackend.cpu(), small, unseen));
      assertTrue(quality > 20, calibration + ": " + quality);
    }
  }

  private static Stream<String> operatorsOfTheCpu() {
    return QuantizationTarget.cpu().rules().keySet().stream().sorted();
  }

  private static Tensor matrix() {
    Random random = new Random(8);
    float[] elements = new float[64];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(elements, 8, 8);
  }

  /** The operator between two convolutions. */
  private static Model around(String operator) {
    GraphBuilder b = GraphBuilder.of("around");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    Value v = nn.conv(x, 4, 1);
    Value y =
        switch (operator) {
          case "Add" -> b.add(v, nn.conv(x, 4, 3));
          case "AveragePool" -> b.averagePool(v, 2);
          case "Clip" -> b.clip(v, 0f, 1f);
          case "Concat" -> b.concat(1, v, nn.conv(x, 2, 1));
          case "Conv" -> nn.conv(v, 4, 3);
          case "DepthToSpace" -> b.node(operator, List.of(v), Attribute.ofInt("blocksize", 2));
          case "Expand" -> b.node(operator, b.globalAveragePool(v), b.longs("shape", 1, 4, 3, 3));
          case "Flatten" -> b.flatten(v);
          case "Gather" ->
              b.node(operator, List.of(v, b.longs("indices", 3, 1)), Attribute.ofInt("axis", 1));
          case "Gemm" -> nn.dense(b.flatten(b.globalAveragePool(v)), 6);
          case "GlobalAveragePool" -> b.globalAveragePool(v);
          case "Identity" -> b.node(operator, v);
          case "LeakyRelu" -> b.leakyRelu(v, 0.2f);
          case "MatMul" -> b.matMul(v, b.constant(matrix()));
          case "MaxPool" -> b.maxPool(v, 2);
          case "Mul" -> b.mul(v, nn.conv(x, 4, 3));
          case "Relu" -> b.relu(v);
          case "Reshape" -> b.reshape(v, 0, 2, 16, 8);
          case "Resize" ->
              b.node(
                  operator,
                  List.of(
                      v,
                      GraphBuilder.ABSENT,
                      b.constant(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))),
                  Attribute.ofString("mode", "nearest"));
          case "Sigmoid" -> b.sigmoid(v);
          case "Slice" -> b.node(operator, v, b.longs("s", 1), b.longs("e", 3), b.longs("a", 1));
          case "Split" ->
              b.concat(
                  1,
                  b.nodes(
                      operator, 2, List.of(v, b.longs("split", 1, 3)), Attribute.ofInt("axis", 1)));
          case "Squeeze" -> b.node(operator, b.globalAveragePool(v), b.longs("axes", 2, 3));
          case "Tile" -> b.node(operator, v, b.longs("repeats", 1, 1, 2, 1));
          case "Transpose" -> b.transpose(v, 0, 1, 3, 2);
          case "Unsqueeze" -> b.node(operator, v, b.longs("axes", 1));
          default -> throw new AssertionError("Say how " + operator + " is given a value");
        };
    b.output(nn.dense(b.flatten(y), 5), "y");
    return b.buildModel();
  }

  /** Only what is computed in integers is worth turning into integers. */
  @ParameterizedTest
  @MethodSource("operatorsOfTheCpu")
  void onnxRuntimeHasAnIntegerKernelForAllThatIsQuantised(String operator) throws IOException {
    Model model = around(operator);
    StaticQuantization.Quantized small =
        Quantizer.of(model)
            .calibrate(data(), Calibration.minMax())
            .quantize(QuantizationOptions.cpu());
    Path file = folder.resolve("optimized.onnx");
    SessionOptions options = SessionOptions.DEFAULT.withOptimizedModel(file);
    new OrtBackend(options).prepare(small.model()).close();
    List<String> operators = new ArrayList<>();
    for (Node node : OnnxReader.read(file).graph().nodes()) {
      operators.add(node.operator());
    }
    Set<String> floats = new TreeSet<>(Set.of("Add", "Conv", "DequantizeLinear", "Gemm", "MatMul"));
    floats.retainAll(operators);
    assertEquals(Set.of(), floats, operators + "\n" + small.report());
    assertEquals(1, operators.stream().filter("QuantizeLinear"::equals).count(), "" + operators);
  }

  @Test
  void excludedNodesGiveTheSameAsBefore() {
    Model model = network(1);
    Model all =
        Quantizer.of(model)
            .calibrate(data(), Calibration.minMax())
            .quantize(QuantizationOptions.cpu().exclude("*"))
            .model();
    Map<String, Tensor> unseen = images(9, 4);
    assertTrue(
        quality(run(OrtBackend.cpu(), model, unseen), run(OrtBackend.cpu(), all, unseen)) > 100);
  }

  @Test
  void theRangesAreThoseOfTheData() {
    Model model = network(1);
    CalibratedModel calibrated = Quantizer.of(model).calibrate(data(), Calibration.minMax());
    Map<String, Range> ranges = calibrated.ranges(QuantizationScheme.asymmetric(ElementType.UINT8));
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (Map<String, Tensor> batch : data()) {
      for (float x : batch.get("x").toFloats()) {
        min = Math.min(min, x);
        max = Math.max(max, x);
      }
    }
    assertEquals(new Range(min, max), ranges.get("x"));
    assertEquals(Set.copyOf(StaticQuantization.values(calibrated.model())), ranges.keySet());
  }

  /**
   * Channels whose weights are nearly nothing beside their bias, as normalisations leave dead ones.
   * ONNX Runtime makes a bias int32 that TensorRT's rules leave in float.
   */
  @Test
  void aDeadChannelKeepsItsBias() {
    GraphBuilder b = GraphBuilder.of("dead");
    Layers nn = Layers.of(b, 4);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    Random random = new Random(7);
    float[] weights = new float[4 * 3];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() * (i / 3 == 1 ? 1e-14 : 1));
    }
    Value bias = b.constant("bias", Tensor.ofFloats(new float[] {0.3f, 2.5f, -0.2f, 0.1f}, 4));
    Value y = b.node("Conv", x, b.constant("w", Tensor.ofFloats(weights, 4, 3, 1, 1)), bias);
    b.output(nn.conv(b.relu(y), 4, 3), "y");
    Model model = b.buildModel();
    CalibratedModel calibrated = Quantizer.of(model).calibrate(data(), Calibration.minMax());
    float[] wanted = run(OrtBackend.cpu(), model, images(9, 4));
    for (QuantizationOptions options :
        List.of(
            QuantizationOptions.cpu(), QuantizationOptions.tensorRt(), QuantizationOptions.qnn())) {
      Model small = calibrated.quantize(options).model();
      for (Backend backend : List.of(new ReferenceBackend(), OrtBackend.cpu())) {
        double quality = quality(wanted, run(backend, small, images(9, 4)));
        assertTrue(
            quality > 30, options.target().name() + " in " + backend.name() + ": " + quality);
      }
    }
  }

  /**
   * Images are positive, so that errors of rounded weights add up to shifts, and a depthwise
   * convolution with large weights that cancel out, as MobileNet has, blows them up.
   */
  @Test
  void errorsOfWeightsDoNotAddUp() {
    Random random = new Random(11);
    int channels = 16;
    float[] filters = new float[channels * 3 * 9];
    for (int i = 0; i < filters.length; i++) { // one large weight makes the steps of all large
      filters[i] = (float) (i % 27 == 0 ? 4 : 0.3 * random.nextGaussian() - 4.0 / 26);
    }
    float[] edges = new float[channels * 9];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = i % 9 == 4 ? 20 : (float) (-0.1 * random.nextDouble());
    }
    GraphBuilder b = GraphBuilder.of("edges");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    Value first = b.constant("first", Tensor.ofFloats(filters, channels, 3, 3, 3));
    Value y = b.clip(b.node("Conv", x, first), 0f, 6f);
    Value second = b.constant("second", Tensor.ofFloats(edges, channels, 1, 3, 3));
    y = b.node("Conv", List.of(y, second), Attribute.ofInt("group", channels));
    b.output(b.globalAveragePool(y), "y");
    Model model = b.buildModel();
    List<Map<String, Tensor>> batches = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      float[] pixels = images(seed, 8).get("x").toFloats();
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = 0.8f + 0.05f * pixels[i];
      }
      pixels[0] = 0;
      batches.add(Map.of("x", Tensor.ofFloats(pixels, 8, 3, 8, 8)));
    }
    CalibratedModel calibrated = Quantizer.of(model).calibrate(batches, Calibration.minMax());
    float[] wanted = run(OrtBackend.cpu(), model, batches.get(0));
    for (QuantizationOptions options :
        List.of(
            QuantizationOptions.cpu(), QuantizationOptions.tensorRt(), QuantizationOptions.qnn())) {
      Model small = calibrated.quantize(options).model();
      double quality = quality(wanted, run(OrtBackend.cpu(), small, batches.get(0)));
      assertTrue(quality > 34, options.target().name() + ": " + quality);
    }
  }

  @Test
  void saysWhatIsWrongWithTheData() {
    Quantizer quantizer = Quantizer.of(network(1));
    assertEquals(
        "There is no data to calibrate with",
        assertThrows(
                IllegalArgumentException.class,
                () -> quantizer.calibrate(List.of(), Calibration.minMax()))
            .getMessage());
    List<Map<String, Tensor>> wrong = List.of(Map.of("x", Tensor.ofFloats(new float[4], 4)));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> quantizer.calibrate(wrong, Calibration.minMax()))
            .getMessage();
    assertTrue(message.contains("x") && message.contains("[4]"), message);
    Map<String, Tensor> infinite = images(1, 1);
    float[] pixels = infinite.get("x").toFloats();
    pixels[5] = Float.POSITIVE_INFINITY;
    CalibratedModel calibrated =
        quantizer.calibrate(
            List.of(Map.of("x", Tensor.ofFloats(pixels, 1, 3, 8, 8))), Calibration.minMax());
    assertEquals("x", calibrated.notFinite().get(0));
    StaticQuantization.Quantized small = calibrated.quantize(QuantizationOptions.cpu());
    assertEquals("the range of x is not known", small.report().nodes().get(0).reason());
  }
}
