package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.runtime.conformance.Outcome;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A rule: why answers of one kind are not the ones expected, and who is right.
 *
 * @param operator with its domain unless it is ONNX's own, or {@code *} for any
 * @param status {@link Outcome.Status#THEIRS} or {@link Outcome.Status#UNSPECIFIED}
 * @param found each is found in {@link Answer#text}
 * @param reason for readers
 * @param shownBy seed and name of a generated case; for readers
 */
public record KnownDisagreement(
    String operator,
    Outcome.Status status,
    Way way,
    List<Pattern> found,
    String reason,
    String shownBy) {
  public KnownDisagreement {
    found = List.copyOf(found);
  }

  /** Whether the rule is about an answer. */
  public boolean explains(Answer answer) {
    boolean isOfKind =
        answer.way().filter(way::equals).isPresent()
            && (operator.equals("*") || operator.equals(answer.generated().operator()));
    if (!isOfKind || found.isEmpty()) {
      return isOfKind;
    }
    String text = answer.text();
    return found.stream().allMatch(pattern -> pattern.matcher(text).find());
  }

  /** What an answer comes to that the rule is about. */
  Outcome outcome(String caseOperator) {
    return new Outcome(status, caseOperator + ": " + reason);
  }
}
