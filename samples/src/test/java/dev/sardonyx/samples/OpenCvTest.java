package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.training.data.IdxFolder;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_dnn;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_dnn.Net;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is exported means the same to OpenCV's DNN module, which shares no code with ONNX Runtime.
 */
final class OpenCvTest {
  private static final int IMAGES = 64;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"seed", "projection", "cifar20"})
  void openCvGivesTheSameAnswers(String network) throws IOException {
    Path file = folder.resolve("model.onnx");
    CommandRun.of("mnist", "-q", "--network", network, "--limit", 128, "--output", file).expect(0);
    LabelledImages mnist = IdxFolder.ofResources(Sardonyx.class, "mnist").test();
    Tensor images = mnist.tensor(0, IMAGES);

    float[] expected = onnxRuntime(file, images);
    float[] actual = openCv(file, images);
    assertArrayEquals(expected, actual, 1e-5f);
    assertEquals(
        Images.right(Tensor.ofFloats(expected, IMAGES, 10), mnist, 0),
        Images.right(Tensor.ofFloats(actual, IMAGES, 10), mnist, 0));
    // A batch of another size, for the batch is symbolic.
    assertArrayEquals(Arrays.copyOf(expected, 10), openCv(file, mnist.tensor(0, 1)), 1e-5f);
  }

  private static float[] onnxRuntime(Path file, Tensor images) throws IOException {
    Model model = OnnxReader.read(file);
    try (PreparedModel session = OrtBackend.cpu().prepare(model)) {
      Tensor output = (Tensor) session.run(Map.of("image", images)).get("probabilities");
      return output.toFloats();
    }
  }

  private static float[] openCv(Path file, Tensor images) {
    int[] shape = Arrays.stream(images.dims()).mapToInt(Math::toIntExact).toArray();
    try (Net net = opencv_dnn.readNetFromONNX(file.toString());
        FloatPointer pixels = new FloatPointer(images.toFloats());
        Mat input = new Mat(shape, opencv_core.CV_32F, pixels)) {
      net.setInput(input);
      try (Mat output = net.forward()) {
        // Not output.createBuffer(), whose size is that of the memory OpenCV reuses.
        float[] elements = new float[Math.toIntExact(output.total())];
        new FloatPointer(output.data()).get(elements);
        return elements;
      }
    }
  }
}
