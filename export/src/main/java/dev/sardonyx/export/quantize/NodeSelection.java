package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which nodes of a model a quantisation may touch, by patterns of their names in which {@code *}
 * stands for any characters and {@code ?} for one. A node without a name has that of its first
 * result.
 *
 * @param included of the nodes that may be touched; all if there is none
 * @param excluded of nodes that stay as they are, even if they are included
 */
public record NodeSelection(List<String> included, List<String> excluded) {
  /** Every node. */
  public static final NodeSelection ALL = new NodeSelection(List.of(), List.of());

  public NodeSelection {
    included = List.copyOf(included);
    excluded = List.copyOf(excluded);
  }

  /** With nodes of these names, and no others than those included already. */
  public NodeSelection including(String... patterns) {
    return new NodeSelection(joined(included, patterns), excluded);
  }

  /** Without nodes of these names, beside those excluded already. */
  public NodeSelection excluding(String... patterns) {
    return new NodeSelection(included, joined(excluded, patterns));
  }

  private static List<String> joined(List<String> first, String... more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(List.of(more));
    return all;
  }

  /** Whether a node may be touched. */
  public boolean has(Node node) {
    String name = name(node);
    return (included.isEmpty() || included.stream().anyMatch(p -> matches(p, name)))
        && excluded.stream().noneMatch(p -> matches(p, name));
  }

  /** What a node is called: its name or, without one, that of its first result. */
  static String name(Node node) {
    return node.name().isEmpty() && !node.outputs().isEmpty() ? node.output(0).name() : node.name();
  }

  /**
   * Refuses patterns that no node of the model has the name of, for they are mistyped.
   *
   * @throws IllegalArgumentException if there are such patterns; the message lists them
   */
  void requireMatches(Model model) {
    List<String> names = new ArrayList<>();
    collect(model.graph(), names);
    Set<String> idle = new TreeSet<>(included);
    idle.addAll(excluded);
    idle.removeIf(pattern -> names.stream().anyMatch(name -> matches(pattern, name)));
    if (!idle.isEmpty()) {
      throw new IllegalArgumentException(
          "The model has no node whose name is " + String.join(" or ", idle));
    }
  }

  private static void collect(Graph graph, List<String> names) {
    for (Node node : graph.nodes()) {
      names.add(name(node));
      node.subgraphs().forEach(body -> collect(body, names));
    }
  }

  static boolean matches(String pattern, String name) {
    String expression = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
    return Pattern.compile(expression, Pattern.DOTALL).matcher(name).matches();
  }
}
