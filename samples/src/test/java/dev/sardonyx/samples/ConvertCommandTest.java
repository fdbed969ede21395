package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.Safetensors;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.nn.Networks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

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

  @ParameterizedTest
  @CsvSource({
    "XGBoost, xgboost-3.4.0/categories.json",
    "XGBoost, xgboost-3.4.0/one-hot.ubj",
    "LightGBM, lightgbm/multiclass.txt"
  })
  void boostedTreesAreVerifiedAndWritten(String kind, String name) throws IOException {
    Path source = Path.of("../export/src/test/resources/trees", name);
    Path output = folder.resolve("booster.onnx");
    String out = CommandRun.of("convert", source, output).expect(0).out();
    assertTrue(out.contains(source + ": " + kind + ", "), out);
    assertTrue(out.contains("[features float[N,6]] -> [prediction float[N,"), out);
    assertTrue(out.contains("PASS"), out);
    Checker.require(OnnxReader.read(output));
  }

  /** XGBoost writes UBJSON under any name that is not .json; LightGBM has no suffix of its own. */
  @ParameterizedTest
  @CsvSource({
    "xgboost-3.4.0/one-hot.ubj, booster.model",
    "xgboost-3.4.0/one-hot.ubj, 0004.bin",
    "lightgbm/multiclass.txt, booster"
  })
  void boostedTreesMayHaveAnyName(String fixture, String name) throws IOException {
    Path source = folder.resolve(name);
    Files.copy(Path.of("../export/src/test/resources/trees", fixture), source);
    Path output = folder.resolve("out.onnx");
    String out = CommandRun.of("convert", source, output).expect(0).out();
    assertTrue(out.contains(source + ": XGBoost or LightGBM, ") && out.contains("PASS"), out);
    Checker.require(OnnxReader.read(output));
  }

  @Test
  void whatPeopleTakeForModelsOfTreesIsNamed() throws IOException {
    Path pickle = folder.resolve("model.pkl");
    Files.write(pickle, new byte[] {(byte) 0x80, 4, (byte) 0x95, 0});
    Path old = Files.writeString(folder.resolve("old.model"), "binf");
    for (Path each : List.of(pickle, old)) {
      CommandRun run = CommandRun.of("convert", each, folder.resolve("out.onnx")).expect(1);
      assertEquals(1, run.err().lines().count(), run.err());
      assertTrue(run.err().startsWith("sardonyx: " + each + ": is "), run.err());
      assertTrue(run.err().contains(each == old ? "old binary format" : "pickle"), run.err());
    }
    CommandRun run =
        CommandRun.of(
                "convert",
                Files.writeString(folder.resolve("notes.md"), "hello"),
                folder.resolve("out.onnx"))
            .expect(1);
    assertTrue(run.err().contains("cannot tell what it is by its name; convert reads "), run.err());
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
  void aSavedSameDiffGraphIsVerifiedAgainstSameDiffItself() throws IOException {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, -1, 3);
    SDVariable labels = graph.placeHolder("labels", DataType.FLOAT, -1, 4);
    SDVariable w = graph.var("w", DataType.FLOAT, 3, 4);
    SDVariable y = graph.nn().softmax("y", x.mmul(w), -1);
    graph.loss().logLoss("loss", labels, y);
    Path file = folder.resolve("graph.fb");
    graph.save(file.toFile(), true);
    Path output = folder.resolve("graph.onnx");
    String out = CommandRun.of("convert", file, output).expect(0).out();
    assertTrue(out.contains("SameDiff, ") && out.contains("PASS"), out);
    assertTrue(out.contains("[x float[N,3]] -> [y float[N,4]]"), out);
    assertTrue(Files.exists(output));
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
    assertTrue(out.contains("initializers replaced: 12, kept: 0") && out.contains("PASS"), out);
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

  /** In bfloat16 ONNX Runtime's CPU has next to nothing: the model is what it can run. */
  @ParameterizedTest
  @ValueSource(strings = {"float16", "bfloat16"})
  void whatTheTargetHasNoKernelForStaysInFloat(String type) throws IOException {
    Path source = folder.resolve("seed.onnx");
    OnnxWriter.write(Networks.named("seed").withOpset(22).build(1), source);
    Path output = folder.resolve("cpu.onnx");
    String out =
        CommandRun.of(
                "convert",
                source,
                output,
                "--precision",
                type,
                "--target",
                "onnxruntime-cpu-1.28",
                "--rtol",
                "0.05")
            .expect(0)
            .out();
    assertTrue(out.contains("PASS"), out);
    CommandRun.of("check", "--target", "onnxruntime-cpu-1.28", output).expect(0);
    String refused =
        CommandRun.of(
                "convert", source, output, "--precision", "bfloat16", "--target", "tensorrt-8")
            .expect(1)
            .err();
    assertTrue(refused.contains("target tensorrt-8 has no type bfloat16"), refused);
  }

  private Path model() throws IOException {
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(Networks.named("seed").withImage(1, 12, 12).withClasses(4).build(1), file);
    return file;
  }

  @Test
  void noFileThatTheModelNeedsIsOverwritten() throws IOException {
    Path model = model();
    Path weights = folder.resolve("w.safetensors");
    Safetensors.of(OnnxReader.read(model)).write(weights);
    Path index = folder.resolve("w.safetensors.index.json");
    String shard = "{\"weight_map\": {\"dense1.bias\": \"w.safetensors\"}}";
    Files.writeString(index, shard);
    Path beside = folder.resolve("beside.onnx");
    OnnxWriter.write(OnnxReader.read(model), beside, ExternalData.beside());
    Path data;
    try (Stream<Path> files = Files.list(folder)) {
      data = files.filter(f -> f.toString().endsWith(".data")).findFirst().orElseThrow();
    }
    long[] sizes = {Files.size(weights), Files.size(data)};
    CommandRun run = CommandRun.of("convert", model, weights, "--weights", weights).expect(2);
    assertTrue(run.err().contains("parameter 'FILE': '" + weights), run.err());
    CommandRun hidden =
        CommandRun.of("convert", model, weights, "--weights", index, "--no-verify").expect(1);
    assertEquals(1, hidden.err().lines().count(), hidden.err());
    assertTrue(hidden.err().contains("holds tensors of this model"), hidden.err());
    String err = CommandRun.of("convert", beside, data, "--no-verify").expect(2).err();
    assertTrue(err.contains("'" + data + "' would overwrite tensors of '" + beside + "'"), err);
    assertArrayEquals(sizes, new long[] {Files.size(weights), Files.size(data)});
  }

  @Test
  void whatIsWrongWithTheModelIsSaidOfItsFile() throws IOException {
    Path file = folder.resolve("m.onnx");
    String header = "<ir_version: 8, opset_import: [\"\" : 17]> g ";
    Model wrong = ModelParser.parse(header + "(float[2] x) => (float[2] y) {y = Nope(x)}");
    OnnxWriter.write(wrong, file);
    CommandRun run = CommandRun.of("convert", file, folder.resolve("out.onnx")).expect(1);
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(
        run.err().startsWith("sardonyx: " + file + ": The model has an error: SX-201"), run.err());
    assertFalse(Files.exists(folder.resolve("out.onnx")));
  }

  /** Before the model is run, which may take long. */
  @ParameterizedTest
  @CsvSource({"., is a folder", "no/m.onnx, folder does not exist", "/dev/null, is a device"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such devices")
  void whereNoModelCanGoIsToldFirst(String output, String message) throws IOException {
    CommandRun run = CommandRun.of("convert", model(), folder.resolve(output)).expect(1);
    assertTrue(run.err().contains(message), run.err());
    assertEquals("", run.out());
  }

  @ParameterizedTest
  @CsvSource({"--dim,N=-1", "--rtol,-1.0", "--target,opset-6", "--precision,int8", "--keep,conv1"})
  void wrongUsageIsToldWhetherTheModelIsRunOrNot(String option, String value) throws IOException {
    Path output = folder.resolve("out.onnx");
    CommandRun run =
        CommandRun.of("convert", "--no-verify", option, value, model(), output).expect(2);
    assertTrue(run.err().contains(option), run.err());
    assertEquals("", run.out());
    assertFalse(Files.exists(output));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{\"weight_map\":{\"W\":", "[]", "{\"weight_map\":{\"W\":\"\u00e9\"}}"})
  void weightsThatAreNoneAreNamed(String text) throws IOException {
    Path index = folder.resolve("w.index.json");
    Files.write(index, text.getBytes(StandardCharsets.ISO_8859_1));
    Path others = folder.resolve("others.safetensors");
    new Safetensors(Map.of("W", Tensor.ofFloats(new float[] {1}, 1)), Map.of()).write(others);
    for (Path weights : List.of(index, folder, others, folder.resolve("missing.safetensors"))) {
      CommandRun run =
          CommandRun.of("convert", model(), folder.resolve("o.onnx"), "--weights", weights);
      assertEquals(1, run.expect(1).err().lines().count(), run.err());
      // Which tensors fit is a question of the model, too.
      String model = weights == others ? model() + ": " : "";
      assertTrue(run.err().startsWith("sardonyx: " + model + weights + ": "), run.err());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x"})
  void whatIsNoSavedNetworkIsNamed(String coefficients) throws IOException {
    Path zip = folder.resolve("net.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("configuration.json"));
      out.putNextEntry(new ZipEntry("coefficients.bin"));
      out.write(coefficients.getBytes(StandardCharsets.ISO_8859_1));
    }
    Path inside = Files.createDirectory(folder.resolve("folder.zip"));
    for (Path file : List.of(zip, inside)) {
      CommandRun run = CommandRun.of("convert", file, folder.resolve("o.onnx")).expect(1);
      assertTrue(run.err().startsWith("sardonyx: " + file + ": "), run.err());
      for (String unhelpful : List.of("null", "Exception", "does not exist")) {
        assertFalse(run.err().contains(unhelpful), run.err());
      }
    }
  }

  /** DL4J does not save that images are of 8 by 8, but its dense layer takes no others. */
  @Test
  void aConvolutionalNetworkIsConvertedWithoutSizes() throws IOException {
    Path zip = convolutional();
    Path output = folder.resolve("net.onnx");
    String out = CommandRun.of("convert", zip, output).expect(0).out();
    assertTrue(out.contains("[input float[N,1,H,W]]") && out.contains("PASS"), out);
    Path older = folder.resolve("older.onnx");
    CommandRun.of("convert", output, older, "--target", "opset-13").expect(0);
    CommandRun.of("verify", older).expect(0);
  }

  @Test
  void sizesThatDoNotFitAreTold() throws IOException {
    Path zip = convolutional();
    Path output = folder.resolve("net.onnx");
    CommandRun run = CommandRun.of("convert", zip, output, "--dim", "W=2").expect(1);
    assertTrue(run.err().startsWith("sardonyx: " + zip + ": "), run.err());
    assertTrue(run.err().strip().endsWith(": --dim H=N --dim N=N --dim W=N"), run.err());
    assertFalse(run.err().contains("fault of Sardonyx"), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(Files.exists(output));
  }

  private Path convolutional() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list(
                    new ConvolutionLayer.Builder(3, 3).nOut(2).build(),
                    new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
                    new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
    network.init();
    Path zip = folder.resolve("images.zip");
    ModelSerializer.writeModel(network, zip.toFile(), false);
    return zip;
  }

  /** As when the names are given in the wrong order: a network would be lost. */
  @ParameterizedTest
  @ValueSource(strings = {"net.keras", "net.H5", "net.zip", "net.fb", "net.ubj", "net.txt"})
  void aModelIsNotWrittenOverANetworkOfAnotherKind(String name) throws IOException {
    Path network = Files.writeString(folder.resolve(name), "precious");
    CommandRun run = CommandRun.of("convert", KERAS.resolve("sequential.keras"), network).expect(2);
    assertTrue(run.err().contains("'" + network + "' is the name of a "), run.err());
    assertEquals("precious", Files.readString(network));
  }

  @Test
  void anOnnxModelWithErrorsIsRefusedWithTheirCodes() throws IOException {
    Path broken = folder.resolve("broken.onnx");
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\": 17]> g (float[N,2] x) => (float[N,2] y)"
                + " { a = Transpose (gone) y = Relu (a) }");
    OnnxWriter.write(model, broken);
    CommandRun run = CommandRun.of("convert", broken, folder.resolve("o.onnx")).expect(1);
    assertTrue(run.err().startsWith("sardonyx: " + broken + ": "), run.err());
    assertTrue(run.err().contains("SX-102") && !run.err().contains(".java"), run.err());
  }

  @Test
  void aZipThatUnpacksToAnySizeIsNoNetwork() throws IOException {
    Path zip = folder.resolve("bomb.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("configuration.json"));
      byte[] spaces = new byte[1 << 20];
      Arrays.fill(spaces, (byte) ' ');
      for (int i = 0; i < 65; i++) {
        out.write(spaces);
      }
      out.putNextEntry(new ZipEntry("coefficients.bin"));
    }
    CommandRun run = CommandRun.of("convert", zip, folder.resolve("o.onnx")).expect(1);
    assertTrue(run.err().contains(zip + " is no network that DL4J saved: "), run.err());
  }
}
