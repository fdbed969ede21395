package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.samples.LossCurve.LossPoint;
import dev.sardonyx.samples.report.FactList;
import dev.sardonyx.samples.report.ReportPage;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.training.Score;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The reports of commands in a real browser. Skipped where there is none; screenshots are left in
 * {@code target/screenshots}.
 */
final class CommandReportsInBrowserTest {
  private static final Path SHOTS = Path.of("target", "screenshots");
  private static final Path MNIST = Path.of("src/main/resources/dev/sardonyx/samples/mnist");
  private static final ReportSection ENVIRONMENT =
      ReportSection.of("Environment", new FactList(Map.of("Command", "sardonyx")));

  private static HeadlessBrowser browser;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    browser = HeadlessBrowser.start();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  /** Every chart is drawn, nothing goes wrong and nothing is wider than a phone. */
  private static void look(String name, Path page) throws IOException {
    browser.size(1100, 900, false);
    browser.open(page);
    browser.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    int charts = WrittenReport.of(page).charts().size();
    assertEquals(charts, browser.count(".plot svg"));
    assertEquals(
        0,
        browser
            .evaluate(
                "[...document.querySelectorAll('.plot')].filter(p =>"
                    + " p.querySelectorAll('svg path, svg text').length < 6).length")
            .getAsInt(),
        "charts with hardly anything in them");
    int height = browser.evaluate("document.documentElement.scrollHeight").getAsInt();
    browser.size(1100, Math.min(height, 4500), false);
    browser.screenshot(SHOTS.resolve(name + ".png"));
    browser.size(390, 844, true);
    // Charts follow the window a frame later.
    browser.evaluate(
        "new Promise(done => { const end = Date.now() + 5000; const look = () =>"
            + " document.documentElement.scrollWidth <= 390 || Date.now() > end"
            + " ? done() : requestAnimationFrame(look); look(); })");
    assertEquals(390, browser.evaluate("document.documentElement.scrollWidth").getAsInt());
    browser.screenshot(SHOTS.resolve(name + "-phone.png"));
    assertEquals(List.of(), browser.errors());
  }

  private Path written(ReportPage page) throws IOException {
    return Files.writeString(folder.resolve("page.html"), page.html());
  }

  @Test
  void ofConformance() throws IOException {
    Path page = folder.resolve("page.html");
    CommandRun.of(
        "conformance",
        "-q",
        "--filter",
        "node/test_ad",
        "--stage",
        "read,check,infer,evaluate,run",
        "--report",
        page);
    look("conformance", page);
  }

  @Test
  void ofQuantisation() throws IOException {
    GraphBuilder b = GraphBuilder.of("digits");
    Layers nn = Layers.of(b, 42);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
    x = nn.residualBlock(b.relu(nn.conv(x, 8, 3)), 8);
    b.output(b.softmax(nn.dense(b.flatten(x), 10), 1), "digit");
    Path model = folder.resolve("model.onnx");
    OnnxWriter.write(b.buildModel(), model);
    Path page = folder.resolve("page.html");
    CommandRun.of(
            "quantize",
            "-q",
            "--data",
            MNIST,
            "--examples",
            100,
            "--calibration",
            "entropy",
            "--report",
            page,
            model,
            folder.resolve("small.onnx"))
        .expect(0);
    look("quantize", page);
    assertTrue(browser.text("main").contains("accuracy"), browser.text("main"));
  }

  @Test
  void ofDepth() throws IOException {
    List<DepthStudy.Learnt> networks = new ArrayList<>();
    for (boolean residual : new boolean[] {false, true}) {
      for (int depth : new int[] {8, 20, 44}) {
        List<LossPoint> curve = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
          double slow = residual ? 4 : 4 + depth / 4.0;
          curve.add(new LossPoint(600.0 * i, 2.3 * Math.exp(-i / slow) + 0.002 * depth));
        }
        double accuracy = residual ? 0.95 + depth * 0.0005 : 0.95 - depth * 0.006;
        networks.add(
            new DepthStudy.Learnt(
                depth,
                residual,
                7L * depth * depth,
                curve,
                new Score(1 - accuracy, OptionalDouble.of(accuracy), 2000)));
      }
    }
    look("depth", written(DepthReport.of(networks, ENVIRONMENT)));
  }

  @Test
  void ofTheZoo() throws IOException {
    Map<String, ZooCommand.Row> rows = new LinkedHashMap<>();
    double error = 2e-8;
    for (Architecture each : Architecture.ALL) {
      boolean fails = each.name().equals("Xception");
      rows.put(
          each.name(),
          each.name().equals("NASNet")
              ? ZooCommand.Row.failed("DL4J cannot build it: nIn=0 of the first layer")
              : new ZooCommand.Row(
                  20 + rows.size() * 13,
                  1L << (10 + rows.size()),
                  0.1 + rows.size() * 0.2,
                  0.3 + rows.size() * 0.4,
                  fails ? 0.02 : error,
                  !fails,
                  fails ? "FAIL" : "PASS"));
      error *= 1.7;
    }
    look("zoo", written(ZooReport.of(rows, ENVIRONMENT)));
  }
}
