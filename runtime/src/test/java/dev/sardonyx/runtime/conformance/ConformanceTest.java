package dev.sardonyx.runtime.conformance;

import static dev.sardonyx.runtime.Models.floats;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.Models;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceTest {
  private static final float[] X = {-1, 2};

  @TempDir private Path folder;

  /** A case of one operator over two floats. */
  private static void write(Path caseFolder, String op, long opset, float... output)
      throws IOException {
    Path data = Files.createDirectories(caseFolder.resolve("test_data_set_0"));
    Model model = Models.unary(op, opset, floats("2"), floats("2"));
    Files.write(caseFolder.resolve("model.onnx"), OnnxWriter.toBytes(model));
    Files.write(data.resolve("input_0.pb"), OnnxData.toBytes(Tensor.ofFloats(X, 2), "x"));
    Files.write(data.resolve("output_0.pb"), OnnxData.toBytes(Tensor.ofFloats(output, 2), "y"));
  }

  /** Five cases: right, wrong, just right by its own tolerance, of a later opset, broken. */
  private static void writeSuite(Path root) throws IOException {
    write(root.resolve("node/test_neg"), "Neg", 17, 1, -2);
    write(root.resolve("node/test_wrong"), "Relu", 17, 0, 3);
    Path near = root.resolve("deep/er/test_near");
    write(near, "Relu", 17, 0, 2.1f);
    Files.writeString(near.resolve("tolerance.json"), "{\"rtol\": 0.1, \"atol\": 0}");
    write(root.resolve("node/test_neg_later"), "Neg", 28, 1, -2);
    Path broken = Files.createDirectories(root.resolve("node/test_broken"));
    Files.write(broken.resolve("model.onnx"), new byte[] {9, 9, 9});
  }

  private static Outcome.Status status(ConformanceReport report, String stage, String name) {
    return report.findings().stream()
        .filter(f -> f.stage().equals(stage) && f.caseName().equals(name))
        .map(ConformanceReport.Finding::status)
        .findFirst()
        .orElse(Outcome.Status.PASSED);
  }

  private static void assertScored(ConformanceReport report) {
    assertEquals(5, report.cases());
    for (String stage : List.of("read", "round trip", "check", "infer")) {
      assertEquals(4, report.stage(stage).orElseThrow().passed(), report.table());
    }
    for (String stage : List.of("evaluate", "run")) {
      ConformanceReport.StageScore score = report.stage(stage).orElseThrow();
      assertEquals(3, score.passed(), report.table());
      assertEquals(1, score.failed(), report.table());
      assertEquals(1, score.skipped(), report.table());
      assertEquals(Outcome.Status.FAILED, status(report, stage, "node/test_wrong"));
      assertEquals(Outcome.Status.SKIPPED, status(report, stage, "node/test_broken"));
    }
    assertEquals(Outcome.Status.FAILED, status(report, "read", "node/test_broken"));
    assertFalse(report.passed());
    // The broken case and the wrong one, the latter in two stages.
    assertEquals("FAIL: 2 of 5 cases", report.verdict());
    assertTrue(report.table().contains("converted to opset 26"), report.table());
    assertTrue(report.table().contains("1 of 2 elements differ"), report.table());
    assertTrue(
        report.operators().contains(new ConformanceReport.OperatorScore("Neg", "run", 2, 2)));
    assertTrue(report.operatorTable().matches("(?s).*Relu .*1/2.*"), report.operatorTable());
  }

  @Test
  void aFolder() throws IOException {
    writeSuite(folder);
    List<String> heard = new ArrayList<>();
    ConformanceReport report =
        Conformance.of(Stages.all())
            .withProgress((name, done, total) -> heard.add(done + "/" + total + " " + name))
            .run(List.of(folder));
    assertScored(report);
    assertEquals("1/5 deep/er/test_near", heard.get(0));
    assertEquals("5/5 node/test_wrong", heard.get(4));
  }

  @Test
  void severalCasesAtOnceGiveTheSameReport() throws IOException {
    writeSuite(folder);
    CountDownLatch both = new CountDownLatch(2);
    Stage meeting =
        new Stage(
            "meeting",
            suiteCase -> {
              both.countDown();
              boolean met = both.await(30, TimeUnit.SECONDS);
              return met ? Outcome.passed() : Outcome.failed("alone");
            });
    List<Stage> stages = new ArrayList<>(Stages.all().subList(0, 5));
    stages.add(meeting);
    ConformanceReport parallel = Conformance.of(stages).withThreads(2).run(List.of(folder));
    assertEquals(4, parallel.stage("meeting").orElseThrow().passed(), parallel.table());
    ConformanceReport sequential = Conformance.of(stages).run(List.of(folder));
    assertEquals(sequential.findings(), parallel.findings());
    assertEquals(sequential.operators(), parallel.operators());
  }

  /** The weights of a case may lie in a file beside its model. */
  @Test
  void aFolderWithExternalData() throws IOException {
    write(folder.resolve("node/test_neg"), "Neg", 17, 1, -2);
    Path scaled = folder.resolve("node/test_scaled");
    write(scaled, "Neg", 17, -3, 8);
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[2] x) => (float[2] y)"
                + " <float[2] w = {3, 4}> { y = Mul (x, w) }");
    OnnxWriter.write(
        model,
        scaled.resolve("model.onnx"),
        ExternalData.beside().withThreshold(0).withFileName("weights.bin"));
    assertTrue(Files.size(scaled.resolve("weights.bin")) >= 8);
    ConformanceReport report = Conformance.of(Stages.all()).run(List.of(folder));
    assertTrue(report.passed(), report.table());
    assertEquals(2, report.stage("run").orElseThrow().passed(), report.table());
    Files.delete(scaled.resolve("weights.bin"));
    ConformanceReport without = Conformance.of(Stages.all()).run(List.of(folder));
    assertEquals("FAIL: 1 of 2 cases", without.verdict());
    String reason = without.findings().get(0).reason();
    assertTrue(reason.contains("weights.bin"), reason);
  }

  @Test
  void aZipFile() throws IOException {
    Path file = folder.resolve("suite.zip");
    try (FileSystem zip = FileSystems.newFileSystem(file, Map.of("create", "true"))) {
      writeSuite(zip.getPath("/inner"));
    }
    ConformanceReport report = Conformance.of(Stages.all()).run(List.of(file));
    assertEquals(5, report.cases());
    assertEquals(3, report.stage("run").orElseThrow().passed(), report.table());
  }

  @Test
  void severalSuitesFilterAndStages() throws IOException {
    writeSuite(folder.resolve("a"));
    writeSuite(folder.resolve("b"));
    ConformanceReport report =
        Conformance.of(Stages.all())
            .withFilter("NEG")
            .withStages(List.of("run", "read"))
            .run(List.of(folder.resolve("a"), folder.resolve("b")));
    assertEquals(4, report.cases());
    assertEquals(
        List.of("read", "run"),
        report.stages().stream().map(ConformanceReport.StageScore::stage).toList());
    assertTrue(report.passed(), report.table());
    String unknown =
        assertThrows(
                IllegalArgumentException.class,
                () -> Conformance.of(Stages.all()).withStages(List.of("walk")))
            .getMessage();
    assertTrue(unknown.startsWith("There is no stage 'walk'; there are [read,"), unknown);
  }

  @Test
  void whatIsNoSuiteIsNamed() throws IOException {
    String missing = message(folder.resolve("missing.zip"));
    assertTrue(missing.contains("missing.zip: no such folder or zip file"), missing);
    String text = message(Files.writeString(folder.resolve("a.txt"), "text"));
    assertTrue(text.contains("a.txt is neither a folder nor a zip file"), text);
    String empty = message(Files.createDirectory(folder.resolve("empty")));
    assertTrue(empty.contains("empty holds no case"), empty);
  }

  private static String message(Path source) {
    Conformance conformance = Conformance.of(Stages.all());
    return String.valueOf(
        assertThrows(IOException.class, () -> conformance.run(List.of(source))).getMessage());
  }

  @Test
  void aCaseThatBreaksABackendDoesNotBreakTheRun() throws IOException {
    for (String name : List.of("a_overflow", "b_linkage", "c_hang", "d_memory", "e_fine")) {
      write(folder.resolve(name), "Neg", 17, 1, -2);
    }
    ConformanceReport report =
        Conformance.of(List.of(new Stage("break", ConformanceTest::breakIn)))
            .withTimeLimit(Duration.ofSeconds(1))
            .run(List.of(folder));
    ConformanceReport.StageScore score = report.stage("break").orElseThrow();
    assertEquals(1, score.passed(), report.table());
    assertEquals(4, score.failed(), report.table());
    for (String reason :
        List.of(
            "StackOverflowError",
            "NoClassDefFoundError: some/Class",
            "takes longer than 1 s",
            "OutOfMemoryError: none left")) {
      assertTrue(report.table().contains(reason), report.table());
    }
  }

  private static Outcome breakIn(SuiteCase suiteCase) throws InterruptedException {
    switch (suiteCase.name()) {
      case "a_overflow" -> overflow(0);
      case "b_linkage" -> throw new NoClassDefFoundError("some/Class");
      case "c_hang" -> Thread.sleep(60_000);
      case "d_memory" -> throw new OutOfMemoryError("none left");
      default -> {}
    }
    return Outcome.passed();
  }

  private static int overflow(int depth) {
    return depth < 0 ? 0 : overflow(depth + 1) + overflow(depth + 2);
  }

  @Test
  void aModelThatIsTooLargeForTheHeapDoesNotBreakTheRun() {
    Path tooLarge =
        (Path)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Path.class},
                (path, method, arguments) -> {
                  throw new OutOfMemoryError("Java heap space");
                });
    CaseResult result = CaseResult.of(new SuiteCase("big", tooLarge));
    assertEquals("big", result.name());
    assertEquals(0, result.opset());
  }

  @Test
  void reasonsOfOneKindAreCountedTogether() {
    ConformanceReport report =
        new ConformanceReport(
            3,
            List.of(new ConformanceReport.StageScore("s", 0, 2, 0, 1, 0)),
            List.of(),
            List.of(
                finding("a", Outcome.skipped("other")),
                finding("b", Outcome.failed("node 'x' has 3 of 17 elements wrong")),
                finding("c", Outcome.failed("node 'y' has 4 of 1.5E-3 elements wrong"))),
            List.of());
    assertEquals(
        List.of(
            new ConformanceReport.ReasonGroup(
                "s", Outcome.Status.FAILED, "node … has # of # elements wrong", 2, "b"),
            new ConformanceReport.ReasonGroup("s", Outcome.Status.SKIPPED, "other", 1, "a")),
        report.reasons());
  }

  private static ConformanceReport.Finding finding(String name, Outcome outcome) {
    return new ConformanceReport.Finding(name, "s", outcome.status(), outcome.reason());
  }
}
