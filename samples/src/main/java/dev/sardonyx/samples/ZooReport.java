package dev.sardonyx.samples;

import dev.sardonyx.samples.ZooCommand.Row;
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
import dev.sardonyx.samples.report.Tone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What came of DL4J's zoo, as a report. */
final class ZooReport {
  private final Map<String, Row> built;
  private final Map<String, Row> all;

  private ZooReport(Map<String, Row> all) {
    this.all = all;
    built = new LinkedHashMap<>(all);
    built.values().removeIf(row -> row.nodes() == 0);
  }

  /**
   * The page.
   *
   * @param results by the architectures' names
   */
  static ReportPage of(Map<String, Row> results, ReportSection environment) {
    ZooReport report = new ZooReport(results);
    long agree = results.values().stream().filter(Row::passed).count();
    boolean passed = agree == results.size();
    String verdict = "%,d of %s agree".formatted(agree, Count.of(results.size(), "architecture"));
    List<ReportPart> parts = new ArrayList<>();
    if (!report.built.isEmpty()) {
      parts.add(report.errors());
      parts.add(report.times());
    }
    parts.add(report.table());
    return new ReportPage(
        "DL4J's zoo in ONNX Runtime",
        List.of(Remark.of(passed, verdict)),
        List.of(new ReportSection("Architectures", parts), environment));
  }

  private Chart errors() {
    return Chart.byName(
            "Largest difference of the outputs",
            "Between ONNX Runtime and DL4J.",
            "architecture",
            List.copyOf(built.keySet()),
            ChartAxis.log("absolute error"),
            List.of(ChartSeries.bars("largest", numbers(Row::maxAbsoluteError))))
        .withTones(
            built.values().stream().map(row -> row.passed() ? Tone.GOOD : Tone.BAD).toList());
  }

  private Chart times() {
    return Chart.byName(
        "Time",
        "To export each, and to run it in both.",
        "architecture",
        List.copyOf(built.keySet()),
        ChartAxis.linear("seconds"),
        List.of(
            ChartSeries.bars("export", numbers(Row::exportSeconds)),
            ChartSeries.bars("verification", numbers(Row::verifySeconds))));
  }

  private List<Double> numbers(ToDoubleFunction<Row> number) {
    return Chart.numbers(built.values().stream().mapToDouble(number));
  }

  private DataTable table() {
    List<TableRow> rows = new ArrayList<>();
    all.forEach(
        (name, row) -> {
          boolean was = row.nodes() > 0;
          rows.add(
              new TableRow(
                  row.passed() ? Tone.GOOD : Tone.BAD,
                  List.of(
                      name,
                      was ? ShortNumber.of((long) row.nodes()) : "",
                      was ? ShortNumber.of(row.parameters()) : "",
                      was ? ShortNumber.of(row.exportSeconds()) : "",
                      was ? ShortNumber.of(row.verifySeconds()) : "",
                      was ? ShortNumber.of(row.maxAbsoluteError()) : "",
                      row.verdict())));
        });
    return new DataTable(
        "",
        List.of(
            TableColumn.text("architecture"),
            TableColumn.number("nodes"),
            TableColumn.number("parameters"),
            TableColumn.number("export, s"),
            TableColumn.number("verification, s"),
            TableColumn.number("largest error"),
            TableColumn.text("result")),
        rows);
  }
}
