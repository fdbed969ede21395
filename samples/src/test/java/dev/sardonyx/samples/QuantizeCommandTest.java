package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.input.OutputFile;
import dev.sardonyx.training.data.IdxFolder;
import dev.sardonyx.training.data.LabelledImages;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code quantize} writes and tells. */
final class QuantizeCommandTest {
  private static final Path MNIST = Path.of("src/main/resources/dev/sardonyx/samples/mnist");

  @TempDir private Path folder;
  private Path model;
  private Path result;

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("model.onnx");
    result = folder.resolve("small.onnx");
    GraphBuilder b = GraphBuilder.of("digits");
    Layers nn = Layers.of(b, 42);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
    x = nn.residualBlock(b.relu(nn.conv(x, 8, 3)), 8);
    b.output(b.softmax(nn.dense(b.flatten(x), 10), 1), "digit");
    OnnxWriter.write(b.buildModel(), model);
  }

  private List<String> operators() throws IOException {
    return OnnxReader.read(result).graph().nodes().stream()
        .map(node -> node.operator())
        .collect(Collectors.toList());
  }

  @Test
  void staticOnImagesWithLabels() throws IOException {
    Path figures = folder.resolve("figures.json");
    CommandRun run =
        CommandRun.of(
                "quantize", "--data", MNIST, "--examples", 100, "--json", figures, model, result)
            .expect(0);
    assertTrue(operators().contains("QuantizeLinear"), operators().toString());
    assertTrue(run.out().contains("Accuracy: 0."), run.toString());
    JsonObject json =
        JsonParser.parseString(Files.readString(figures)).getAsJsonArray().get(0).getAsJsonObject();
    assertTrue(json.get("signalToNoise").getAsDouble() > 15, json.toString());
    assertTrue(
        json.get("bytes").getAsLong() * 3 < json.get("bytesBefore").getAsLong(), json.toString());
    assertEquals(2, json.getAsJsonArray("accuracy").size());
    assertEquals(accuracy(), json.getAsJsonArray("accuracy").get(0).getAsDouble(), 1e-9);
    requireReport(run.out(), json);
    CommandRun kept =
        CommandRun.of(
            "quantize",
            "--data",
            MNIST,
            "--examples",
            100,
            "--calibration",
            "entropy",
            "--exclude",
            "dense*",
            model,
            result);
    assertTrue(kept.expect(0).out().contains("dense1: float"), kept.toString());
  }

  /** Layers with what they lose, and values with their histograms, printed and as data. */
  private static void requireReport(String printed, JsonObject json) {
    List<String> layers = new ArrayList<>();
    for (JsonElement each : json.getAsJsonArray("layers")) {
      JsonObject layer = each.getAsJsonObject();
      layers.add(layer.get("node").getAsString());
      assertTrue(layer.get("inPlace").getAsDouble() > 5, layer.toString());
      assertTrue(layer.has("alone") && layer.has("operator"), layer.toString());
    }
    assertTrue(layers.contains("conv1") && layers.contains("dense1"), layers.toString());
    JsonObject image = json.getAsJsonArray("values").get(0).getAsJsonObject();
    assertEquals("image", image.get("name").getAsString());
    long count = 0;
    for (JsonElement each : image.getAsJsonArray("counts")) {
      count += each.getAsLong();
    }
    assertEquals(100 * 28 * 28, count);
    assertEquals(1, image.getAsJsonObject("stored").get("max").getAsDouble(), 1e-6);
    assertTrue(printed.contains("in place") && printed.contains("histogram"), printed);
  }

  /** Of the model in float on the first 100 test images, counted by hand. */
  private double accuracy() throws IOException {
    LabelledImages images = IdxFolder.of(MNIST).test().limit(100);
    float[] scores;
    try (PreparedModel session = OrtBackend.cpu().prepare(OnnxReader.read(model))) {
      scores = session.run(Map.of("image", images.tensor(0, 100))).tensor().toFloats();
    }
    int right = 0;
    for (int i = 0; i < 100; i++) {
      int best = 0;
      for (int k = 1; k < 10; k++) {
        best = scores[10 * i + k] > scores[10 * i + best] ? k : best;
      }
      right += best == images.label(i) ? 1 : 0;
    }
    return right / 100.0;
  }

  @Test
  void examplesAreFilesToo() throws IOException {
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    for (int i = 1; i < 4; i++) {
      BufferedImage picture = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      picture.createGraphics().fillRect(4, 4, 6 * i, 20);
      ImageIO.write(picture, "png", pictures.resolve(i + ".png").toFile());
    }
    CommandRun run = CommandRun.of("quantize", "--data", pictures, model, result).expect(0);
    assertFalse(run.out().contains("Accuracy"), run.toString());
    assertTrue(run.out().contains("Signal to noise"), run.toString());
  }

  @Test
  void dynamicAndWeightsNeedNoData() throws IOException {
    CommandRun.of("quantize", "--method", "dynamic", model, result).expect(0);
    assertTrue(operators().contains("DynamicQuantizeLinear"), operators().toString());
    CommandRun.of("quantize", "--method", "weights", "--bits", 4, model, result).expect(0);
    assertTrue(operators().contains("com.microsoft.MatMulNBits"), operators().toString());
    assertEquals(3, product().inputs().stream().filter(name -> !name.isEmpty()).count() - 1);
    CommandRun.of("quantize", "--method", "weights", "--zero-points", "--block", 64, model, result)
        .expect(0);
    assertEquals(64, product().intAttribute("block_size", 0));
    assertEquals(4, product().inputs().stream().filter(name -> !name.isEmpty()).count() - 1);
  }

  /** What is as good as before because it is as before is told. */
  @Test
  void thatNothingIsQuantisedIsSaid() throws IOException {
    Path relu = folder.resolve("relu.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N] x) => (float[N] y) { y = Relu (x) }
            """),
        relu);
    Path page = folder.resolve("costs.html");
    for (String method : List.of("dynamic", "weights")) {
      CommandRun run =
          CommandRun.of("quantize", "--method", method, "--report", page, relu, result).expect(0);
      assertTrue(run.out().contains("Nothing is quantised: "), run.out());
      assertTrue(Files.readString(page).contains(">Nothing is quantised"));
    }
    CommandRun some = CommandRun.of("quantize", "--method", "weights", model, result).expect(0);
    assertFalse(some.out().contains("Nothing"), some.out());
  }

  private Node product() throws IOException {
    return OnnxReader.read(result).graph().nodes().stream()
        .filter(node -> node.opType().equals("MatMulNBits"))
        .findFirst()
        .orElseThrow();
  }

  /** Fewer examples than a batch, and a rest of one, count as well. */
  @Test
  void everyExampleCounts() throws IOException {
    for (int examples : List.of(3, 57)) {
      Path figures = folder.resolve("figures" + examples + ".json");
      CommandRun.of(
              "quantize",
              "--data",
              MNIST,
              "--examples",
              examples,
              "--layer-examples",
              0,
              "--json",
              figures,
              model,
              result)
          .expect(0);
      JsonObject json =
          JsonParser.parseString(Files.readString(figures))
              .getAsJsonArray()
              .get(0)
              .getAsJsonObject();
      long count = 0;
      JsonObject image = json.getAsJsonArray("values").get(0).getAsJsonObject();
      for (JsonElement each : image.getAsJsonArray("counts")) {
        count += each.getAsLong();
      }
      assertEquals(examples * 28L * 28L, count);
    }
  }

  /** Files of old exporters, below IR version 4, have all weights among the inputs. */
  @Test
  void weightsAmongTheInputsNeedNoExamples() throws IOException {
    GraphBuilder b = GraphBuilder.of("old", 7);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
    b.output(Layers.of(b, 7).conv(x, 4, 3), "y");
    Model old = b.buildModel();
    List<Input> inputs = new ArrayList<>(old.graph().inputs());
    old.graph().constants().forEach(c -> inputs.add(Input.of(c.name(), c.type())));
    OnnxWriter.write(
        new Model(
            3,
            old.opsetImports(),
            "an old exporter",
            "",
            "",
            0,
            old.graph().withInputs(inputs),
            List.of(),
            List.of(),
            Metadata.EMPTY),
        model);
    CommandRun run =
        CommandRun.of(
                "quantize", "--data", MNIST, "--examples", 20, "--layer-examples", 0, model, result)
            .expect(0);
    assertTrue(run.out().contains("Conv conv1: quantised"), run.toString());
  }

  @Test
  void anExampleThatDoesNotFitIsNamed() throws IOException {
    Path examples = Files.createDirectory(folder.resolve("examples"));
    OutputFile.of(examples.resolve("a.npy"))
        .write("image", Tensor.ofFloats(new float[28 * 28], 1, 1, 28, 28));
    OutputFile.of(examples.resolve("b.npy"))
        .write("image", Tensor.ofFloats(new float[27 * 28], 1, 1, 27, 28));
    assertError(
        "b.npy: Input 'image' takes float[N,1,28,28], but was given float[1,1,27,28]",
        1,
        "quantize",
        "--data",
        examples,
        model,
        result);
    assertError("is a file, not a folder", 1, "quantize", "--data", model, model, result);
    assertError("does not exist", 1, "quantize", "--data", folder.resolve("no"), model, result);
    assertFalse(Files.exists(result));
  }

  /** What another method would not look at is no silent wish. */
  @Test
  void optionsOfOtherMethodsAreRefused() throws IOException {
    assertError("--bits goes with", 2, "quantize", "--data", MNIST, "--bits", 4, model, result);
    assertError(
        "--calibration goes with --method static",
        2,
        "quantize",
        "--method",
        "dynamic",
        "--calibration",
        "mse",
        model,
        result);
    assertFalse(Files.exists(result));
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertError("--data", 2, "quantize", model, result);
    assertError("nowhere", 1, "quantize", "--data", "nowhere", model, result);
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertError("holds no example", 1, "quantize", "--data", empty, model, result);
    assertError("not 4 or 8", 2, "quantize", "--method", "weights", "--bits", 3, model, result);
    assertError("'--block'", 2, "quantize", "--method", "weights", "--block", 33, model, result);
    assertError("would overwrite", 2, "quantize", "--method", "dynamic", model, model);
    assertFalse(Files.exists(result));
  }

  private static void assertError(String text, int status, Object... arguments) {
    CommandRun run = CommandRun.of(arguments).expect(status);
    assertTrue(run.err().contains(text), run.toString());
    assertFalse(run.err().contains("\tat "), run.toString());
  }
}
