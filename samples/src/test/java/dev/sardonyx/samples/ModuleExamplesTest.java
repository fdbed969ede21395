package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that the modules' documents quote, run. */
final class ModuleExamplesTest {
  private static final Path FIXTURES = Path.of("../export/src/test/resources");

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    GraphBuilder b = GraphBuilder.of("corners");
    Layers nn = Layers.of(b, 3);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,12,12")));
    b.output(b.softmax(nn.dense(b.flatten(b.relu(nn.conv(x, 4, 3))), 4), 1), "corner");
    model = folder.resolve("model.onnx");
    OnnxWriter.write(b.buildModel(), model);
  }

  @Test
  void theIrDescribesRunsChecksAndRewrites() throws Exception {
    String text = Printed.by(DescribingANetwork::main);
    assertTrue(text.startsWith("float[N,2]\n"), text);
    assertTrue(text.contains("float[2,2] {"), text);
    assertTrue(text.contains("valid: true"), text);
    assertTrue(text.contains("leaky in reviews: replaced Relu transformer1.relu1"), text);
    assertTrue(text.contains("main: LeakyRelu transformer1.relu1"), text);
  }

  @Test
  void filesAreReadAndWritten() throws Exception {
    String text =
        Printed.by(
            ReadingAndWriting::main,
            model,
            FIXTURES.resolve("dev/sardonyx/export/keras/dense.keras"),
            FIXTURES.resolve("trees/xgboost-3.4.0/one-hot.ubj"),
            folder);
    assertTrue(text.startsWith("float[N,1,12,12]\n"), text);
    assertEquals(2, text.split("true\n", -1).length - 1, text);
    for (String name : List.of("half.onnx", "keras.onnx", "booster.onnx")) {
      assertTrue(OnnxReader.read(folder.resolve(name)).graph().nodes().size() > 0, name);
    }
    assertTrue(Files.size(folder.resolve("weights.safetensors")) > 1000);
  }

  @Test
  void aLongTrainingKeepsCheckpoints() throws Exception {
    Path data = IdxFiles.write(folder.resolve("data"), 128, 32, false);
    Path kept = folder.resolve("run");
    Path trained = folder.resolve("trained.onnx");
    String text = Printed.by(LongTraining::main, model, data, kept, trained);
    assertTrue(text.contains("accuracy=OptionalDouble"), text);
    assertTrue(Files.exists(kept.resolve("checkpoint.zip")));
    assertTrue(Files.exists(kept.resolve("events")));
    assertEquals("corner", OnnxReader.read(trained).graph().outputs().get(0).name());
  }
}
