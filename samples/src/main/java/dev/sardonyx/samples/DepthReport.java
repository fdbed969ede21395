package dev.sardonyx.samples;

import dev.sardonyx.samples.DepthStudy.Learnt;
import dev.sardonyx.samples.LossCurve.LossPoint;
import dev.sardonyx.samples.report.Chart;
import dev.sardonyx.samples.report.ChartAxis;
import dev.sardonyx.samples.report.ChartSeries;
import dev.sardonyx.samples.report.DataTable;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPage;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.report.ShortNumber;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** How plain and residual networks learnt, as a report. */
final class DepthReport {
  private final List<Learnt> networks;

  private DepthReport(List<Learnt> networks) {
    this.networks = networks;
  }

  /** The page. */
  static ReportPage of(List<Learnt> networks, ReportSection environment) {
    DepthReport report = new DepthReport(networks);
    return new ReportPage(
        "Plain and residual networks by depth",
        List.of(Remark.of(report.summary())),
        List.of(
            ReportSection.of("Training", report.curves()),
            ReportSection.of(
                "Test",
                report.byDepth("Accuracy by depth", "test accuracy", DepthReport::accuracy),
                report.byDepth("Loss by depth", "test loss", network -> network.end().loss()),
                report.table()),
            environment));
  }

  private static double accuracy(Learnt network) {
    return network.end().accuracy().orElse(Double.NaN);
  }

  private String summary() {
    Learnt best =
        networks.stream().max(Comparator.comparingDouble(DepthReport::accuracy)).orElseThrow();
    return "The best on the test images is %s, with an accuracy of %s."
        .formatted(best.name(), ShortNumber.of(accuracy(best)));
  }

  private Chart curves() {
    List<Double> places =
        List.copyOf(
            networks.stream()
                .flatMap(network -> network.curve().stream().map(LossPoint::examples))
                .collect(Collectors.toCollection(TreeSet::new)));
    List<ChartSeries> series = new ArrayList<>();
    for (Learnt network : networks) {
      Map<Double, Double> losses =
          network.curve().stream()
              .collect(Collectors.toMap(LossPoint::examples, LossPoint::loss, (a, b) -> b));
      series.add(
          ChartSeries.line(
              network.name(),
              Chart.numbers(places.stream().mapToDouble(x -> losses.getOrDefault(x, Double.NaN)))));
    }
    return Chart.byNumber(
        "Training loss",
        "The mean since the point before, of %s.".formatted(Count.of(networks.size(), "network")),
        ChartAxis.linear("images seen"),
        places,
        ChartAxis.linear("loss"),
        series);
  }

  private Chart byDepth(String title, String y, ToDoubleFunction<Learnt> number) {
    List<Double> depths =
        networks.stream().map(network -> (double) network.depth()).distinct().sorted().toList();
    List<ChartSeries> series = new ArrayList<>();
    for (boolean residual : new boolean[] {false, true}) {
      Map<Double, Double> numbers =
          networks.stream()
              .filter(network -> network.residual() == residual)
              .collect(
                  Collectors.toMap(n -> (double) n.depth(), number::applyAsDouble, (a, b) -> b));
      series.add(
          ChartSeries.line(
              residual ? "residual" : "plain",
              Chart.numbers(
                  depths.stream().mapToDouble(d -> numbers.getOrDefault(d, Double.NaN)))));
    }
    return Chart.byNumber(
        title,
        "On the test images.",
        ChartAxis.linear("layers"),
        depths,
        ChartAxis.linear(y),
        series);
  }

  private DataTable table() {
    return new DataTable(
        "",
        List.of(
            TableColumn.text("network"),
            TableColumn.number("parameters"),
            TableColumn.number("training loss"),
            TableColumn.number("test loss"),
            TableColumn.number("test accuracy")),
        networks.stream()
            .map(
                network ->
                    TableRow.of(
                        List.of(
                            network.name(),
                            ShortNumber.of(network.parameters()),
                            ShortNumber.of(network.lastLoss()),
                            ShortNumber.of(network.end().loss()),
                            ShortNumber.of(accuracy(network)))))
            .toList());
  }
}
