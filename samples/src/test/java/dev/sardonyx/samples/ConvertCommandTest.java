package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.Safetensors;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.nn.Networks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;

/** {@code sardonyx convert} with the files that Keras has made for the tests. */
final class ConvertCommandTest {
  private static final Path KERAS =
      Path.of("../export/src/test/resources/dev/sardonyx/export/keras");

  @TempDir private Path folder;

  @Test
  void aKerasModelIsVerifiedAndWritten() throws IOException {
    Path source = Files.copy(KERAS.resolve("sequential.keras"), folder.resolve("net.keras"));
    Path output = folder.resolve("model.onnx");
    String out = CommandRun.of("convert", "--dim", "N=4", source, output).expect(0).out();
    assertTrue(out.contains(source + ": Keras, "), out);
    assertTrue(out.contains("[image float[N,12,12,1]] -> [digits float[N,5]]"), out);
    assertTrue(out.contains("PASS"), out);
    assertTrue(out.contains(output + ": "), out);
    Model written = OnnxReader.read(output);
    Checker.require(written);
    assertEquals("net.keras", written.metadata().properties().get("sardonyx.source"));
  }

  @Test
  void bothKindsOfKerasFilesGiveTheSameModel() throws IOException {
    Path one = folder.resolve("one.onnx");
    Path other = folder.resolve("other.onnx");
    CommandRun.of("convert", "--no-verify", KERAS.resolve("sequential.keras"), one).expect(0);
    CommandRun.of("convert", "--no-verify", KERAS.resolve("sequential.h5"), other).expect(0);
    assertEquals(OnnxReader.read(one).graph(), OnnxReader.read(other).graph());
  }

  @Test
  void whatIsRefusedIsOneLineAndWritesNothing() {
    Path output = folder.resolve("model.onnx");
    CommandRun run = CommandRun.of("convert", KERAS.resolve("refused.keras"), output).expect(1);
    assertTrue(run.err().contains("(Lambda)") && run.err().contains("(Shift)"), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(Files.exists(output));
  }

  @Test
  void aFileOfAnotherKindAndASizeOfNoNameAreRefused() {
    Path output = folder.resolve("model.onnx");
    CommandRun unknown = CommandRun.of("convert", folder.resolve("net.pt"), output).expect(1);
    assertTrue(unknown.err().contains("Keras (.keras, .h5, .hdf5)"), unknown.err());
    CommandRun size =
        CommandRun.of("convert", "--dim", "M=2", KERAS.resolve("sequential.keras"), output)
            .expect(2);
    assertTrue(size.err().contains("'M'"), size.err());
    assertFalse(Files.exists(output));
  }

  @Test
  void aSavedDl4jNetworkIsVerifiedAgainstDl4jItself() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list(
                    new DenseLayer.Builder().nIn(3).nOut(4).activation(Activation.RELU).build(),
                    new OutputLayer.Builder().nIn(4).nOut(2).activation(Activation.SOFTMAX).build())
                .build());
    network.init();
    Path zip = folder.resolve("net.zip");
    ModelSerializer.writeModel(network, zip.toFile(), false);
    Path output = folder.resolve("net.onnx");
    String out = CommandRun.of("convert", zip, output, "--target", "opset-13").expect(0).out();
    assertTrue(out.contains("DL4J, ") && out.contains("PASS"), out);
    assertEquals(13, OnnxReader.read(output).opset("").orElseThrow());
  }

  @Test
  void anOnnxModelInSixteenBitsAndWithOtherWeights() throws IOException {
    Model model = Networks.named("seed").build(1);
    Path source = folder.resolve("seed.onnx");
    OnnxWriter.write(model, source);
    Path tuned = folder.resolve("tuned.safetensors");
    Safetensors.of(Networks.named("seed").build(2)).write(tuned);
    Path output = folder.resolve("half.onnx");
    String out =
        CommandRun.of(
                "convert",
                source,
                output,
                "--precision",
                "float16",
                "--keep",
                "dense1",
                "--weights",
                tuned)
            .expect(0)
            .out();
    assertTrue(out.contains("12 initializers taken") && out.contains("PASS"), out);
    assertTrue(Files.size(output) < Files.size(source));
    String wrong = CommandRun.of("convert", source, output, "--precision", "int8").expect(2).err();
    assertTrue(wrong.contains("neither float16 nor bfloat16"), wrong);
    assertTrue(
        CommandRun.of("convert", source, output, "--target", "nowhere")
            .expect(2)
            .err()
            .contains("--target"));
    assertTrue(
        CommandRun.of("convert", source, output, "--keep", "conv1")
            .expect(2)
            .err()
            .contains("--precision"));
  }
}
