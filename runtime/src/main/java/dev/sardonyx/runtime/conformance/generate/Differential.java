package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.DatumComparison;
import dev.sardonyx.runtime.conformance.Outcome;
import java.util.Map;
import java.util.Optional;

/**
 * Runs generated cases on a backend and compares its outputs with the reference evaluator's.
 *
 * @param backend may be isolated: a crash or a timeout is then an outcome
 * @param known the disagreements that there is an explanation for
 */
public record Differential(Backend backend, KnownDisagreements known) {
  /** How a case comes out of the backend, whatever is known. */
  public Answer answer(GeneratedCase generated) {
    try (PreparedModel prepared = backend.prepare(generated.model())) {
      Map<String, ? extends Datum> actual = prepared.run(generated.inputs());
      Outcome outcome =
          Outcome.of(generated.model(), actual, generated.outputs(), generated.tolerance());
      return new Answer(
          generated,
          outcome,
          outcome.isPassed() ? Optional.empty() : Optional.of(way(actual, generated.outputs())));
    } catch (RuntimeException | Error e) {
      Outcome outcome = Outcome.of(e);
      return new Answer(
          generated,
          outcome,
          switch (outcome.status()) {
            case CRASHED -> Optional.of(Way.CRASHED);
            case TIMED_OUT -> Optional.of(Way.TIMED_OUT);
            case FAILED -> Optional.of(Way.REFUSED);
            default -> Optional.empty();
          });
    }
  }

  private static Way way(Map<String, ? extends Datum> actual, Map<String, Datum> expected) {
    boolean isOfOtherType =
        expected.entrySet().stream()
            .anyMatch(
                e ->
                    DatumComparison.differenceInType(actual.get(e.getKey()), e.getValue())
                        .isPresent());
    return isOfOtherType ? Way.SHAPE : Way.VALUES;
  }

  /**
   * What an answer comes to: a disagreement that is known is theirs or unspecified, for the reason
   * known; any other fails, crashes or times out.
   */
  public Outcome outcome(Answer answer) {
    return known
        .of(answer)
        .map(rule -> rule.outcome(answer.generated().operator()))
        .orElse(answer.outcome());
  }

  /** What a case comes to; skipped if the backend does not support it. */
  public Outcome outcome(GeneratedCase generated) {
    return outcome(answer(generated));
  }

  /** The smallest case found that comes out in the same way and for the same reason, if known. */
  public GeneratedCase shrink(GeneratedCase generated, CaseShrinker shrinker) {
    Answer start = answer(generated);
    Optional<KnownDisagreement> why = known.of(start);
    return shrinker.shrink(
        generated,
        smaller -> {
          Answer answer = answer(smaller);
          return answer.way().equals(start.way()) && known.of(answer).equals(why);
        });
  }
}
