package dev.sardonyx.runtime.conformance;

import dev.sardonyx.runtime.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What came out of a conformance run.
 *
 * @param cases how many cases there were
 * @param stages the counts, in the stages' order
 * @param operators the score of each operator in each stage, by the cases that use it
 * @param findings every outcome with a reason: failures, skips, and passes with a note
 * @param results all cases, in the suites' order
 */
public record ConformanceReport(
    long cases,
    List<ConformanceReport.StageScore> stages,
    List<ConformanceReport.OperatorScore> operators,
    List<ConformanceReport.Finding> findings,
    List<CaseResult> results) {
  private static final Pattern QUOTED =
      Pattern.compile("'[^']*'|\\([^()]*\\)|\\[[^\\]]*\\]|\\S+ -> [^\\s:]+");
  private static final Pattern NUMBER = Pattern.compile("-?\\d[\\d.,E+-]*");
  private static final int REASON_LENGTH = 110;
  private static final int GROUPS_SHOWN = 12;

  public ConformanceReport {
    stages = List.copyOf(stages);
    operators = List.copyOf(operators);
    findings = List.copyOf(findings);
    results = List.copyOf(results);
  }

  /**
   * Counts the results of all cases.
   *
   * @param stageNames in the order in which reports show them
   */
  public static ConformanceReport of(List<String> stageNames, List<CaseResult> results) {
    Map<String, List<CaseResult.StageResult>> byStage = new LinkedHashMap<>();
    stageNames.forEach(name -> byStage.put(name, new ArrayList<>()));
    List<Finding> findings = new ArrayList<>();
    for (CaseResult result : results) {
      for (CaseResult.StageResult stage : result.stages()) {
        byStage.computeIfAbsent(stage.stage(), name -> new ArrayList<>()).add(stage);
        Outcome outcome = stage.outcome();
        if (!outcome.reason().isEmpty()) {
          findings.add(
              new Finding(result.name(), stage.stage(), outcome.status(), outcome.reason()));
        }
      }
    }
    List<StageScore> scores = new ArrayList<>();
    byStage.forEach((name, stage) -> scores.add(score(name, stage)));
    List<OperatorScore> operators =
        Grouping.OPERATOR.scores(results).stream()
            .map(s -> new OperatorScore(s.group(), s.stage(), s.passed(), s.cases()))
            .toList();
    return new ConformanceReport(results.size(), scores, operators, findings, results);
  }

  private static StageScore score(String name, List<CaseResult.StageResult> results) {
    long passed = results.stream().filter(r -> r.outcome().isPassed()).count();
    long failed = results.stream().filter(r -> r.outcome().status().isFailure()).count();
    long known = results.stream().filter(r -> r.outcome().status().isKnown()).count();
    long micros = results.stream().mapToLong(CaseResult.StageResult::micros).sum();
    long skipped = results.size() - passed - failed - known;
    return new StageScore(name, passed, failed, known, skipped, micros / 1000);
  }

  /**
   * The counts of a stage, and how long it took in all.
   *
   * @param known cases that are not as expected for a reason that is known
   */
  public record StageScore(
      String stage, long passed, long failed, long known, long skipped, long millis) {
    /** All cases. */
    public long cases() {
      return passed + failed + known + skipped;
    }
  }

  /** How many of an operator's cases passed a stage. */
  public record OperatorScore(String operator, String stage, long passed, long cases) {}

  /** What is to be said of a case in a stage. */
  public record Finding(String caseName, String stage, Outcome.Status status, String reason) {}

  /** Reasons of one kind: how often, and one case as an example. */
  public record ReasonGroup(
      String stage, Outcome.Status status, String reason, long count, String example) {}

  public Optional<StageScore> stage(String name) {
    return stages.stream().filter(score -> score.stage().equals(name)).findFirst();
  }

  /** Whether no case failed in any stage; what a backend does not support does not count. */
  public boolean passed() {
    return cases > 0 && stages.stream().allMatch(score -> score.failed() == 0);
  }

  /** PASS or FAIL in one line, with how many cases failed. */
  public String verdict() {
    String all = "%,d %s".formatted(cases, cases == 1 ? "case" : "cases");
    long failed =
        findings.stream()
            .filter(finding -> finding.status().isFailure())
            .map(Finding::caseName)
            .distinct()
            .count();
    return passed() ? "PASS: " + all : "FAIL: %,d of %s".formatted(failed, all);
  }

  /** The reasons without names and numbers, in the stages' order and the most frequent first. */
  public List<ReasonGroup> reasons() {
    Map<List<Object>, List<Finding>> groups = new LinkedHashMap<>();
    for (Finding finding : findings) {
      List<Object> key = List.of(finding.stage(), finding.status(), kind(finding));
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(finding);
    }
    List<String> order = stages.stream().map(StageScore::stage).toList();
    return groups.values().stream()
        .map(
            group -> {
              Finding first = group.get(0);
              return new ReasonGroup(
                  first.stage(),
                  first.status(),
                  group.size() == 1 ? shortened(first.reason()) : kind(first),
                  group.size(),
                  first.caseName());
            })
        .sorted(
            Comparator.comparingInt((ReasonGroup group) -> order.indexOf(group.stage()))
                .thenComparing(ReasonGroup::status)
                .thenComparing(ReasonGroup::count, Comparator.reverseOrder()))
        .toList();
  }

  /** Reasons that are known are the same for all cases of a kind. */
  private static String kind(Finding finding) {
    return finding.status().isKnown() ? shortened(finding.reason()) : kind(finding.reason());
  }

  static String kind(String reason) {
    String bare = QUOTED.matcher(reason).replaceAll("…");
    return shortened(NUMBER.matcher(bare).replaceAll("#"));
  }

  private static String shortened(String reason) {
    String line = reason.strip().replaceAll("\\s+", " ");
    return line.length() <= REASON_LENGTH ? line : line.substring(0, REASON_LENGTH - 1) + "…";
  }

  /** The counts and the grouped reasons for people. */
  public String table() {
    StringBuilder text = new StringBuilder(scoreTable());
    List<ReasonGroup> reasons = reasons();
    if (!reasons.isEmpty()) {
      text.append('\n').append(reasonTable(reasons));
    }
    return text.toString();
  }

  private String scoreTable() {
    List<List<String>> rows = new ArrayList<>();
    for (StageScore score : stages) {
      rows.add(
          List.of(
              score.stage(),
              String.valueOf(score.cases()),
              String.valueOf(score.passed()),
              String.valueOf(score.failed()),
              String.valueOf(score.known()),
              String.valueOf(score.skipped()),
              percent(score.passed(), score.cases()),
              String.format(Locale.ROOT, "%.1f s", score.millis() / 1000.0)));
    }
    return TextTable.of(
        List.of(
            TextTable.left("stage"),
            TextTable.right("cases"),
            TextTable.right("passed"),
            TextTable.right("failed"),
            TextTable.right("known"),
            TextTable.right("skipped"),
            TextTable.right("score"),
            TextTable.right("time")),
        rows);
  }

  /** All known reasons, and the most frequent others of each stage. */
  private static String reasonTable(List<ReasonGroup> reasons) {
    List<List<String>> rows = new ArrayList<>();
    Map<String, Integer> shown = new LinkedHashMap<>();
    for (ReasonGroup group : reasons) {
      boolean isFrequent =
          shown.merge(group.stage() + group.status(), 1, Integer::sum) <= GROUPS_SHOWN;
      if (isFrequent || group.status().isKnown()) {
        rows.add(
            List.of(
                group.stage(),
                group.status().text(),
                String.valueOf(group.count()),
                group.reason(),
                group.example()));
      }
    }
    String table =
        TextTable.of(
            List.of(
                TextTable.left("stage"),
                TextTable.left("outcome"),
                TextTable.right("cases"),
                TextTable.left("reason"),
                TextTable.left("for example")),
            rows);
    int left = reasons.size() - rows.size();
    return left == 0 ? table : table + left + " rarer reasons are left out here\n";
  }

  /** For each operator the cases passed, of those that use it, in each stage. */
  public String operatorTable() {
    return groupTable(Grouping.OPERATOR);
  }

  /** For each operator, element type or opset the cases passed, of all that have it, by stage. */
  public String groupTable(Grouping grouping) {
    Map<String, Map<String, Grouping.Score>> groups = new LinkedHashMap<>();
    for (Grouping.Score score : grouping.scores(results)) {
      groups
          .computeIfAbsent(score.group(), name -> new LinkedHashMap<>())
          .put(score.stage(), score);
    }
    List<TextTable.Column> columns = new ArrayList<>();
    columns.add(TextTable.left(grouping.heading()));
    stages.forEach(stage -> columns.add(TextTable.right(stage.stage())));
    List<List<String>> rows = new ArrayList<>();
    groups.forEach(
        (group, scores) -> {
          List<String> row = new ArrayList<>();
          row.add(group);
          for (StageScore stage : stages) {
            Grouping.Score score = scores.get(stage.stage());
            row.add(score == null ? "" : score.passed() + "/" + score.cases());
          }
          rows.add(row);
        });
    return TextTable.of(columns, rows);
  }

  private static String percent(long part, long total) {
    return total == 0 ? "" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / total);
  }

  @Override
  public String toString() {
    return table();
  }
}
