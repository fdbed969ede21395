package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.DatumComparison;
import dev.sardonyx.runtime.RandomValues;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.isolated.IsolationException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a case came out of a stage.
 *
 * @param reason why it failed or was skipped; for a pass, what a reader should know of it, or empty
 */
public record Outcome(Status status, String reason) {
  /** The ways a case can come out. */
  public enum Status {
    /** Something gave a wrong answer, or broke. */
    FAILED,
    /** It ended the process that it ran in. */
    CRASHED,
    /** There was no answer in time. */
    TIMED_OUT,
    /** It is not as expected, which is known to be a defect of the backend. */
    THEIRS,
    /** It is not as expected, where the specification is known not to say what to expect. */
    UNSPECIFIED,
    /** The stage does not apply, or the backend says that it does not support the model. */
    SKIPPED,
    PASSED;

    /** Whether it is not as expected, and nothing is known of why. */
    public boolean isFailure() {
      return this == FAILED || this == CRASHED || this == TIMED_OUT;
    }

    /** Whether it is not as expected for a reason that is known. */
    public boolean isKnown() {
      return this == THEIRS || this == UNSPECIFIED;
    }

    /** As reports write it, such as {@code timed out}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private static final Outcome PASSED = new Outcome(Status.PASSED, "");

  public static Outcome passed() {
    return PASSED;
  }

  /** Passed, with a note for the reader, such as that the model's opset was changed. */
  public static Outcome passed(String note) {
    return new Outcome(Status.PASSED, note);
  }

  public static Outcome failed(String reason) {
    return new Outcome(Status.FAILED, reason);
  }

  public static Outcome crashed(String reason) {
    return new Outcome(Status.CRASHED, reason);
  }

  public static Outcome timedOut(String reason) {
    return new Outcome(Status.TIMED_OUT, reason);
  }

  public static Outcome skipped(String reason) {
    return new Outcome(Status.SKIPPED, reason);
  }

  /**
   * What a model's outputs are worth: passed if they are those expected. Of random ones only types
   * and shapes are compared.
   */
  public static Outcome of(
      Model model,
      Map<String, ? extends Datum> actual,
      Map<String, ? extends Datum> expected,
      Tolerance tolerance) {
    Set<String> random = RandomValues.of(model);
    for (Map.Entry<String, ? extends Datum> entry : expected.entrySet()) {
      Datum given = actual.get(entry.getKey());
      Optional<String> difference =
          random.contains(entry.getKey())
              ? DatumComparison.differenceInType(given, entry.getValue())
              : DatumComparison.difference(given, entry.getValue(), tolerance);
      if (difference.isPresent()) {
        return failed("output '" + entry.getKey() + "': " + difference.get());
      }
    }
    return expected.keySet().stream().anyMatch(random::contains)
        ? passed("random: only types and shapes are compared")
        : passed();
  }

  /** What an exception or error means that a backend threw. */
  public static Outcome of(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage());
    if (thrown instanceof UnsupportedModelException) {
      return skipped(message);
    }
    if (thrown instanceof IsolationException ended) {
      return switch (ended.kind()) {
        case CRASH -> crashed(message);
        case TIMEOUT -> timedOut(message);
        case OUT_OF_MEMORY -> failed(message);
      };
    }
    String kind = thrown.getClass().getSimpleName();
    boolean isSilent = thrown.getMessage() == null || message.isBlank();
    return failed(isSilent ? kind : kind + ": " + message);
  }

  /** The reason without names and numbers, the same for outcomes of one kind. */
  public String kind() {
    return ConformanceReport.kind(reason);
  }

  public boolean isPassed() {
    return status == Status.PASSED;
  }
}
