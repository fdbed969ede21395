package dev.sardonyx.ir.eval;

/**
 * A node cannot be evaluated on the values it got. The message names the node, its operator, the
 * types of its inputs, and the reason.
 */
public final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EvaluationException(String message) {
    super(message);
  }

  public EvaluationException(String message, Throwable cause) {
    super(message, cause);
  }
}
