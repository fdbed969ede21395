package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.ValueComparison;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.samples.report.Chart;
import dev.sardonyx.samples.report.ChartAxis;
import dev.sardonyx.samples.report.ChartSeries;
import dev.sardonyx.samples.report.DataTable;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.PictureList;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPart;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.report.ShortNumber;
import dev.sardonyx.samples.report.Tone;
import dev.sardonyx.samples.view.Marks;
import dev.sardonyx.samples.view.ModelDrawing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A verification as parts of a report: the error of each value over the graph. */
final class VerifyReport {
  /** Drawings of more nodes are for {@code --view}, where they can be moved and searched. */
  private static final int MOST_NODES = 300;

  private final VerificationReport report;
  private final List<ValueComparison> values;

  private VerifyReport(VerificationReport report) {
    this.report = report;
    this.values = report.values();
  }

  /** PASS or FAIL. */
  static Remark verdict(VerificationReport report) {
    return Remark.of(report.passed(), report.verdict());
  }

  /**
   * What was found of each value, and the model's graph.
   *
   * @param heading what was verified
   */
  static ReportSection section(String heading, VerificationReport report, Model model) {
    VerifyReport written = new VerifyReport(report);
    List<ReportPart> parts = new ArrayList<>();
    parts.add(written.errors());
    parts.add(written.tolerance());
    parts.add(written.table());
    report.notes().forEach(note -> parts.add(Remark.of(note)));
    parts.add(drawing(report, model));
    return new ReportSection(heading, parts);
  }

  private Chart errors() {
    return chart(
        "Error of each value",
        ChartAxis.log("absolute error"),
        List.of(
            line("largest", ValueComparison::maxAbsolute),
            line("mean", ValueComparison::meanAbsolute)));
  }

  private Chart tolerance() {
    return chart(
        "Share of the tolerance that each value uses",
        ChartAxis.log("error as a multiple of what is allowed"),
        List.of(
            line("used", ValueComparison::toleranceUsed),
            ChartSeries.limit("allowed", values.stream().map(value -> 1.0).toList())));
  }

  private Chart chart(String title, ChartAxis y, List<ChartSeries> series) {
    return Chart.byName(
            title,
            summary(),
            "value, in graph order; then outputs as deployed",
            values.stream().map(VerifyReport::name).toList(),
            y,
            series)
        .withTones(values.stream().map(VerifyReport::tone).toList());
  }

  private ChartSeries line(String name, ToDoubleFunction<ValueComparison> number) {
    return ChartSeries.line(name, Chart.numbers(values.stream().mapToDouble(number)));
  }

  private String summary() {
    long failed = values.stream().filter(value -> !value.passed()).count();
    String outcome =
        failed == 0
            ? values.size() == 1
                ? "The value agrees."
                : "All %s agree.".formatted(Count.of(values.size(), "value"))
            : "%,d of %s fail, the first of them '%s'."
                .formatted(
                    failed,
                    Count.of(values.size(), "value"),
                    report.firstDiverging().map(VerifyReport::name).orElse(""));
    return values.stream()
        .max(Comparator.comparingDouble(ValueComparison::maxAbsolute))
        .map(
            worst ->
                "%s The largest error is %s, of '%s'."
                    .formatted(outcome, ShortNumber.of(worst.maxAbsolute()), name(worst)))
        .orElse(outcome);
  }

  private static String name(ValueComparison value) {
    return value.kind() == ValueComparison.Kind.DEPLOYED
        ? value.name() + " (deployed)"
        : value.name();
  }

  private static Tone tone(ValueComparison value) {
    return value.passed() ? Tone.GOOD : Tone.BAD;
  }

  private DataTable table() {
    List<TableColumn> columns = new ArrayList<>();
    columns.add(TableColumn.text("value"));
    columns.add(TableColumn.result("result"));
    columns.add(TableColumn.text("kind"));
    for (String heading :
        List.of(
            "elements",
            "failed",
            "max abs",
            "mean abs",
            "max rel",
            "99% ULP",
            "SNR dB",
            "cosine",
            "top-1",
            "of tolerance")) {
      columns.add(TableColumn.number(heading));
    }
    columns.add(TableColumn.text("worst element"));
    return new DataTable("All values", columns, values.stream().map(VerifyReport::row).toList());
  }

  private static TableRow row(ValueComparison value) {
    return new TableRow(
        tone(value),
        List.of(
            value.name(),
            value.verdict(),
            value.kind().name().toLowerCase(Locale.ROOT),
            ShortNumber.of(value.elements()),
            ShortNumber.of(value.failed()),
            ShortNumber.of(value.maxAbsolute()),
            ShortNumber.of(value.meanAbsolute()),
            ShortNumber.of(value.maxRelative()),
            value.distances().usual(),
            ShortNumber.of(value.decibels()),
            String.format(Locale.ROOT, "%.7f", value.cosine()),
            value.top1() == null ? "" : value.top1().toString(),
            ShortNumber.of(value.toleranceUsed()),
            value.mismatch() != null
                ? value.mismatch()
                : value.worst() == null ? "" : value.worst().toString()));
  }

  private static ReportPart drawing(VerificationReport report, Model model) {
    if (model.graph().nodes().size() > MOST_NODES) {
      return Remark.of("The graph is too large to be drawn here; --view makes a page of it.");
    }
    Marks marks = Marks.ofErrors(report, model.graph().nodes());
    String svg = ModelDrawing.of(model.graph().name(), model, marks).svg();
    return new PictureList(
        "",
        "The graph. %s: yellow for %s to dark red for %s; those that fail are outlined in red."
            .formatted(marks.legend(), marks.lowest(), marks.highest()),
        List.of(
            new PictureList.Picture(
                "image/svg+xml",
                svg.getBytes(StandardCharsets.UTF_8),
                "The model's graph, its nodes coloured by their errors",
                "",
                false)));
  }
}
