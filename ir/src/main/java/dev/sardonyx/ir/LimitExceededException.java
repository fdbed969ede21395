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
            + " ("
            + howToRaise(limit)
            + ")");
    this.limit = limit;
    this.allowed = allowed;
  }

  /**
   * What raises a limit: a method for who writes Java, and for who runs a program the size of the
   * heap, which the standard limits follow where they can.
   */
  public static String howToRaise(String limit) {
    String method = "Limits.with" + Character.toUpperCase(limit.charAt(0)) + limit.substring(1);
    return limit.equals("bytes") || limit.equals("objects")
        ? method + " raises it, and so does a larger heap, as by JAVA_TOOL_OPTIONS=-Xmx8g"
        : method + " raises it in a Java program; the command line has no option for it";
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
