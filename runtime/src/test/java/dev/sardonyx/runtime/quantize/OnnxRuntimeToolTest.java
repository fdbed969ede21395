package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.WeightOnlyQuantization;
import dev.sardonyx.export.quantize.WeightReport;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.input.InputFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A quantised model loses no more than that of ONNX Runtime's own tool, with the same data and way
 * of calibrating. What that tool reaches was written by {@code quantized_models.py}.
 */
final class OnnxRuntimeToolTest {
  private static final Map<String, Calibration> CALIBRATIONS =
      Map.of(
          "minmax", Calibration.minMax(),
          "average", Calibration.movingAverage(),
          "entropy", Calibration.entropy(),
          "percentile", Calibration.percentile());

  private static Path file(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(OnnxRuntimeToolTest.class.getResource(name), name).toURI());
  }

  private static Tensor images(Model model, String name) throws IOException, URISyntaxException {
    return (Tensor) InputFile.of(file(name)).read(model.graph().inputs().get(0));
  }

  private static List<Map<String, Tensor>> batches(Tensor images) {
    float[] all = images.toFloats();
    int size = all.length / 4;
    List<Map<String, Tensor>> batches = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      float[] batch = Arrays.copyOfRange(all, i * size, (i + 1) * size);
      batches.add(Map.of("x", Tensor.ofFloats(batch, images.dim(0) / 4, 3, 8, 8)));
    }
    return batches;
  }

  private static float[] run(Backend backend, Model model, Tensor images) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(Map.of("x", images)).tensor().toFloats();
    }
  }

  @Test
  void losesNoMoreThanOnnxRuntimesTool() throws IOException, URISyntaxException {
    Model model = OnnxReader.read(file("network.onnx"));
    Tensor unseen = images(model, "unseen.npy");
    List<Map<String, Tensor>> data = batches(images(model, "calibration.npy"));
    float[] wanted = run(OrtBackend.cpu(), model, unseen);
    List<String> lines = Files.readAllLines(file("quality.txt"));
    assertEquals(CALIBRATIONS.size(), lines.size());
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      Calibration calibration = Objects.requireNonNull(CALIBRATIONS.get(words[0]), line);
      Model small =
          Quantizer.of(model)
              .calibrate(data, calibration)
              .quantize(QuantizationOptions.cpu())
              .model();
      double quality = QuantizerTest.quality(wanted, run(new ReferenceBackend(), small, unseen));
      assertTrue(quality >= Double.parseDouble(words[1]), line + ", here " + quality);
    }
  }

  /**
   * Weights of 4 bits in blocks of 32, by {@code blockwise_weights.py}: better than the tool's of
   * the same size, and within half a dB of those of HQQ, whose zero points are floats, so that they
   * take a sixth more bytes.
   */
  @Test
  void weightsOfFourBitsLoseNoMore() throws IOException, URISyntaxException {
    Input all = Input.of("w", TensorType.of(ElementType.FLOAT, 3, 128, 64));
    float[] weights = ((Tensor) InputFile.of(file("weights.npy")).read(all)).toFloats();
    for (String line : Files.readAllLines(file("blocks.txt"))) {
      String[] words = line.split(" ", -1);
      boolean isHqq = words[1].equals("hqq");
      int from = Integer.parseInt(words[0]) * 128 * 64;
      GraphBuilder b = GraphBuilder.of("product", 21);
      Tensor w = Tensor.ofFloats(Arrays.copyOfRange(weights, from, from + 128 * 64), 128, 64);
      Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 128));
      b.output(b.matMul(x, b.constant("w", w)), "y");
      WeightOnlyQuantization four = WeightOnlyQuantization.of(4);
      WeightReport.Quantized stored =
          (words[1].equals("range") ? four : four.withZeroPoints())
              .quantize(b.buildModel())
              .report()
              .weights()
              .get(0);
      assertTrue(
          stored.signalToNoise() >= Double.parseDouble(words[2]) - (isHqq ? 0.5 : -0.2),
          () -> line + ", here " + stored.signalToNoise());
      assertTrue(
          stored.bytesAfter()
              <= Double.parseDouble(words[3]) * w.size() * (isHqq ? 6 / 7.0 : 1) + 1,
          () -> line + ", here " + stored.bytesAfter());
    }
  }
}
