package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** The study of depth at its smallest. */
class DepthCommandTest {
  private static Document xml(String text) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    } catch (Exception e) {
      throw new AssertionError(text, e);
    }
  }

  @Test
  void plainAndResidualNetworksAreTrainedAndDrawn(@TempDir Path folder) throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 64, 16, true);
    Path svg = folder.resolve("depth.svg");
    Path csv = folder.resolve("depth.csv");
    CommandRun run =
        CommandRun.of(
            "depth",
            "--depths=8,14",
            "--data=" + data,
            "--images=64",
            "--epochs=2",
            "--batch-size=16",
            "--svg=" + svg,
            "--csv=" + csv);
    assertEquals(0, run.status(), run.err());
    for (String network : List.of("plain 8", "plain 14", "residual 8", "residual 14")) {
      assertTrue(run.out().contains(network), run.out());
    }
    Document drawing = xml(Files.readString(svg));
    assertEquals(4, drawing.getElementsByTagName("polyline").getLength());
    List<String> lines = Files.readAllLines(csv);
    assertEquals("network,depth,images,loss", lines.get(0));
    // Four batches in each of two epochs, each a point, of four networks.
    assertEquals(1 + 4 * 8, lines.size());
    assertTrue(lines.get(8).startsWith("plain,8,128,"), lines.get(8));
  }

  @Test
  void aDepthThatIsNoneIsRefused() {
    CommandRun run = CommandRun.of("depth", "--depths=9");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("'9' is not 6 n + 2"), run.err());
  }

  @Test
  void aChartHasItsLinesInsideItsAxes() {
    LineChart chart =
        new LineChart(
            "a < b & c",
            "x",
            "y",
            List.of(
                new LineChart.Line(
                    "line",
                    "red",
                    true,
                    List.of(new LineChart.Point(0, 0), new LineChart.Point(80, 0.45)))));
    String svg = chart.svg();
    // 80 of 100 from 70 to 680, 0.45 of 0.5 from 460 up to 60.
    assertTrue(svg.contains("points=\"70.0,460.0 558.0,100.0\""), svg);
    assertTrue(xml(svg).getDocumentElement().getTextContent().contains("a < b & c"), svg);
  }
}
