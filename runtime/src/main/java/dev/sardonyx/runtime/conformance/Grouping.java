package dev.sardonyx.runtime.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** By what cases are counted together; a case may be in several groups. */
public enum Grouping {
  OPERATOR,
  TYPE,
  OPSET;

  private List<String> groups(CaseResult result) {
    return switch (this) {
      case OPERATOR -> result.operators();
      case TYPE -> result.types();
      case OPSET -> List.of(result.opset() == 0 ? "none" : "%2d".formatted(result.opset()));
    };
  }

  /** How many of a group's cases passed a stage. */
  public record Score(String group, String stage, long passed, long cases) {}

  String heading() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The scores, ordered by group and then as the stages are. */
  public List<Score> scores(List<CaseResult> results) {
    Map<String, Map<String, Score>> scores = new TreeMap<>();
    for (CaseResult result : results) {
      for (String group : groups(result)) {
        Map<String, Score> ofGroup = scores.computeIfAbsent(group, name -> new LinkedHashMap<>());
        for (CaseResult.StageResult stage : result.stages()) {
          long passed = stage.outcome().isPassed() ? 1 : 0;
          ofGroup.merge(
              stage.stage(),
              new Score(group, stage.stage(), passed, 1),
              (a, b) ->
                  new Score(group, a.stage(), a.passed() + b.passed(), a.cases() + b.cases()));
        }
      }
    }
    List<Score> all = new ArrayList<>();
    scores.values().forEach(ofGroup -> all.addAll(ofGroup.values()));
    return all;
  }
}
