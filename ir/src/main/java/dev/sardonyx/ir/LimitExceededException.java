package dev.sardonyx.ir;

/** A model would cost more than its {@link Limits} allow; the message says where, and which one. */
public final class LimitExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String limit;
  private final long allowed;

  /**
   * @param limit the name of the limit, as in {@link Limits}
   * @param allowed its value
   * @param place what is too large, such as a node or a file
   * @param wanted how much it would take
   */
  public LimitExceededException(String limit, long allowed, String place, String wanted) {
    super(
        place
            + " takes "
            + wanted
            + "; the limit "
            + limit
            + " is "
            + allowed
            + " (Limits.with"
            + Character.toUpperCase(limit.charAt(0))
            + limit.substring(1)
            + " raises it)");
    this.limit = limit;
    this.allowed = allowed;
  }

  /** The exception as a problem of a model. */
  public Problem problem(String graph) {
    return Problem.error(
        ProblemCode.LIMIT,
        graph,
        "",
        "",
        limit + " of at most " + allowed,
        "more",
        String.valueOf(getMessage()));
  }

  /** The name of the limit. */
  public String limit() {
    return limit;
  }
}
