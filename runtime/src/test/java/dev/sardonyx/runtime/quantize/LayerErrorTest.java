package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.runtime.OrtBackend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is told of layers and values is what is measured one by one. */
final class LayerErrorTest {
  private final Model model = model();
  private final List<Map<String, Tensor>> batches = batches();
  private final CalibratedModel calibrated =
      Quantizer.of(model).withCounts().calibrate(batches, Calibration.percentile());

  /** The second layer's weights reach a hundred times as far in one place. */
  private static Model model() {
    GraphBuilder b = GraphBuilder.of("layers");
    Layers nn = Layers.of(b, 3);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    Value first = b.relu(nn.conv(x, 8, 3));
    float[] weights = new float[8 * 8];
    Random random = new Random(4);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian() * (i % 8 == 0 ? 100 : 1);
    }
    Value w = b.constant("w", Tensor.ofFloats(weights, 8, 8, 1, 1));
    Value second = b.named("coarse").node("Conv", first, w);
    b.output(nn.dense(b.flatten(b.maxPool(b.add(first, second), 2)), 5), "y");
    return b.buildModel();
  }

  private static List<Map<String, Tensor>> batches() {
    Random random = new Random(5);
    List<Map<String, Tensor>> all = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      float[] pixels = new float[4 * 3 * 64];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = i % 7 == 0 ? 0 : (float) random.nextGaussian();
      }
      all.add(Map.of("x", Tensor.ofFloats(pixels, 4, 3, 8, 8)));
    }
    return all;
  }

  @Test
  void ratiosAreThoseOfModelsMadeForIt() {
    QuantizationOptions options = QuantizationOptions.cpu();
    List<LayerError> layers = calibrated.layers(options, OrtBackend.cpu(), batches);
    assertEquals(
        List.of("conv1", "coarse", "add1", "maxPool1", "flatten1", "dense1"),
        layers.stream().map(LayerError::node).toList());
    assertEquals("relu1_out", layers.get(0).value()); // for the Relu became part of it
    SignalToNoise metric = SignalToNoise.of(OrtBackend.cpu(), model, batches);
    for (MixedPrecision.Layer layer : MixedPrecision.of(calibrated, options, metric).ranking()) {
      LayerError same =
          layers.stream().filter(l -> l.node().equals(layer.node())).findFirst().orElseThrow();
      if (Double.isFinite(same.alone())) { // otherwise nothing is quantised, and all but folding
        assertEquals(layer.alone(), same.alone(), 0.2, layer.toString());
      }
    }
    // The last layer's result is the model's
    double whole = metric.applyAsDouble(calibrated.quantize(options).model());
    assertEquals(whole, layers.get(layers.size() - 1).inPlace(), 0.5);
    String table = LayerError.table(layers);
    assertEquals(8, table.lines().count(), table);
    assertTrue(table.contains("coarse") && table.contains("exact"), table);
  }

  @Test
  void aLayerInFloatIsNotTold() {
    List<LayerError> layers =
        calibrated.layers(QuantizationOptions.cpu().exclude("coarse"), OrtBackend.cpu(), batches);
    assertEquals(List.of("conv1", "dense1"), layers.stream().map(LayerError::node).toList());
    assertEquals(
        List.of(),
        calibrated.layers(QuantizationOptions.cpu().exclude("*"), OrtBackend.cpu(), batches));
  }

  @Test
  void histogramsCountAllNumbersAndWhatIsCutOff() {
    StaticQuantization.Quantized small = calibrated.quantize(QuantizationOptions.cpu());
    List<ObservedValue> values = calibrated.observed(small);
    assertEquals(small.activations().keySet().size(), values.size());
    List<String> names = values.stream().map(ObservedValue::name).toList();
    assertTrue(names.containsAll(List.of("x", "relu1_out", "add1_out")), names.toString());
    names = names.stream().filter(name -> !name.equals("x")).toList();
    try (PreparedModel session =
        OrtBackend.cpu().prepare(calibrated.model(), Options.DEFAULT.withOutputs(names))) {
      List<Map<String, Tensor>> all = new ArrayList<>();
      for (Map<String, Tensor> batch : batches) {
        Map<String, Tensor> given = new HashMap<>(batch);
        session.run(batch).forEach((name, value) -> given.put(name, (Tensor) value));
        all.add(given);
      }
      for (ObservedValue value : values) {
        requireCounts(value, all.stream().map(m -> m.get(value.name()).toFloats()).toList());
      }
    }
    assertTrue(ObservedValue.table(values).contains("relu1_out"));
    assertTrue(values.stream().anyMatch(value -> value.clipped() > 0));
  }

  private static void requireCounts(ObservedValue value, List<float[]> batches) {
    long[] counts = new long[value.counts().size()];
    double beyond = 0;
    long total = 0;
    for (float[] batch : batches) {
      for (float x : batch) {
        int bin = 0;
        while (bin + 1 < counts.length
            && (x < 0 ? x > value.edges().get(bin + 1) : x >= value.edges().get(bin + 1))) {
          bin++;
        }
        counts[bin]++;
        total++;
        beyond += x < value.stored().min() || x > value.stored().max() ? 1 : 0;
      }
    }
    assertEquals(total, value.total(), value.name());
    assertEquals(beyond / total, value.clipped(), 0.005, value.name());
    for (int i = 0; i < counts.length; i++) {
      assertEquals(counts[i], value.counts().get(i), value.name() + " " + value.edges().get(i));
    }
    assertTrue(counts.length <= 66, "bins " + counts.length);
    assertFalse(value.picture().isBlank());
  }

  @Test
  void valuesOfNothingButZero() {
    List<Map<String, Tensor>> zeros =
        List.of(Map.of("x", Tensor.ofFloats(new float[192], 1, 3, 8, 8)));
    CalibratedModel all = Quantizer.of(model).withCounts().calibrate(zeros, Calibration.minMax());
    ObservedValue x = all.observed(all.quantize(QuantizationOptions.cpu())).get(0);
    assertEquals(List.of(192L), x.counts());
    assertEquals(List.of(0.0, 0.0), x.edges());
    assertEquals(0, x.clipped());
    assertEquals("@", x.picture());
    // Nobody asked for counts
    CalibratedModel plain = Quantizer.of(model).calibrate(zeros, Calibration.minMax());
    assertEquals(List.of(), plain.observed(plain.quantize(QuantizationOptions.cpu())));
  }
}
