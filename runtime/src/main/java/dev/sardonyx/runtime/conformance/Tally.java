package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts outcomes as they come. */
final class Tally {
  private final Map<String, Counts> stages = new LinkedHashMap<>();
  private final Map<String, Map<String, Counts>> operators = new TreeMap<>();
  private final List<ConformanceReport.Finding> findings = new ArrayList<>();
  private long cases;
  private String caseName = "";
  private Set<String> caseOperators = Set.of();

  /** What came out of one stage. */
  private static final class Counts {
    private long passed;
    private long failed;
    private long skipped;
    private long nanos;

    void add(Outcome.Status status) {
      switch (status) {
        case PASSED -> passed++;
        case FAILED -> failed++;
        case SKIPPED -> skipped++;
      }
    }
  }

  Tally(List<String> stageNames) {
    stageNames.forEach(name -> stages.put(name, new Counts()));
  }

  /** Goes on to a case, and says whether its model can be read. */
  boolean begin(SuiteCase suiteCase) {
    cases++;
    caseName = suiteCase.name();
    caseOperators = new TreeSet<>();
    try {
      suiteCase.model().graph().nodes().stream().map(Node::operator).forEach(caseOperators::add);
      return true;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  void add(String stage, Outcome outcome, long nanos) {
    Counts counts = stages.computeIfAbsent(stage, name -> new Counts());
    counts.add(outcome.status());
    counts.nanos += nanos;
    for (String operator : caseOperators) {
      operators
          .computeIfAbsent(operator, name -> new LinkedHashMap<>())
          .computeIfAbsent(stage, name -> new Counts())
          .add(outcome.status());
    }
    if (!outcome.reason().isEmpty()) {
      findings.add(
          new ConformanceReport.Finding(caseName, stage, outcome.status(), outcome.reason()));
    }
  }

  ConformanceReport report() {
    List<ConformanceReport.StageScore> scores = new ArrayList<>();
    stages.forEach(
        (name, c) ->
            scores.add(
                new ConformanceReport.StageScore(
                    name, c.passed, c.failed, c.skipped, c.nanos / 1_000_000)));
    List<ConformanceReport.OperatorScore> byOperator = new ArrayList<>();
    operators.forEach(
        (operator, perStage) ->
            perStage.forEach(
                (stage, c) ->
                    byOperator.add(
                        new ConformanceReport.OperatorScore(
                            operator, stage, c.passed, c.passed + c.failed + c.skipped))));
    return new ConformanceReport(cases, scores, byOperator, findings);
  }
}
