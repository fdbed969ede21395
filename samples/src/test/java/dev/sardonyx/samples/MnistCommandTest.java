package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job on a part of MNIST. */
final class MnistCommandTest {
  private static final int IMAGES = 3000;

  @TempDir private static Path folder;
  private static Path model;
  private static CommandRun run;
  private static JsonObject json;
  private static WrittenReport report;

  @BeforeAll
  static void trainOnce() throws IOException {
    model = folder.resolve("model.onnx");
    Path results = folder.resolve("results.json");
    Path page = folder.resolve("report.html");
    run =
        CommandRun.of(
                "mnist",
                "--limit",
                IMAGES,
                "--epochs",
                2,
                "--output",
                model,
                "--json",
                results,
                "--report",
                page)
            .expect(0);
    report = WrittenReport.of(page);
    json = JsonParser.parseString(Files.readString(results)).getAsJsonObject();
  }

  @Test
  void thereAreSixStepsInOrder() {
    List<Integer> steps = new ArrayList<>();
    Matcher matcher = Pattern.compile("^\\[(\\d)/6] ", Pattern.MULTILINE).matcher(run.out());
    while (matcher.find()) {
      steps.add(Integer.valueOf(matcher.group(1)));
    }
    assertEquals(List.of(1, 2, 3, 4, 5, 6), steps, run.out());
    assertEquals("", run.err());
  }

  @Test
  void theTableOfLayersCountsTheSeedNetworksParameters() {
    assertTrue(run.out().contains("288,202"), run.out());
    assertTrue(run.out().contains("float[N,32,28,28]"), run.out());
    assertEquals(288_202, json.getAsJsonObject("network").get("parameters").getAsInt());
  }

  @Test
  void progressInAPipeIsPlainLines() {
    assertTrue(
        Pattern.compile(
                "Epoch 2/2  [\\d,]+/2,700 images  \\S+ images/s  loss \\d\\.\\d{4}  \\d+:\\d\\d left")
            .matcher(run.out())
            .find(),
        run.out());
    assertFalse(run.out().contains("\r"), "carriage returns are for terminals");
  }

  @Test
  void itLearnsToReadMoreThanNineDigitsOfTen() {
    double printed = number("^Test accuracy: (0\\.\\d{4})$");
    assertTrue(printed > 0.9, run.out());
    JsonObject test = json.getAsJsonObject("test");
    assertEquals(printed, test.get("accuracy").getAsDouble(), 5e-5);
    assertEquals(number("^Test loss: (\\d\\.\\d{4})$"), test.get("loss").getAsDouble(), 5e-5);
    assertEquals(IMAGES, test.get("images").getAsInt());
    assertEquals(test.get("accuracy"), json.getAsJsonObject("run").get("accuracy"));
  }

  private static double number(String pattern) {
    Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(run.out());
    assertTrue(matcher.find(), () -> pattern + " in\n" + run.out());
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void theReportHasTheNumbersOfTheJsonFile() {
    List<Double> losses = new ArrayList<>();
    List<Double> validationLosses = new ArrayList<>();
    List<Double> accuracies = new ArrayList<>();
    for (JsonElement element : json.getAsJsonObject("training").getAsJsonArray("epochs")) {
      JsonObject epoch = element.getAsJsonObject();
      losses.add(epoch.get("loss").getAsDouble());
      validationLosses.add(epoch.get("validationLoss").getAsDouble());
      accuracies.add(epoch.get("validationAccuracy").getAsDouble());
    }
    assertEquals(losses, report.numbers(1, "training, while it learns"));
    assertEquals(validationLosses, report.numbers(1, "validation, after the epoch"));
    assertEquals(accuracies, report.numbers(2, "validation"));
    assertTrue(report.text().contains("<dt>Learning rate</dt><dd>0.001</dd>"), report.text());
    List<Double> largest = new ArrayList<>();
    for (JsonElement value : json.getAsJsonObject("verification").getAsJsonArray("values")) {
      largest.add(value.getAsJsonObject().get("maxAbsolute").getAsDouble());
    }
    assertEquals(largest, report.numbers(3, "largest"));
  }

  /** The finer curve of the loss: its points, weighted, are the losses of the epochs. */
  @Test
  void theReportHasTheCurveOfTheLoss() {
    List<Double> curve = report.numbers(0, "training");
    assertTrue(curve.size() > 30, curve.toString());
    assertTrue(curve.get(0) > 2 * curve.get(curve.size() - 1), curve.toString());
    assertEquals("5,400", report.labels(0).get(curve.size() - 1), "two epochs of 2,700");
  }

  @Test
  void theReportShowsWhatWasMistakenForWhat() {
    String text = report.text();
    Matcher counts =
        Pattern.compile("<td class=\"shade\\d( right)?\">(?:<a href=\"#(\\S+)\">)?(\\d+)")
            .matcher(text);
    int all = 0;
    int right = 0;
    int cells = 0;
    while (counts.find()) {
      cells++;
      all += Integer.parseInt(counts.group(3));
      right += counts.group(1) == null ? 0 : Integer.parseInt(counts.group(3));
      assertTrue(counts.group(2) == null || text.contains("id=\"" + counts.group(2) + "\""), text);
    }
    assertEquals(100, cells);
    assertEquals(IMAGES, all);
    double accuracy = json.getAsJsonObject("run").get("accuracy").getAsDouble();
    assertEquals(accuracy, (double) right / all, 1e-9);
    assertTrue(text.contains(" taken for ") && text.contains("data:image/png;base64,"), text);
  }

  @Test
  void theFileIsValidAndSaysWhereItComesFrom() throws IOException {
    Model exported = OnnxReader.read(model);
    assertEquals("", Checker.check(exported).toString());
    assertEquals("float[N,1,28,28]", exported.graph().inputs().get(0).type().toString());
    assertEquals("sardonyx", exported.producerName());
    String properties = exported.metadata().properties().toString();
    assertTrue(properties.contains("DL4J"), properties);
    assertTrue(properties.contains("MNIST"), properties);
    assertEquals("PASS", exported.metadata().properties().get("sardonyx.parity.result"));
    assertEquals(
        exported.graph().nodes().size() + " values node by node and 1 output as deployed",
        exported.metadata().properties().get("sardonyx.parity.compared"));
  }

  @Test
  void itSaysWhichAcceleratorItTookAndWhyNotOthers() {
    JsonObject ran = json.getAsJsonObject("run");
    assertTrue(run.out().contains(ran.get("backend").getAsString()), run.out());
    for (JsonElement refused : ran.getAsJsonArray("refused")) {
      assertFalse(refused.getAsJsonObject().get("reason").getAsString().isBlank());
    }
    boolean onCpu = ran.get("accelerator").getAsString().equals("CPU");
    assertEquals(onCpu, run.out().contains("not CUDA: "), run.out());
  }

  @Test
  void everyValueOfTheModelIsVerified() throws IOException {
    Set<String> values = new HashSet<>();
    OnnxReader.read(model)
        .graph()
        .nodes()
        .forEach(node -> node.outputs().forEach(result -> values.add(result.name())));
    Set<String> verified = new HashSet<>();
    JsonObject verification = json.getAsJsonObject("verification");
    for (JsonElement value : verification.getAsJsonArray("values")) {
      JsonObject compared = value.getAsJsonObject();
      verified.add(compared.get("name").getAsString());
      assertEquals(0, compared.get("failed").getAsLong(), compared::toString);
      assertTrue(compared.get("maxAbsolute").getAsDouble() < 1e-4, compared::toString);
      if (!compared.get("kind").getAsString().equals("INTERMEDIATE")) {
        JsonObject top1 = compared.getAsJsonObject("top1");
        assertEquals(IMAGES, top1.get("rows").getAsInt());
        assertEquals(IMAGES, top1.get("same").getAsInt());
      }
    }
    assertEquals(values, verified);
    assertTrue(json.get("passed").getAsBoolean());
    assertTrue(run.out().contains("PASS"), run.out());
    assertTrue(run.out().contains("rtol 0.001, atol 1.0E-5"), run.out());
  }

  @Test
  void nothingIsLeftBesideTheFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Set<String> names = new HashSet<>();
      files.map(file -> file.getFileName().toString()).forEach(names::add);
      names.removeIf(name -> !name.startsWith("."));
      assertEquals(Set.of(), names);
    }
  }

  @Test
  void theSameSeedGivesTheSameFileButForItsTimes(@TempDir Path other) throws IOException {
    Model first = small(other.resolve("1.onnx"), 7);
    Model again = small(other.resolve("2.onnx"), 7);
    Model another = small(other.resolve("3.onnx"), 8);
    assertEquals(first.graph(), again.graph());
    assertFalse(first.graph().equals(another.graph()), "another seed, other weights");
  }

  private static Model small(Path file, int seed) throws IOException {
    CommandRun.of("mnist", "--limit", 100, "--seed", seed, "--output", file, "--quiet").expect(0);
    return OnnxReader.read(file);
  }

  @Test
  void aNetworkThatArrivesOtherwiseFails(@TempDir Path other) throws IOException {
    Path file = other.resolve("m.onnx");
    Path results = other.resolve("r.json");
    // Not one bit may differ, which no two runtimes manage.
    CommandRun strict =
        CommandRun.of(
                "mnist",
                "-q",
                "--limit",
                64,
                "--rtol",
                0,
                "--atol",
                0,
                "--output",
                file,
                "--json",
                results)
            .expect(1);
    assertTrue(strict.out().contains("FAIL: first diverging value '"), strict.out());
    assertEquals("", strict.err());
    JsonObject content = JsonParser.parseString(Files.readString(results)).getAsJsonObject();
    assertFalse(content.get("passed").getAsBoolean());
    assertEquals(
        "FAIL", OnnxReader.read(file).metadata().properties().get("sardonyx.parity.result"));
  }

  @Test
  void quietPrintsResultsOnly(@TempDir Path other) {
    CommandRun quiet =
        CommandRun.of(
                "mnist",
                "-q",
                "--limit",
                64,
                "--network",
                "projection",
                "--batch-size",
                32,
                "--output",
                other.resolve("p.onnx"))
            .expect(0);
    assertEquals("", quiet.err());
    assertTrue(
        quiet
            .out()
            .matches(
                "(?s)Test loss: \\S+\nTest accuracy: \\S+\nExported [^\n]+\nONNX Runtime [^\n]+\nPASS[^\n]+\n"),
        quiet.out());
  }
}
