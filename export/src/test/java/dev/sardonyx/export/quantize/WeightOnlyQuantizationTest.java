package dev.sardonyx.export.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.Target;
import dev.sardonyx.export.quantize.WeightOnlyQuantization.Format;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.pass.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightOnlyQuantizationTest {
  private static float[] gaussian(int seed, int size) {
    Random random = new Random(seed);
    float[] all = new float[size];
    for (int i = 0; i < size; i++) {
      all[i] = (float) random.nextGaussian();
    }
    return all;
  }

  private static TensorType floats(long... dims) {
    return TensorType.of(ElementType.FLOAT, dims);
  }

  private static Model mlp(GraphBuilder b) {
    Value x = b.input("x", floats(2, 64));
    Value w = b.constant("w", Tensor.ofFloats(gaussian(1, 64 * 64), 64, 64));
    Value first = b.named("relu").relu(b.named("first").matMul(x, w));
    b.output(b.named("second").matMul(first, w), "y");
    return b.buildModel();
  }

  private static Constant constant(Model model, String name) {
    return model.graph().constants().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> operators(Model model) {
    return model.graph().nodes().stream().map(Node::opType).toList();
  }

  /** A block of 16 whose elements are the codes themselves, the lower half of a byte first. */
  @Test
  void packsAsTheOperatorSays() {
    float[] steps = new float[32];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = i % 16 - 8;
    }
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", floats(1, 16));
    b.output(
        b.gemm(x, b.transpose(b.constant("w", Tensor.ofFloats(steps, 2, 16)), 1, 0), null), "y");
    Model model = WeightOnlyQuantization.of(4).withBlockSize(16).quantize(b.buildModel()).model();
    byte[] once = {0x10, 0x32, 0x54, 0x76, (byte) 0x98, (byte) 0xba, (byte) 0xdc, (byte) 0xfe};
    byte[] bytes = new byte[16];
    Tensor codes = (Tensor) constant(model, "w_quantized").data();
    codes.bytes().get(bytes);
    assertArrayEquals(new long[] {2, 1, 8}, codes.dims());
    for (int i = 0; i < bytes.length; i++) {
      assertEquals(once[i % 8], bytes[i]);
    }
    assertArrayEquals(new float[] {1, 1}, ((Tensor) constant(model, "w_scale").data()).toFloats());
  }

  @Test
  void weightsOfTwoNodesAreStoredOnce() {
    QuantizedModel quantized = WeightOnlyQuantization.of(4).quantize(mlp(GraphBuilder.of("g")));
    assertEquals(List.of("MatMulNBits", "Relu", "MatMulNBits"), operators(quantized.model()));
    assertEquals(2, quantized.model().graph().constants().size());
    assertEquals(64 * 64 / 2 + 64 * 2 * 4, quantized.report().bytesAfter());
    assertEquals(64 * 64 * 4, quantized.report().bytesBefore());
  }

  @Test
  void aTargetWithoutContribOperatorsGetsDequantizeLinear() {
    Target target = Target.named("opset-21");
    WeightOnlyQuantization wanted = WeightOnlyQuantization.of(4).forTarget(target);
    assertEquals(Format.STANDARD, wanted.format());
    Model model = wanted.quantize(mlp(GraphBuilder.of("g", 17))).model();
    assertEquals(21, model.opset("").getAsLong());
    assertEquals(
        List.of("DequantizeLinear", "MatMul", "Relu", "DequantizeLinear", "MatMul"),
        operators(model));
    assertEquals(List.of(), Checker.check(model).problems());
    assertEquals(ElementType.INT4, ((Tensor) constant(model, "w_quantized").data()).elementType());
  }

  @Test
  void selectedNodesOnly() {
    Model model = mlp(GraphBuilder.of("g"));
    NodeSelection second = NodeSelection.ALL.including("s?cond*").excluding("first");
    QuantizedModel quantized = WeightOnlyQuantization.of(8).withNodes(second).quantize(model);
    assertEquals(List.of("MatMul", "Relu", "MatMulNBits"), operators(quantized.model()));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    WeightOnlyQuantization.of(8)
                        .withNodes(NodeSelection.ALL.excluding("thrid*"))
                        .quantize(model))
            .getMessage();
    assertEquals("The model has no node whose name is thrid*", message);
  }

  /** Weights of the graph around a branch are stored in it, and there no more. */
  @Test
  void productsInBranches() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", floats(2, 64));
    Value w = b.constant("w", Tensor.ofFloats(gaussian(1, 64 * 64), 64, 64));
    Value isLarge = b.input("isLarge", TensorType.of(ElementType.BOOL));
    b.output(b.ifThenElse(isLarge, t -> t.matMul(x, w), e -> e.neg(x)), "y");
    Model model = b.buildModel();
    for (Pass pass : List.of(WeightOnlyQuantization.of(4), DynamicQuantization.of())) {
      Model small = pass.apply(model).model();
      assertEquals(List.of(), Checker.check(small).problems());
      assertTrue(small.graph().constants().stream().noneMatch(c -> c.name().equals("w")));
    }
  }

  /** Before IR version 4 weights had to be inputs, too; no caller could replace them. */
  @Test
  void weightsOfOldModelsAreFixed() {
    Model model = mlp(GraphBuilder.of("old", 8));
    Graph graph = model.graph();
    List<Input> inputs = List.of(graph.inputs().get(0), Input.of("w", floats(64, 64)));
    Model old = model.withGraph(graph.withInputs(inputs)).withVersions(3, model.opsetImports());
    assertTrue(Checker.check(old).isValid());
    Model weightOnly = WeightOnlyQuantization.of(4).quantize(old).model();
    assertEquals(List.of("MatMulNBits", "Relu", "MatMulNBits"), operators(weightOnly));
    assertTrue(operators(DynamicQuantization.of().quantize(old).model()).contains("MatMulInteger"));
    Model prepared = StaticQuantization.prepare(old, QuantizationOptions.cpu()).model();
    for (Model each : List.of(weightOnly, prepared)) {
      assertEquals(List.of("x"), each.graph().inputs().stream().map(Input::name).toList());
      assertTrue(Checker.check(each).isValid());
    }
  }

  /** No scale of float16 is small enough for numbers that are not normal in it. */
  @Test
  void weightsThatRoundingWouldEraseStay() {
    float[] numbers = gaussian(3, 64 * 32);
    double[] tiny = new double[numbers.length];
    for (int i = 0; i < tiny.length; i++) {
      tiny[i] = numbers[i] * 5e-6;
    }
    GraphBuilder b = GraphBuilder.of("tiny", 21);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT16, 2, 64));
    Tensor half = Tensor.ofNumbers(ElementType.FLOAT16, tiny, 64, 32);
    b.output(b.matMul(x, b.constant("w", half)), "y");
    Model model = b.buildModel();
    QuantizedModel quantized = WeightOnlyQuantization.of(8).quantize(model);
    assertSame(model, quantized.model());
    assertEquals(
        "its weights would be lost in rounding", quantized.report().kept().get(0).reason());
  }

  private static WeightReport.Kept kept(String graph) {
    Model model = ModelParser.parse("<ir_version: 10, opset_import: [\"\" : 21]> g " + graph);
    QuantizedModel quantized = WeightOnlyQuantization.of(4).quantize(model);
    assertSame(model, quantized.model());
    assertEquals(List.of(), quantized.report().weights());
    return quantized.report().kept().get(0);
  }

  @Test
  void whatStaysIsSaidWithItsReason() {
    assertEquals(
        "its weights would not be smaller",
        kept("(float[2,2] x) => (y) <float[2,1] w = {1, 2}> { y = MatMul (x, w) }").reason());
    assertEquals(
        "its weights hold NaN",
        kept("(float[2,2] x) => (y) <float[2,1] w = {1, nan}> { y = MatMul (x, w) }").reason());
    assertEquals(
        "its weights are no matrix but float[1,2,1]",
        kept("(float[2,2] x) => (y) <float[1,2,1] w = {1, 2}> { y = MatMul (x, w) }").reason());
    assertEquals(
        "its first operand is not known to have two dimensions or more",
        kept("(float[2] x) => (y) <float[2,1] w = {1, 2}> { y = MatMul (x, w) }").reason());
    assertEquals(
        "its weights are double",
        kept("(double[2,2] x) => (y) <double[2,1] w = {1, 2}> { y = MatMul (x, w) }").reason());
    assertEquals(
        "its rows of 3 are no whole number of blocks of 32",
        kept("(int64[2] i) => (y) <float[1,3] w = {1, 2, 3}> { y = Gather (w, i) }").reason());
  }

  /** Fitted scales are better wherever they are not exact already, in every form. */
  @ParameterizedTest
  @CsvSource({"4,true,true", "4,true,false", "4,false,true", "8,true,true", "8,false,false"})
  void fittedScalesLoseLess(int bits, boolean symmetric, boolean negative) {
    float[] weights = gaussian(5, 64 * 128);
    double range = ratio(weights, bits, symmetric, negative, ScaleSearch.RANGE);
    double fitted = ratio(weights, bits, symmetric, negative, ScaleSearch.LEAST_SQUARES);
    assertTrue(fitted > range + (bits == 4 ? 0.25 : 0), range + " dB, " + fitted + " dB");
  }

  private static double ratio(
      float[] weights, int bits, boolean symmetric, boolean negative, ScaleSearch search) {
    BlockQuantizer quantizer =
        new BlockQuantizer(bits, 32, symmetric, negative, search, ElementType.FLOAT);
    return WeightReport.signalToNoise(weights, quantizer.quantize(weights, 64, 128).dequantized());
  }

  /** Zeros, single numbers, subnormal and huge ones: nothing is lost beyond the smallest step. */
  @ParameterizedTest
  @CsvSource({"0", "1", "-3", "1e-42", "-3e38", "3e38"})
  void blocksOfOneNumber(float number) {
    float[] weights = new float[40];
    Arrays.fill(weights, number);
    for (ScaleSearch search : ScaleSearch.values()) {
      for (boolean symmetric : new boolean[] {false, true}) {
        BlockQuantizer quantizer =
            new BlockQuantizer(4, 16, symmetric, true, search, ElementType.FLOAT);
        for (float back : quantizer.quantize(weights, 1, 40).dequantized()) {
          assertEquals(number, back, Math.max(Float.MIN_NORMAL, Math.abs(number) * 1e-6f));
        }
      }
    }
  }

  /** Scales of float16 weights are float16: what is computed there is what was fitted. */
  @Test
  void scalesAreExactInTheirType() {
    BlockQuantizer quantizer =
        new BlockQuantizer(4, 16, true, true, ScaleSearch.LEAST_SQUARES, ElementType.FLOAT16);
    QuantizedBlocks blocks = quantizer.quantize(gaussian(3, 320), 10, 32);
    assertArrayEquals(blocks.scales(), blocks.scales(ElementType.FLOAT16).toFloats());
  }

  /** Since IR version 4, a caller may give others for initializers that are inputs, too. */
  @Test
  void weightsThatACallerMayReplaceAreKeptAndSaid() {
    GraphBuilder b = GraphBuilder.of("defaults", 21);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 64));
    Value y = b.matMul(x, b.constant("w", zeros(64, 32)));
    Value rows = b.gather(b.constant("table", zeros(10, 64)), b.longs("i", 1, 2), 0);
    y = b.add(y, b.matMul(rows, b.transpose(b.constant("v", zeros(32, 64)), 1, 0)));
    b.output(y, "y");
    Model plain = b.buildModel();
    List<Input> inputs = new ArrayList<>(plain.graph().inputs());
    for (Constant constant : plain.graph().constants()) {
      if (List.of("w", "table", "v").contains(constant.name())) {
        inputs.add(Input.of(constant.name(), constant.type()));
      }
    }
    Model model = plain.withGraph(plain.graph().withInputs(inputs));
    List<WeightReport> reports =
        List.of(
            WeightOnlyQuantization.of(8).quantize(model).report(),
            DynamicQuantization.of().quantize(model).report());
    for (WeightReport report : reports) {
      assertEquals(List.of(), report.weights());
      assertEquals(
          List.of(WeightReport.REPLACEABLE, WeightReport.REPLACEABLE, WeightReport.REPLACEABLE),
          report.kept().stream().map(WeightReport.Kept::reason).toList(),
          report.toString());
    }
    StaticQuantization.Quantized small =
        new StaticQuantization(Map.of(), QuantizationOptions.cpu()).quantize(model);
    assertEquals(
        1,
        small.report().nodes().stream()
            .filter(line -> line.reason().equals(WeightReport.REPLACEABLE))
            .count(),
        small.report().toString()); // the others are given what Gather and Transpose make of them
  }

  private static Tensor zeros(long... dims) {
    return Tensor.ofFloats(new float[(int) (dims[0] * dims[1])], dims);
  }

  @Test
  void refusesWhatThereIsNot() {
    assertThrows(IllegalArgumentException.class, () -> WeightOnlyQuantization.of(3));
    assertThrows(
        IllegalArgumentException.class, () -> WeightOnlyQuantization.of(4).withBlockSize(48));
    assertThrows(
        IllegalArgumentException.class, () -> WeightOnlyQuantization.of(4).withAccuracyLevel(5));
  }
}
