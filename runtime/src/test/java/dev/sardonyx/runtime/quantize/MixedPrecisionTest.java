package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.quantize.MixedPrecision.Found;
import dev.sardonyx.runtime.quantize.MixedPrecision.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A network one of whose layers is given numbers of very different sizes. */
class MixedPrecisionTest {
  private static final int SIZE = 24;

  private final Random random = new Random(8);
  private final Model model = model();
  private final List<Map<String, Tensor>> batches = batches();
  private final SignalToNoise metric = SignalToNoise.of(OrtBackend.cpu(), model, batches);

  private Model model() {
    GraphBuilder b = GraphBuilder.of("network", 17);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 8, SIZE));
    for (String name : List.of("first", "second", "third", "fourth")) {
      float[] weights = numbers(SIZE * SIZE).clone();
      for (int i = 0; i < weights.length; i++) {
        // One channel is a thousand times as large between the second layer and the third
        boolean large = name.equals("second") && i % SIZE == 5;
        boolean small = name.equals("third") && i / SIZE == 5;
        weights[i] *= large ? 1000 : small ? 0.001f : 1;
      }
      Value w = b.constant(name + ".w", Tensor.ofFloats(weights, SIZE, SIZE));
      x = b.relu(b.named(name).gemm(x, w, b.constant(name + ".b", floats(SIZE))));
    }
    b.output(x, "y");
    return b.buildModel();
  }

  private float[] numbers(int size) {
    float[] all = new float[size];
    for (int i = 0; i < size; i++) {
      all[i] = (float) (random.nextGaussian() / 3);
    }
    return all;
  }

  private Tensor floats(long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    return Tensor.ofFloats(numbers(size), dims);
  }

  private List<Map<String, Tensor>> batches() {
    List<Map<String, Tensor>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(Map.of("x", floats(8, SIZE)));
    }
    return all;
  }

  private MixedPrecision search() {
    CalibratedModel calibrated = Quantizer.of(model).calibrate(batches, Calibration.minMax());
    return MixedPrecision.of(calibrated, QuantizationOptions.cpu(), metric);
  }

  @Test
  void theLayerThatLosesMostStaysInFloat() {
    MixedPrecision search = search();
    double all = metric.applyAsDouble(search.calibrated().quantize(search.options()).model());
    Found found = search.reach(all + 6);
    assertEquals("third", found.ranking().get(0).node(), found::toString);
    assertTrue(found.reached() >= all + 6, found::toString);
    assertEquals(found.reached(), metric.applyAsDouble(found.quantized().model()));
    List<String> kept = found.kept().stream().map(Layer::node).toList();
    assertTrue(kept.contains("third") && kept.size() < 4, found::toString);
    assertEquals(
        4 - kept.size(),
        found.quantized().report().nodes().stream()
            .filter(line -> line.quantized() && line.operator().equals("Gemm"))
            .count(),
        found::toString);
  }

  @Test
  void nothingIsKeptWhereNothingNeedsToBe() {
    Found found = search().reach(1);
    assertEquals(List.of(), found.kept());
    assertEquals(List.of(), found.ranking()); // which was not needed
  }

  /** ONNX's nodes need no names. */
  @Test
  void layersWithoutNamesAreKeptToo() {
    Graph graph = model.graph();
    Model nameless =
        model.withGraph(
            graph.withNodes(graph.nodes().stream().map(node -> node.withName("")).toList()));
    CalibratedModel calibrated = Quantizer.of(nameless).calibrate(batches, Calibration.minMax());
    double wanted = search().reach(1).reached() + 6;
    Found found = MixedPrecision.of(calibrated, QuantizationOptions.cpu(), metric).reach(wanted);
    assertTrue(found.reached() >= wanted, found::toString);
    assertEquals(4, found.ranking().size(), found::toString);
    String kept = found.kept().get(0).node();
    assertTrue(
        found.quantized().report().nodes().stream()
            .anyMatch(line -> line.name().equals(kept) && line.reason().equals("excluded")));
  }

  @Test
  void whatTheModelItselfDoesNotReachIsRefused() {
    CalibratedModel calibrated = Quantizer.of(model).calibrate(batches, Calibration.minMax());
    MixedPrecision search = MixedPrecision.of(calibrated, QuantizationOptions.cpu(), m -> 0.5);
    String message =
        assertThrows(IllegalArgumentException.class, () -> search.reach(0.9)).getMessage();
    assertEquals("The model in float reaches 0.5, not 0.9", message);
  }
}
