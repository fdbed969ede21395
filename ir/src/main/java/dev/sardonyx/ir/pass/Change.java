package dev.sardonyx.ir.pass;

import java.util.List;

/**
 * One thing that a pass changed. Nodes and constants are told apart by name, so that the changes of
 * a model say what each new node came from.
 *
 * @param pass the pass's name
 * @param graph the graph or function, as a path of names from the main graph
 * @param what such as {@code removed Identity identity1}
 * @param from what is there no more: nodes such as {@code Identity identity1}, and constants such
 *     as {@code constant w}
 * @param to what took its place, or was added
 */
public record Change(String pass, String graph, String what, List<String> from, List<String> to) {
  public Change {
    from = List.copyOf(from);
    to = List.copyOf(to);
  }

  /** A change that neither adds nor removes anything. */
  public static Change of(String pass, String graph, String what) {
    return new Change(pass, graph, what, List.of(), List.of());
  }

  @Override
  public String toString() {
    return pass + " in " + graph + ": " + what;
  }
}
