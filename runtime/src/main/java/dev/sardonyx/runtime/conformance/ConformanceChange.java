package dev.sardonyx.runtime.conformance;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What is other than in a former run. Stages that one of the runs did not have are left out.
 *
 * @param better cases of a stage that pass and did not
 * @param worse cases of a stage that passed and do not, or fail and were only skipped
 * @param added cases that the former run did not have
 * @param gone cases that only the former run had
 */
public record ConformanceChange(
    List<String> better, List<String> worse, List<String> added, List<String> gone) {
  /** Whether nothing got worse. */
  public boolean isGood() {
    return worse.isEmpty();
  }

  /** Compares a run with a former one. */
  public static ConformanceChange since(FormerRun former, ConformanceReport now) {
    List<String> better = new ArrayList<>();
    List<String> worse = new ArrayList<>();
    Set<String> added = new HashSet<>();
    Set<String> before = new HashSet<>();
    former.statuses().values().forEach(cases -> before.addAll(cases.keySet()));
    for (CaseResult result : now.results()) {
      if (!before.remove(result.name())) {
        added.add(result.name());
      }
      for (CaseResult.StageResult stage : result.stages()) {
        String was = former.statuses().getOrDefault(stage.stage(), Map.of()).get(result.name());
        Outcome outcome = stage.outcome();
        String line =
            "%s, %s: %s, was %s%s"
                .formatted(
                    result.name(),
                    stage.stage(),
                    outcome.status().text(),
                    was,
                    outcome.isPassed() ? "" : ": " + outcome.reason());
        if (was != null && rank(outcome.status().name()) > rank(was)) {
          better.add(line);
        } else if (was != null && rank(outcome.status().name()) < rank(was)) {
          worse.add(line);
        }
      }
    }
    return new ConformanceChange(
        better, worse, added.stream().sorted().toList(), before.stream().sorted().toList());
  }

  private static int rank(String status) {
    return switch (status.toUpperCase(Locale.ROOT).replace(' ', '_')) {
      case "PASSED" -> 2;
      case "SKIPPED" -> 1;
      default -> 0;
    };
  }

  /** The changes for people, worse ones first, a line each. */
  public String text() {
    StringBuilder text = new StringBuilder();
    append(text, "worse", worse);
    append(text, "better", better);
    append(text, "new", added);
    append(text, "gone", gone);
    return text.isEmpty() ? "Nothing has changed\n" : text.toString();
  }

  private static void append(StringBuilder text, String what, List<String> lines) {
    for (String line : lines) {
      String plain = line.replaceAll("\\s+", " ");
      String shown = plain.length() <= 200 ? plain : plain.substring(0, 199) + "…";
      text.append(String.format(Locale.ROOT, "%-7s %s%n", what, shown));
    }
  }
}
