package dev.sardonyx.ir;

import java.util.Locale;

/**
 * Something wrong with a model.
 *
 * @param code what kind of problem it is
 * @param severity an error makes the model invalid, a warning does not
 * @param graph the graph or function it is in, as a path of names from the main graph
 * @param node the node, as {@link Node#label} names it; empty if it is not about a node
 * @param value the value or attribute, empty if it is not about one
 * @param expected what there should be
 * @param actual what there is
 * @param message one sentence that says it all, fit to be printed; the names before it are as they
 *     are in the model
 * @param consequence whether it only follows from another problem
 */
public record Problem(
    ProblemCode code,
    Severity severity,
    String graph,
    String node,
    String value,
    String expected,
    String actual,
    String message,
    boolean consequence) {
  public Problem {
    message = Printable.line(message);
  }

  /** How bad a problem is. */
  public enum Severity {
    ERROR,
    WARNING
  }

  public static Problem error(
      ProblemCode code,
      String graph,
      String node,
      String value,
      String expected,
      String actual,
      String message) {
    return new Problem(code, Severity.ERROR, graph, node, value, expected, actual, message, false);
  }

  public Problem asConsequence() {
    return new Problem(code, severity, graph, node, value, expected, actual, message, true);
  }

  public Problem asWarning() {
    return new Problem(
        code, Severity.WARNING, graph, node, value, expected, actual, message, consequence);
  }

  /** Such as {@code SX-303 error in main at conv1: ...}. */
  @Override
  public String toString() {
    return code.id()
        + " "
        + severity.name().toLowerCase(Locale.ROOT)
        + (graph.isEmpty() ? "" : " in " + Printable.line(graph))
        + (node.isEmpty() ? "" : " at " + Printable.line(node))
        + ": "
        + message;
  }
}
