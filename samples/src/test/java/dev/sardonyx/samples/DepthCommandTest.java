package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The study of depth at its smallest. */
class DepthCommandTest {
  @Test
  void plainAndResidualNetworksAreTrainedAndDrawn(@TempDir Path folder) throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 64, 16, true);
    Path page = folder.resolve("depth.html");
    Path csv = folder.resolve("depth.csv");
    CommandRun run =
        CommandRun.of(
            "depth",
            "--depths=8,14",
            "--data=" + data,
            "--images=64",
            "--epochs=2",
            "--batch-size=16",
            "--report=" + page,
            "--csv=" + csv);
    assertEquals(0, run.status(), run.err());
    for (String network : List.of("plain 8", "plain 14", "residual 8", "residual 14")) {
      assertTrue(run.out().contains(network), run.out());
    }
    WrittenReport report = WrittenReport.of(page);
    assertEquals(
        List.of("16", "32", "48", "64", "80", "96", "112", "128"), report.labels(0), "images seen");
    assertEquals(List.of("8", "14"), report.labels(1), "layers");
    List<Double> losses = report.numbers(0, "residual 14");
    assertTrue(losses.stream().allMatch(loss -> loss > 0), losses.toString());
    List<String> lines = Files.readAllLines(csv);
    assertEquals("network,depth,images,loss", lines.get(0));
    // Four batches in each of two epochs, each a point, of four networks.
    assertEquals(1 + 4 * 8, lines.size());
    assertTrue(lines.get(8).startsWith("plain,8,128,"), lines.get(8));
    assertEquals(
        report.numbers(0, "plain 8").get(7),
        Double.parseDouble(lines.get(8).split(",", -1)[3]),
        1e-6);
  }

  @Test
  void aDepthThatIsNoneIsRefused() {
    CommandRun run = CommandRun.of("depth", "--depths=9");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("'9' is not 6 n + 2"), run.err());
  }
}
