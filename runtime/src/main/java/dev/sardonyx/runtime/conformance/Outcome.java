package dev.sardonyx.runtime.conformance;

import java.util.Locale;

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
    /** The stage does not apply, or the backend says that it does not support the model. */
    SKIPPED,
    PASSED;

    /** Whether a backend that takes the case is wrong. */
    public boolean isFailure() {
      return this == FAILED || this == CRASHED || this == TIMED_OUT;
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

  public boolean isPassed() {
    return status == Status.PASSED;
  }
}
