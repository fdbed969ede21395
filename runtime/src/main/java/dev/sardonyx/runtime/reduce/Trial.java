package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.FailureKind;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out whether, and how, a backend fails on a specimen that a reference can run. */
record Trial(Backend candidate, Backend reference, Tolerance tolerance, TimeBudget time) {
  /**
   * How it fails.
   *
   * @param message what is wrong, in one line
   * @param alone whether the specimen fails by itself
   * @param expected what the reference gives
   */
  record Finding(FailureKind kind, String message, boolean alone, Map<String, Datum> expected) {}

  /**
   * How the candidate fails; empty if it does not, if the reference does too, or if there is not
   * enough time to find out.
   */
  Optional<Finding> run(Specimen specimen) {
    Map<String, Datum> expected;
    try (Alarm alarm = time.aRun()) {
      if (!Checker.check(specimen.model()).errors().isEmpty()) {
        return Optional.empty();
      }
      try (PreparedModel prepared = reference.prepare(specimen.model())) {
        expected = prepared.run(specimen.inputs());
      }
      if (alarm.hasRung()) {
        return Optional.empty();
      }
    } catch (RuntimeException e) {
      return Optional.empty();
    }
    try (Alarm alarm = time.theRest()) {
      Optional<Finding> found = compared(specimen, expected);
      return alarm.hasRung() || Thread.currentThread().isInterrupted() ? Optional.empty() : found;
    }
  }

  private Optional<Finding> compared(Specimen specimen, Map<String, Datum> expected) {
    try {
      VerificationReport report =
          Verifier.of(candidate)
              .withTolerance(tolerance)
              .againstRecorded(
                  reference.name(),
                  specimen.model(),
                  List.of(new Verifier.Recorded(specimen.inputs(), expected)));
      return report
          .firstDiverging()
          .map(
              value ->
                  new Finding(value.failure().orElseThrow(), report.verdict(), true, expected));
    } catch (RuntimeException e) {
      return Optional.of(
          new Finding(FailureKind.of(e), String.valueOf(e.getMessage()), true, expected));
    }
  }
}
