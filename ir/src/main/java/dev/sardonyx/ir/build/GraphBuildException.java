package dev.sardonyx.ir.build;

import dev.sardonyx.ir.ProblemCode;
import org.jspecify.annotations.Nullable;

/**
 * A mistake in the description of a graph. The message names the line of the calling program, the
 * operator, the values with their types, what is wrong, and what to do.
 */
public final class GraphBuildException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final @Nullable ProblemCode code;
  private final String callSite;

  private GraphBuildException(@Nullable ProblemCode code, String callSite, String message) {
    super(callSite.isEmpty() ? message : callSite + ": " + message);
    this.code = code;
    this.callSite = callSite;
  }

  /** A mistake on the line that is running now outside this library. */
  public static GraphBuildException here(String message) {
    return new GraphBuildException(null, CallSite.current(), message);
  }

  /** A mistake that has a code, whose remedy is added to the message. */
  public static GraphBuildException here(ProblemCode code, String message) {
    return new GraphBuildException(
        code, CallSite.current(), message + ". " + code.remedy() + " [" + code.id() + "]");
  }

  /** The kind of problem, or null if it is one only builders meet. */
  public @Nullable ProblemCode code() {
    return code;
  }

  /** The message without file and line, for those who did not write the calling program. */
  public String problem() {
    String message = String.valueOf(getMessage());
    return callSite.isEmpty() ? message : message.substring(callSite.length() + 2);
  }

  /** File and line of the caller, such as {@code Net.java:42}; empty if unknown. */
  public String callSite() {
    return callSite;
  }
}
