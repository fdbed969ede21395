package dev.sardonyx.samples.report;

import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.PictureList.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Reports with every part there is. */
final class SampleReports {
  /** A name that tries to leave the text it stands in. */
  static final String EVIL =
      "'\"></script><script>alert(2)</script><img src=x onerror=alert(1)>{{data}}";

  private SampleReports() {}

  /** Curves, errors with zeros and infinities, bars, a table, a matrix and pictures. */
  static ReportPage everything() {
    return new ReportPage(
        "model.onnx",
        List.of(Remark.of(true, "PASS: 6 values agree"), Remark.of(false, "FAIL: one does not")),
        List.of(
            ReportSection.of("Curves", curves(), accuracy()),
            ReportSection.of("Errors", errors(), table()),
            ReportSection.of("Latency", bars(), distribution()),
            ReportSection.of("Confusion", matrix(), pictures("wrong-0-1")),
            ReportSection.of(
                "Environment", new FactList(Map.of("Java", "17", "SHA-256", "ab".repeat(32))))));
  }

  static ReportPage of(ReportPart... parts) {
    return new ReportPage("report", List.of(), List.of(ReportSection.of("Parts", parts)));
  }

  static Chart curves() {
    return Chart.byNumber(
        "Loss",
        "The training loss falls from 2.3 to 0.1.",
        ChartAxis.linear("images seen"),
        IntStream.rangeClosed(1, 20).mapToObj(i -> i * 500.0).toList(),
        ChartAxis.linear("loss"),
        List.of(
            ChartSeries.line(
                "training", Chart.numbers(IntStream.rangeClosed(1, 20).mapToDouble(i -> 2.3 / i))),
            ChartSeries.line(
                "validation",
                Chart.numbers(
                    IntStream.rangeClosed(1, 20)
                        .mapToDouble(i -> i % 5 == 0 ? 2.5 / i : Double.NaN)))));
  }

  static Chart accuracy() {
    return Chart.byNumber(
        "Accuracy",
        "It rises to 0.9861.",
        ChartAxis.linear("epoch"),
        List.of(1.0, 2.0, 3.0),
        ChartAxis.between("share of examples", 0.9, 1),
        List.of(ChartSeries.line("validation", List.of(0.91, 0.97, 0.9861))));
  }

  static Chart errors() {
    List<String> names =
        List.of(
            "conv1_out",
            "relu1_out",
            "block1.conv1_out",
            "block1.conv2_out",
            "flatten1_out",
            "dense1_out",
            "probabilities",
            "probabilities (deployed)");
    return Chart.byName(
            "Error of each value",
            "One of 8 values fails.",
            "value, in graph order",
            names,
            ChartAxis.log("absolute error"),
            List.of(
                ChartSeries.line(
                    "largest",
                    List.of(
                        0.0, 0.0, 8.94e-7, 3e-6, 1.91e-6, Double.POSITIVE_INFINITY, 8.64e-7, 9e-7)),
                ChartSeries.line(
                    "mean", List.of(0.0, 0.0, 1.03e-8, 2e-8, 8.28e-9, 0.5, 6.32e-9, 6.4e-9)),
                ChartSeries.limit(
                    "allowed", Chart.numbers(DoubleStream.generate(() -> 1e-3).limit(8)))))
        .withTones(IntStream.range(0, 8).mapToObj(i -> i == 5 ? Tone.BAD : Tone.GOOD).toList());
  }

  static Chart bars() {
    return Chart.byName(
        "Latency",
        "Half of the runs take at most 1.2 and 3.4 ms.",
        "row",
        List.of("model.onnx, CPU, N=1", "other.onnx, CPU, N=8"),
        ChartAxis.linear("milliseconds"),
        List.of(
            ChartSeries.bars("min", List.of(1.0, 3.0)),
            ChartSeries.bars("p50", List.of(1.2, 3.4)),
            ChartSeries.bars("p99", List.of(2.5, 4.9))));
  }

  private static Chart distribution() {
    return Chart.byNumber(
        "Distribution",
        "Both have one peak.",
        ChartAxis.log("milliseconds"),
        List.of(0.5, 1.0, 2.0, 4.0, 8.0),
        ChartAxis.linear("% of runs"),
        List.of(
            ChartSeries.line("model.onnx", List.of(0.0, 20.0, 70.0, 10.0, 0.0)),
            ChartSeries.line("other.onnx", List.of(0.0, 0.0, 10.0, 80.0, 10.0))));
  }

  /** As long as a graph of so many values. */
  static Chart longChart(int values) {
    return Chart.byName(
        "Error of each value",
        "All agree.",
        "value, in graph order",
        IntStream.range(0, values).mapToObj(i -> "value" + i).toList(),
        ChartAxis.log("absolute error"),
        List.of(
            ChartSeries.line(
                "largest",
                Chart.numbers(
                    IntStream.range(0, values).mapToDouble(i -> 1e-8 * (1 + i * i % 97))))));
  }

  private static DataTable table() {
    return new DataTable(
        "Values",
        List.of(
            TableColumn.text("value"), TableColumn.number("max abs"), TableColumn.result("result")),
        List.of(
            new TableRow(Tone.GOOD, List.of("conv1_out", "0", "PASS")),
            new TableRow(Tone.BAD, List.of("dense1_out", "inf", "FAIL TYPE"))));
  }

  private static CountMatrix matrix() {
    List<List<Long>> counts = new ArrayList<>();
    for (int row = 0; row < 10; row++) {
      List<Long> line = new ArrayList<>();
      for (int column = 0; column < 10; column++) {
        line.add(row == column ? 980L : row == 0 && column == 1 ? 12L : row * (long) column % 4);
      }
      counts.add(line);
    }
    return new CountMatrix(
        "What 10,000 images are, and what they were taken for",
        "is",
        "taken for",
        IntStream.range(0, 10).mapToObj(String::valueOf).toList(),
        counts,
        Map.of(CountMatrix.cell(0, 1), "wrong-0-1"));
  }

  private static PictureList pictures(String id) {
    BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 4; i < 24; i++) {
      image.setRGB(i, i, 0xffffff);
      image.setRGB(27 - i, i, 0xffffff);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Picture one =
        new Picture("image/png", png.toByteArray(), "test image 247, a 0", "247: 98 %", true);
    return new PictureList(id, "0 taken for 1", List.of(one, one, one));
  }

  /** All names are those of an attacker. */
  static ReportPage evil() {
    Chart chart =
        Chart.byName(
            EVIL,
            EVIL,
            EVIL,
            List.of(EVIL, EVIL + 2),
            ChartAxis.linear(EVIL),
            List.of(
                ChartSeries.line(EVIL, List.of(1.0, 2.0)),
                ChartSeries.bars(EVIL, List.of(1.0, 2.0))));
    return new ReportPage(
        EVIL,
        List.of(Remark.of(EVIL)),
        List.of(
            ReportSection.of(
                EVIL,
                chart,
                new FactList(Map.of(EVIL, EVIL)),
                new DataTable(
                    EVIL, List.of(TableColumn.text(EVIL)), List.of(TableRow.of(List.of(EVIL)))),
                new CountMatrix(EVIL, EVIL, EVIL, List.of(EVIL), List.of(List.of(1L)), Map.of()),
                new PictureList(
                    "",
                    EVIL,
                    List.of(new Picture("image/png", new byte[] {1}, EVIL, EVIL, false))))));
  }
}
