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
record Trial(Backend candidate, Backend reference, Tolerance tolerance) {
  /**
   * How it fails.
   *
   * @param message what is wrong, in one line
   * @param expected what the reference gives
   */
  record Finding(FailureKind kind, String message, Map<String, Datum> expected) {}

  /** How the candidate fails; empty if it does not, or the reference does too. */
  Optional<Finding> run(Specimen specimen) {
    Map<String, Datum> expected;
    try {
      if (!Checker.check(specimen.model()).errors().isEmpty()) {
        return Optional.empty();
      }
      try (PreparedModel prepared = reference.prepare(specimen.model())) {
        expected = prepared.run(specimen.inputs());
      }
    } catch (RuntimeException e) {
      return Optional.empty();
    }
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
          .map(value -> new Finding(value.failure().orElseThrow(), report.verdict(), expected));
    } catch (RuntimeException e) {
      return Optional.of(new Finding(FailureKind.of(e), String.valueOf(e.getMessage()), expected));
    }
  }
}
