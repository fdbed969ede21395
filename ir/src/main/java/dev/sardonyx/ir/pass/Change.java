package dev.sardonyx.ir.pass;

/**
 * One thing that a pass changed.
 *
 * @param pass the pass's name
 * @param graph the graph or function, as a path of names from the main graph
 * @param what such as {@code removed Identity identity1}
 */
public record Change(String pass, String graph, String what) {
  @Override
  public String toString() {
    return pass + " in " + graph + ": " + what;
  }
}
