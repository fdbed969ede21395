package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
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
import dev.sardonyx.runtime.OrtBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tables of vectors in models that are quantised with ranges found on data. */
final class EmbeddingQuantizationTest {
  private static final int ROWS = 60;
  private static final int WIDTH = 16;

  private final Random random = new Random(5);

  /** Numbers, row by row, of which some rows are much larger than others. */
  private Tensor numbers(int rows, int columns, double spread) {
    float[] all = new float[rows * columns];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) (random.nextGaussian() * Math.pow(spread, i / columns % 5));
    }
    return Tensor.ofFloats(all, rows, columns);
  }

  private Model model(Tensor table) {
    GraphBuilder b = GraphBuilder.of("words", 17);
    Value ids = b.input("ids", TensorType.of(ElementType.INT64, Shape.parse("N,T")));
    Value rows = b.constant("table", table);
    Value words = b.node("Gather", List.of(rows, ids));
    Value first = b.node("Gather", List.of(rows, b.longs("first", 3)), Attribute.ofInt("axis", -2));
    Value kinds =
        b.node("Gather", List.of(b.constant("kinds", numbers(2, WIDTH, 1)), b.longs("zero", 0, 1)));
    Value sum = b.add(b.add(words, first), b.node("ReduceMax", kinds));
    b.output(b.matMul(sum, b.constant("w", numbers(WIDTH, 8, 1))), "y");
    return b.buildModel();
  }

  private List<Map<String, Tensor>> batches() {
    List<Map<String, Tensor>> all = new ArrayList<>();
    for (int batch = 0; batch < 3; batch++) {
      long[] ids = new long[4 * 10];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = random.nextInt(ROWS);
      }
      all.add(Map.of("ids", Tensor.ofLongs(ids, 4, 10)));
    }
    return all;
  }

  private static float[] run(Backend backend, Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(inputs).tensor().toFloats();
    }
  }

  private static long bytesOf(Model model, ElementType type) {
    GraphIndex index = GraphIndex.of(model.graph());
    return model.graph().constants().stream()
        .map(c -> index.constant(c.name()).orElseThrow())
        .filter(t -> t.elementType() == type && t.byteSize() > 4 * ROWS) // more than scales
        .mapToLong(Tensor::byteSize)
        .sum();
  }

  private static StaticQuantization.Quantized quantized(
      CalibratedModel calibrated, QuantizationOptions options) {
    StaticQuantization.Quantized small = calibrated.quantize(options);
    assertEquals(List.of(), Checker.check(small.model()).problems());
    return small;
  }

  @Test
  void rowsHaveScalesOfTheirOwnAndAreGatheredAsIntegers() {
    Model model = model(numbers(ROWS, WIDTH, 4));
    CalibratedModel calibrated = Quantizer.of(model).calibrate(batches(), Calibration.minMax());
    // Without the product, so that only what the tables lose is seen
    QuantizationOptions tables = QuantizationOptions.cpu().operators("Gather");
    Model small = quantized(calibrated, tables).model();
    assertEquals(ROWS * WIDTH, bytesOf(small, ElementType.INT8), "stored once");
    assertEquals(WIDTH * 8 * Float.BYTES, bytesOf(small, ElementType.FLOAT));
    GraphIndex index = GraphIndex.of(small.graph());
    for (Node node : small.graph().nodes()) {
      if (node.is("DequantizeLinear")) {
        assertTrue(index.constant(node.input(0)).isEmpty(), "a whole table is dequantised");
      }
    }
    Map<String, Tensor> unseen = batches().get(0);
    float[] wanted = run(OrtBackend.cpu(), model, unseen);
    for (Backend backend : List.of(new ReferenceBackend(), OrtBackend.cpu())) {
      double quality = QuantizerTest.quality(wanted, run(backend, small, unseen));
      assertTrue(quality > 40, backend.name() + ": " + quality);
    }
    Model all = quantized(calibrated, QuantizationOptions.cpu()).model();
    assertEquals(0, bytesOf(all, ElementType.FLOAT));
  }

  /** QNN computes in integers all along, with one scale, as ONNX Runtime's tool has it. */
  @Test
  void targetsThatComputeEverythingInIntegersGetOneScale() {
    Model model = model(numbers(ROWS, WIDTH, 1));
    CalibratedModel calibrated = Quantizer.of(model).calibrate(batches(), Calibration.minMax());
    for (ElementType type : List.of(ElementType.UINT8, ElementType.UINT16)) {
      StaticQuantization.Quantized quantized =
          quantized(
              calibrated,
              QuantizationOptions.qnn().withActivations(QuantizationScheme.asymmetric(type)));
      String report = quantized.report().toString();
      assertFalse(report.contains(": float,"), report);
      Model small = quantized.model();
      GraphIndex index = GraphIndex.of(small.graph());
      for (Node node : small.graph().nodes()) {
        if (node.is("Gather")) {
          Node before = index.producer(node.input(0)).orElseThrow();
          Node after = index.consumers(node.output(0).name()).get(0);
          assertTrue(before.is("DequantizeLinear") && after.is("QuantizeLinear"), node.toString());
          for (int i = 1; i < 3; i++) {
            assertEquals(
                index.constant(before.input(i)).orElseThrow(),
                index.constant(after.input(i)).orElseThrow());
          }
        }
      }
      Map<String, Tensor> unseen = batches().get(0);
      double quality =
          QuantizerTest.quality(
              run(OrtBackend.cpu(), model, unseen), run(OrtBackend.cpu(), small, unseen));
      assertTrue(quality > 25, type + ": " + quality);
    }
  }

  @Test
  void tablesThatCannotBeStoredSoStay() {
    float[] masks = numbers(ROWS, WIDTH, 1).toFloats();
    masks[7] = Float.NEGATIVE_INFINITY;
    Model model = model(Tensor.ofFloats(masks, ROWS, WIDTH));
    CalibratedModel calibrated = Quantizer.of(model).calibrate(batches(), Calibration.minMax());
    for (QuantizationOptions options :
        List.of(QuantizationOptions.cpu(), QuantizationOptions.qnn())) {
      String report = quantized(calibrated, options).report().toString();
      assertTrue(report.contains("float, its weights hold -Infinity"), report);
    }
    String excluded =
        quantized(calibrated, QuantizationOptions.cpu().exclude("gather*")).report().toString();
    assertTrue(excluded.contains("float, excluded"), excluded);
    String others =
        quantized(calibrated, QuantizationOptions.cpu().operators("MatMul")).report().toString();
    assertTrue(others.contains("float, not among the operators chosen"), others);
    String tensorRt = quantized(calibrated, QuantizationOptions.tensorRt()).report().toString();
    assertTrue(tensorRt.contains("float, TensorRT does not compute it in integers"), tensorRt);
  }
}
