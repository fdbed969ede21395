package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Removes what no output depends on: nodes, constants, and functions that nothing calls. Inputs
 * stay, and so do the defaults of inputs.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public record DeadCode() implements Pass {
  private static final String NAME = "dead-code";

  @Override
  public PassResult apply(Model model) {
    if (!model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    List<Change> changes = new ArrayList<>();
    Graph graph = new Sweep(changes).graph(model.graph(), model.graph().name()).graph();
    List<Function> functions = new ArrayList<>();
    // Without their dead nodes, whose calls keep no function.
    List<Function> swept =
        model.functions().stream().map(f -> new Sweep(new ArrayList<>()).function(f)).toList();
    Set<String> called = Calls.reachable(graph, swept);
    for (Function function : model.functions()) {
      if (called.contains(function.operator())) {
        functions.add(new Sweep(changes).function(function));
      } else {
        changes.add(new Change(NAME, function.name(), "removed function " + function.operator()));
      }
    }
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(model.withGraph(graph).withFunctions(functions), changes);
  }

  /** A swept graph, and the values of graphs around it that it uses. */
  private record Swept(Graph graph, Set<String> captures) {}

  private record Sweep(List<Change> changes) {
    Function function(Function function) {
      List<Output> outputs =
          function.outputs().stream().map(o -> Output.of(o, ValueType.unknown())).toList();
      Graph body = Graph.of(function.name(), List.of(), outputs, function.nodes(), List.of());
      Graph swept = graph(body, function.name()).graph();
      return swept == body ? function : function.withNodes(swept.nodes());
    }

    Swept graph(Graph graph, String path) {
      List<Node> nodes = new ArrayList<>(graph.nodes());
      Set<String> live = new HashSet<>();
      boolean[] alive = mark(graph, nodes, live, path);
      List<Node> kept = new ArrayList<>(nodes.size());
      boolean changed = false;
      for (int i = 0; i < alive.length; i++) {
        if (alive[i]) {
          kept.add(nodes.get(i));
          changed |= nodes.get(i) != graph.nodes().get(i);
        } else {
          changed = true;
          Node dead = nodes.get(i);
          report(path, "removed " + dead.operator() + " " + dead.label());
        }
      }
      List<Constant> constants = constants(graph, live, path);
      Set<String> captures = new HashSet<>(live);
      graph.inputs().forEach(i -> captures.remove(i.name()));
      graph.constants().forEach(c -> captures.remove(c.name()));
      nodes.forEach(n -> n.outputs().forEach(o -> captures.remove(o.name())));
      return changed || constants.size() != graph.constants().size()
          ? new Swept(
              graph
                  .withNodes(kept)
                  .withConstants(constants)
                  .withQuantization(annotations(graph, live)),
              captures)
          : new Swept(graph, captures);
    }

    /** Walks from the outputs back; each node is looked at once, whatever their order. */
    private boolean[] mark(Graph graph, List<Node> nodes, Set<String> live, String path) {
      Map<String, Integer> producers = new HashMap<>();
      for (int i = 0; i < nodes.size(); i++) {
        int index = i;
        nodes.get(i).outputs().forEach(o -> producers.put(o.name(), index));
      }
      producers.remove("");
      Map<String, QuantizationAnnotation> annotated = new HashMap<>();
      graph.quantization().forEach(q -> annotated.put(q.value(), q));
      boolean[] alive = new boolean[nodes.size()];
      Deque<String> open = new ArrayDeque<>();
      graph.outputs().forEach(o -> open.push(o.name()));
      while (!open.isEmpty()) {
        String value = open.pop();
        if (value.isEmpty() || !live.add(value)) {
          continue;
        }
        QuantizationAnnotation annotation = annotated.get(value);
        if (annotation != null) {
          annotation.parameters().values().forEach(open::push);
        }
        Integer index = producers.get(value);
        if (index != null && !alive[index]) {
          alive[index] = true;
          nodes.get(index).inputs().forEach(open::push);
          nodes.set(index, withBodies(nodes.get(index), open, path));
        }
      }
      return alive;
    }

    private Node withBodies(Node node, Deque<String> open, String path) {
      if (node.subgraphs().isEmpty()) {
        return node;
      }
      return node.withSubgraphs(
          body -> {
            Swept swept = graph(body, path + "/" + node.label());
            swept.captures().forEach(open::push);
            return swept.graph();
          });
    }

    private List<Constant> constants(Graph graph, Set<String> live, String path) {
      Set<String> inputs = new HashSet<>();
      graph.inputs().stream().map(Input::name).forEach(inputs::add);
      List<Constant> kept = new ArrayList<>(graph.constants().size());
      for (Constant constant : graph.constants()) {
        if (live.contains(constant.name()) || inputs.contains(constant.name())) {
          kept.add(constant);
        } else {
          report(path, "removed constant " + constant.name());
        }
      }
      return kept;
    }

    private static List<QuantizationAnnotation> annotations(Graph graph, Set<String> live) {
      return graph.quantization().stream().filter(q -> live.contains(q.value())).toList();
    }

    private void report(String path, String what) {
      changes.add(new Change(NAME, path, what));
    }
  }
}
