package dev.sardonyx.runtime.conformance;

/**
 * How a case came out of a stage.
 *
 * @param reason why it failed or was skipped; for a pass, what a reader should know of it, or empty
 */
public record Outcome(Status status, String reason) {
  /** The three ways a case can come out. */
  public enum Status {
    /** Something gave a wrong answer, or broke. */
    FAILED,
    /** The stage does not apply, or the backend says that it does not support the model. */
    SKIPPED,
    PASSED
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

  public static Outcome skipped(String reason) {
    return new Outcome(Status.SKIPPED, reason);
  }

  public boolean isPassed() {
    return status == Status.PASSED;
  }
}
