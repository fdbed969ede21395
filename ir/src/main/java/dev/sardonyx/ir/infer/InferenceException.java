package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.ProblemCode;

/** A node's inputs or attributes contradict its operator. */
public final class InferenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ProblemCode code;
  private final String value;
  private final String expected;
  private final String actual;

  /**
   * @param value the input, output or attribute that is wrong
   * @param message one sentence, naming the values and both shapes; the node is added by the caller
   */
  public InferenceException(
      ProblemCode code, String value, String expected, String actual, String message) {
    super(message);
    this.code = code;
    this.value = value;
    this.expected = expected;
    this.actual = actual;
  }

  public ProblemCode code() {
    return code;
  }

  public String value() {
    return value;
  }

  public String expected() {
    return expected;
  }

  public String actual() {
    return actual;
  }
}
