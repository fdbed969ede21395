package dev.sardonyx.samples;

import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.ConformanceReport.StageScore;
import dev.sardonyx.runtime.conformance.Grouping;
import dev.sardonyx.runtime.conformance.Outcome;
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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/** A conformance run as a report: scores by stage, operator, type and opset, and what fails why. */
final class ConformancePage {
  /** Groups in a chart; the table has all. */
  private static final int MOST_GROUPS = 40;

  private final ConformanceReport report;

  private ConformancePage(ConformanceReport report) {
    this.report = report;
  }

  /**
   * The page.
   *
   * @param title such as what was tested
   */
  static ReportPage of(String title, ConformanceReport report, ReportSection environment) {
    ConformancePage page = new ConformancePage(report);
    List<ReportSection> sections = new ArrayList<>();
    sections.add(page.stages());
    for (Grouping grouping : Grouping.values()) {
      sections.add(page.groups(grouping));
    }
    if (!report.reasons().isEmpty()) {
      sections.add(ReportSection.of("Reasons", page.reasons()));
      sections.add(ReportSection.of("Cases that do not pass", page.cases()));
    }
    sections.add(environment);
    return new ReportPage(title, List.of(Remark.of(report.passed(), report.verdict())), sections);
  }

  private ReportSection stages() {
    List<ChartSeries> series = new ArrayList<>();
    add(series, "passed", StageScore::passed);
    add(series, "failed", StageScore::failed);
    add(series, "known", StageScore::known);
    add(series, "not supported", StageScore::skipped);
    List<String> names = report.stages().stream().map(StageScore::stage).toList();
    Chart chart =
        Chart.byName("Cases by stage", "", "stage", names, ChartAxis.linear("cases"), series);
    return ReportSection.of("Stages", chart, stageTable());
  }

  private void add(List<ChartSeries> series, String name, ToLongFunction<StageScore> count) {
    List<Double> counts = Chart.numbers(report.stages().stream().mapToLong(count).asDoubleStream());
    if (counts.stream().anyMatch(number -> number > 0)) {
      series.add(ChartSeries.bars(name, counts));
    }
  }

  private DataTable stageTable() {
    List<TableColumn> columns = new ArrayList<>(List.of(TableColumn.text("stage")));
    for (String heading :
        List.of("passed", "failed", "known", "not supported", "seconds", "passed, %")) {
      columns.add(TableColumn.number(heading));
    }
    List<TableRow> rows = new ArrayList<>();
    for (StageScore score : report.stages()) {
      rows.add(
          new TableRow(
              score.failed() > 0 ? Tone.BAD : Tone.GOOD,
              List.of(
                  score.stage(),
                  ShortNumber.of(score.passed()),
                  ShortNumber.of(score.failed()),
                  ShortNumber.of(score.known()),
                  ShortNumber.of(score.skipped()),
                  String.format(Locale.ROOT, "%.1f", score.millis() / 1000.0),
                  percent(score.passed(), score.cases()))));
    }
    return new DataTable("", columns, rows);
  }

  private static String percent(long part, long all) {
    return String.format(Locale.ROOT, "%.1f", share(part, all));
  }

  private static double share(long part, long all) {
    return 100.0 * part / Math.max(1, all);
  }

  /** Cases that are counted together, in each stage. */
  private record CaseGroup(String name, Map<String, Grouping.Score> scores) {
    double share(String stage) {
      Grouping.Score score = scores.get(stage);
      return score == null ? Double.NaN : ConformancePage.share(score.passed(), score.cases());
    }

    double leastShare() {
      return scores.keySet().stream().mapToDouble(this::share).min().orElse(100);
    }

    String passed(String stage) {
      Grouping.Score score = scores.get(stage);
      return score == null ? "" : score.passed() + "/" + score.cases();
    }
  }

  private ReportSection groups(Grouping grouping) {
    Map<String, Map<String, Grouping.Score>> scores = new LinkedHashMap<>();
    for (Grouping.Score score : grouping.scores(report.results())) {
      scores
          .computeIfAbsent(score.group(), name -> new LinkedHashMap<>())
          .put(score.stage(), score);
    }
    List<CaseGroup> groups = new ArrayList<>();
    scores.forEach((name, ofGroup) -> groups.add(new CaseGroup(name, ofGroup)));
    String by = grouping.name().toLowerCase(Locale.ROOT);
    return ReportSection.of("By " + by, chart(by, groups), groupTable(by, groups));
  }

  /** The groups and stages in which something does not pass, or that all pass. */
  private ReportPart chart(String by, List<CaseGroup> groups) {
    List<CaseGroup> wanting = groups.stream().filter(group -> group.leastShare() < 100).toList();
    if (wanting.isEmpty()) {
      return Remark.of(true, "All cases of every %s pass.".formatted(by));
    }
    List<CaseGroup> shown =
        groups.size() <= MOST_GROUPS
            ? groups
            : wanting.stream()
                .sorted(Comparator.comparingDouble(CaseGroup::leastShare))
                .limit(MOST_GROUPS)
                .toList();
    List<ChartSeries> series = new ArrayList<>();
    for (StageScore stage : report.stages()) {
      if (stage.passed() < stage.cases()) {
        List<Double> shares =
            Chart.numbers(shown.stream().mapToDouble(group -> group.share(stage.stage())));
        series.add(ChartSeries.bars(stage.stage(), shares));
      }
    }
    return Chart.byName(
        shown.size() == groups.size()
            ? "Cases that pass, by " + by
            : "Cases that pass, by %s, the lowest %,d".formatted(by, shown.size()),
        "Of %s some case does not pass%s."
            .formatted(
                wanting.size() == 1 ? "one " + by : "%,d %ss".formatted(wanting.size(), by),
                series.size() == 1 ? " the stage " + series.get(0).name() : ""),
        by,
        shown.stream().map(CaseGroup::name).toList(),
        ChartAxis.between("passed, %", 0, 100),
        series);
  }

  private DataTable groupTable(String by, List<CaseGroup> groups) {
    List<TableColumn> columns = new ArrayList<>(List.of(TableColumn.text(by)));
    report.stages().forEach(stage -> columns.add(TableColumn.number(stage.stage())));
    List<TableRow> rows = new ArrayList<>();
    for (CaseGroup group : groups) {
      List<String> cells = new ArrayList<>(List.of(group.name()));
      report.stages().forEach(stage -> cells.add(group.passed(stage.stage())));
      rows.add(TableRow.of(cells));
    }
    return new DataTable("Passed of all cases, by " + by, columns, rows);
  }

  private DataTable reasons() {
    return new DataTable(
        "",
        List.of(
            TableColumn.text("stage"),
            TableColumn.text("outcome"),
            TableColumn.number("cases"),
            TableColumn.text("reason"),
            TableColumn.text("for example")),
        report.reasons().stream()
            .map(
                group ->
                    new TableRow(
                        tone(group.status()),
                        List.of(
                            group.stage(),
                            group.status().text(),
                            ShortNumber.of(group.count()),
                            group.reason(),
                            group.example())))
            .toList());
  }

  private DataTable cases() {
    return new DataTable(
        "",
        List.of(
            TableColumn.text("case"),
            TableColumn.text("stage"),
            TableColumn.text("outcome"),
            TableColumn.text("reason")),
        report.findings().stream()
            .filter(finding -> finding.status() != Outcome.Status.PASSED)
            .map(
                finding ->
                    new TableRow(
                        tone(finding.status()),
                        List.of(
                            finding.caseName(),
                            finding.stage(),
                            finding.status().text(),
                            finding.reason())))
            .toList());
  }

  private static Tone tone(Outcome.Status status) {
    return status.isFailure() ? Tone.BAD : Tone.PLAIN;
  }
}
