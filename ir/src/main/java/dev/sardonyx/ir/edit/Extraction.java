package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The part of a model that computes some values from others. */
final class Extraction {
  private Extraction() {}

  static Model between(Model model, List<String> inputs, List<String> outputs) {
    Model typed = ShapeInference.infer(model).model();
    Graph graph = typed.graph();
    Set<String> cut = new HashSet<>(inputs);
    if (cut.size() < inputs.size()) {
      throw new EditException("An input is named twice: " + String.join(", ", inputs));
    }
    List<Input> taken = new ArrayList<>();
    for (String name : inputs) {
      Values.require(graph, name);
      taken.add(input(graph, name));
    }
    List<Input> all = new ArrayList<>(taken);
    graph.inputs().stream().filter(i -> !cut.contains(i.name())).forEach(all::add);
    Set<String> names = Values.everywhere(graph);
    List<Node> nodes = graph.nodes().stream().map(n -> withoutResults(n, cut, names)).toList();
    Graph open =
        graph
            .withInputs(all)
            .withNodes(nodes)
            .withConstants(
                graph.constants().stream().filter(c -> !cut.contains(c.name())).toList());
    Model swept = Border.outputs(typed.withGraph(open), outputs);
    Set<String> used = used(swept.graph(), outputs);
    requireNoOthers(swept.graph(), cut, used, outputs);
    Set<String> gone = new HashSet<>(Values.defaults(swept.graph()));
    gone.removeAll(used);
    gone.removeAll(cut);
    Set<String> kept = new HashSet<>(cut);
    kept.addAll(used);
    return swept.withGraph(
        swept
            .graph()
            .withInputs(
                swept.graph().inputs().stream().filter(i -> kept.contains(i.name())).toList())
            .withConstants(
                swept.graph().constants().stream().filter(c -> !gone.contains(c.name())).toList()));
  }

  private static Set<String> used(Graph graph, List<String> outputs) {
    Set<String> used = new HashSet<>(outputs);
    graph.nodes().forEach(n -> used.addAll(n.dependencies()));
    return used;
  }

  private static Input input(Graph graph, String name) {
    return graph.inputs().stream()
        .filter(i -> i.name().equals(name))
        .findFirst()
        .orElseGet(
            () -> {
              ValueType type = GraphIndex.of(graph).type(name);
              if (!type.isKnown()
                  || type instanceof TensorType t && t.elementType() == ElementType.UNDEFINED) {
                throw new EditException(
                    "The type of " + name + " is not known, so it cannot become an input");
              }
              return Input.of(name, type);
            });
  }

  /** What the node computes gives way to an input of the same name. */
  private static Node withoutResults(Node node, Set<String> cut, Set<String> names) {
    if (node.outputs().stream().noneMatch(r -> cut.contains(r.name()))) {
      return node;
    }
    return node.withOutputs(
        node.outputs().stream()
            .map(
                r ->
                    cut.contains(r.name())
                        ? r.withName(Values.fresh(names, r.name() + "_original"))
                        : r)
            .toList());
  }

  private static void requireNoOthers(
      Graph graph, Set<String> cut, Set<String> used, List<String> outputs) {
    Set<String> defaults = Values.defaults(graph);
    List<String> others =
        graph.inputs().stream()
            .map(Input::name)
            .filter(i -> !cut.contains(i) && used.contains(i) && !defaults.contains(i))
            .toList();
    if (!others.isEmpty()) {
      throw new EditException(
          String.join(", ", outputs)
              + (outputs.size() == 1 ? " also depends on " : " also depend on ")
              + String.join(", ", others)
              + "; name what the part is to take in their place");
    }
  }
}
