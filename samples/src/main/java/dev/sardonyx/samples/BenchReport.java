package dev.sardonyx.samples;

import dev.sardonyx.samples.report.Chart;
import dev.sardonyx.samples.report.ChartAxis;
import dev.sardonyx.samples.report.ChartSeries;
import dev.sardonyx.samples.report.DataTable;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPage;
import dev.sardonyx.samples.report.ReportPart;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.report.ShortNumber;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What {@code bench} measured, as a report.
 *
 * @param rows what was measured
 * @param nanos how long the runs of each row took
 * @param placements which provider computed which node, by what was run
 * @param errors what went wrong, by file
 */
record BenchReport(
    List<MeasuredRow> rows,
    List<long[]> nanos,
    Map<String, ProviderPlacement> placements,
    Map<String, String> errors) {
  /** More lines in one chart are hard to tell from each other. */
  private static final int MOST_LINES = 8;

  /** The page, with a last section about where it was measured. */
  ReportPage page(ReportSection environment) {
    List<Remark> summary = new ArrayList<>();
    errors.forEach((file, error) -> summary.add(Remark.of(false, file + ": " + error)));
    List<ReportSection> sections = new ArrayList<>();
    if (!rows.isEmpty()) {
      summary.add(Remark.of(fastest()));
      sections.add(ReportSection.of("Latency", percentiles(), table()));
      sections.add(new ReportSection("Distribution", distributions()));
      sections.add(ReportSection.of("Throughput", throughput()));
    }
    if (!placements.isEmpty()) {
      List<ReportPart> parts = new ArrayList<>();
      parts.add(
          Remark.of(
              "Measured apart, in some runs with a profile, which costs time; nodes that ONNX"
                  + " Runtime fused have one name."));
      placements.forEach((what, placement) -> parts.addAll(placement.parts(what)));
      sections.add(new ReportSection("Placement", parts));
    }
    sections.add(environment);
    String models =
        rows.stream()
            .map(row -> row.file().toString())
            .distinct()
            .collect(Collectors.joining(", "));
    return new ReportPage("Speed of " + models, summary, sections);
  }

  private String fastest() {
    MeasuredRow best = rows.get(0);
    for (MeasuredRow row : rows) {
      best = row.examplesPerSecond() > best.examplesPerSecond() ? row : best;
    }
    return "%s: the most examples a second, %s, in %s."
        .formatted(
            Count.of(rows.size(), "row"),
            ShortNumber.of(best.examplesPerSecond()),
            best.name(files()));
  }

  private List<Path> files() {
    return rows.stream().map(MeasuredRow::file).distinct().toList();
  }

  private List<String> names() {
    return rows.stream().map(row -> row.name(files())).toList();
  }

  private Chart percentiles() {
    return Chart.byName(
        "Latency of a run",
        "Half of the runs of %s take at most %s ms, 99 of 100 at most %s ms."
            .formatted(
                names().get(0),
                ShortNumber.of(rows.get(0).times().p50Ms()),
                ShortNumber.of(rows.get(0).times().p99Ms())),
        "row",
        names(),
        isWide(row -> row.times().p50Ms())
            ? ChartAxis.log("milliseconds")
            : ChartAxis.linear("milliseconds"),
        List.of(
            bars("shortest", row -> row.times().minMs()),
            bars("p50", row -> row.times().p50Ms()),
            bars("p90", row -> row.times().p90Ms()),
            bars("p99", row -> row.times().p99Ms())));
  }

  /** Whether some rows would be too small to be seen beside others. */
  private boolean isWide(ToDoubleFunction<MeasuredRow> number) {
    double low = rows.stream().mapToDouble(number).min().orElse(1);
    double high = rows.stream().mapToDouble(number).max().orElse(1);
    return high > 30 * low;
  }

  private ChartSeries bars(String name, ToDoubleFunction<MeasuredRow> number) {
    return ChartSeries.bars(name, Chart.numbers(rows.stream().mapToDouble(number)));
  }

  private Chart throughput() {
    return Chart.byName(
        "Throughput",
        fastest(),
        "row",
        names(),
        isWide(MeasuredRow::examplesPerSecond)
            ? ChartAxis.log("examples a second")
            : ChartAxis.linear("examples a second"),
        List.of(bars("examples a second", MeasuredRow::examplesPerSecond)));
  }

  /** A chart for all rows, or one for each model if they are many; all have one scale. */
  private List<ReportPart> distributions() {
    LatencyBins bins = LatencyBins.of(nanos);
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      String group = rows.size() <= MOST_LINES ? "all rows" : rows.get(i).file().toString();
      groups.computeIfAbsent(group, name -> new ArrayList<>()).add(i);
    }
    List<ReportPart> charts = new ArrayList<>();
    groups.forEach(
        (group, members) -> {
          for (int from = 0; from < members.size(); from += MOST_LINES) {
            int to = Math.min(from + MOST_LINES, members.size());
            charts.add(distribution(group, members.subList(from, to), bins));
          }
        });
    return charts;
  }

  private Chart distribution(String group, List<Integer> members, LatencyBins bins) {
    return Chart.byNumber(
        "How long runs took: " + group,
        "%d equal ratios from %s to %s ms; high to the left is good."
            .formatted(
                bins.count(),
                ShortNumber.of(bins.low()),
                ShortNumber.of(bins.low() * Math.pow(bins.ratio(), bins.count()))),
        ChartAxis.log("milliseconds"),
        bins.middles(),
        ChartAxis.linear("% of the runs"),
        members.stream()
            .map(i -> ChartSeries.line(names().get(i), bins.percents(nanos.get(i))))
            .toList());
  }

  private DataTable table() {
    List<TableColumn> columns = new ArrayList<>();
    columns.add(TableColumn.text("row"));
    for (String heading :
        List.of(
            "runs",
            "min ms",
            "mean ms",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "runs/s",
            "examples/s",
            "times the first row")) {
      columns.add(TableColumn.number(heading));
    }
    return new DataTable(
        "All rows",
        columns,
        IntStream.range(0, rows.size()).mapToObj(i -> row(names().get(i), rows.get(i))).toList());
  }

  private static TableRow row(String name, MeasuredRow row) {
    RunTimes times = row.times();
    List<String> cells = new ArrayList<>();
    cells.add(name);
    cells.add(ShortNumber.of(times.runs()));
    for (double number :
        new double[] {
          times.minMs(),
          times.meanMs(),
          times.p50Ms(),
          times.p90Ms(),
          times.p99Ms(),
          times.runsPerSecond(),
          row.examplesPerSecond(),
          row.x()
        }) {
      cells.add(ShortNumber.of(number));
    }
    return TableRow.of(cells);
  }
}
