package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.stream.Collectors;

/** A graph in few lines, to compare before and after. */
final class Listing {
  private Listing() {}

  /** Such as {@code y = Add(x, c)}, one line a node; bodies are indented, functions follow. */
  static String of(Model model) {
    StringBuilder text = new StringBuilder();
    list(model.graph(), "", text);
    model
        .functions()
        .forEach(
            f -> {
              text.append(f.name()).append(":\n");
              f.nodes().forEach(n -> list(n, "  ", text));
            });
    return text.toString();
  }

  private static void list(Graph graph, String indent, StringBuilder text) {
    if (!graph.constants().isEmpty()) {
      text.append(indent)
          .append(
              graph.constants().stream()
                  .map(c -> c.name())
                  .collect(Collectors.joining(", ", "constants ", "\n")));
    }
    graph.nodes().forEach(n -> list(n, indent, text));
    text.append(indent)
        .append(graph.outputs().stream().map(o -> o.name()).collect(Collectors.joining(", ")))
        .append('\n');
  }

  private static void list(Node node, String indent, StringBuilder text) {
    text.append(indent)
        .append(node.outputs().stream().map(Result::name).collect(Collectors.joining(", ")))
        .append(" = ")
        .append(node.operator())
        .append(node.inputs().stream().collect(Collectors.joining(", ", "(", ")\n")));
    node.subgraphs().forEach(g -> list(g, indent + "  ", text));
  }
}
