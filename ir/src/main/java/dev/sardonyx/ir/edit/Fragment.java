package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Nodes and initializers built apart, to be put into a graph.
 *
 * @param model the model they were built as, with what it imports and its functions
 */
record Fragment(Model model) {
  /** A value that a fragment takes from the graph. */
  record Argument(String name, ValueType type) {}

  /**
   * Builds a fragment for a model.
   *
   * @param operands what the builder is given, in order; {@link Node#ABSENT} for what is not there
   * @param results what the values that come back are to be called
   */
  static Fragment of(
      Model target,
      List<Argument> operands,
      List<String> results,
      BiFunction<? super GraphBuilder, List<Value>, ? extends List<? extends Value>> body) {
    long opset = target.opset("").orElse(GraphBuilder.DEFAULT_OPSET);
    GraphBuilder b = GraphBuilder.of("fragment", (int) opset);
    for (OpsetImport other : target.opsetImports()) {
      if (!OpsetImport.canonical(other.domain()).isEmpty()) {
        b.importDomain(other.domain(), other.version());
      }
    }
    target.functions().forEach(b::function);
    Map<String, Value> inputs = new HashMap<>();
    List<Value> given = new ArrayList<>();
    for (Argument operand : operands) {
      given.add(
          operand.name().isEmpty()
              ? Result.ABSENT
              : inputs.computeIfAbsent(operand.name(), n -> b.input(n, operand.type())));
    }
    List<? extends Value> back = body.apply(b, given);
    Values.requireGiven(back, "list that the edit gives back");
    if (back.size() != results.size()) {
      throw new EditException(
          "The number of values that the edit must give back is "
              + results.size()
              + ", but it gives "
              + back.size());
    }
    back.forEach(value -> Values.requireGiven(value, "value that the edit gives back"));
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      if (!results.get(i).isEmpty()) {
        b.output(back.get(i));
        wanted.add(results.get(i));
      }
    }
    Model built = b.buildModel();
    return new Fragment(built.withGraph(called(built.graph(), wanted)));
  }

  /** The graph with its outputs under the given names; what else has one of them gives way. */
  private static Graph called(Graph graph, List<String> outputs) {
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      names.put(graph.outputs().get(i).name(), outputs.get(i));
    }
    Set<String> taken = new LinkedHashSet<>(Values.everywhere(graph));
    taken.addAll(outputs);
    for (String value : Values.everywhere(graph)) {
      if (outputs.contains(value) && !names.containsKey(value)) {
        names.put(value, Values.fresh(taken, value));
      }
    }
    return Renaming.of(names).graph(graph);
  }

  ValueType type(String result) {
    return GraphIndex.of(model.graph()).type(result);
  }

  /** The nodes and initializers under names that the target has not. */
  Graph named(Set<String> takenValues, Set<String> takenNodes) {
    Graph graph = model.graph();
    Set<String> border = new LinkedHashSet<>();
    graph.inputs().forEach(i -> border.add(i.name()));
    graph.outputs().forEach(o -> border.add(o.name()));
    Map<String, String> names = new HashMap<>();
    for (String value : Values.everywhere(graph)) {
      if (!border.contains(value)) {
        names.put(value, Values.fresh(takenValues, value));
      }
    }
    Graph renamed = Renaming.of(names).graph(graph);
    return Everywhere.graph(
        renamed,
        g ->
            g.withNodes(
                g.nodes().stream()
                    .map(
                        n ->
                            n.name().isEmpty() ? n : n.withName(Values.fresh(takenNodes, n.name())))
                    .toList()));
  }

  /** The target with what the fragment imports and the functions it defines. */
  Model withImports(Model target) {
    Model changed = target;
    for (OpsetImport wanted : model.opsetImports()) {
      if (changed.opset(wanted.domain()).isEmpty()) {
        changed = changed.withOpsetImport(wanted.domain(), wanted.version());
      }
    }
    List<Function> functions = new ArrayList<>(changed.functions());
    model.functions().stream().filter(f -> !functions.contains(f)).forEach(functions::add);
    return changed.withFunctions(functions);
  }

  /** The graph with the fragment's nodes before the node of an index, and its initializers. */
  static Graph splice(Graph graph, int at, Graph fragment) {
    List<Node> nodes = new ArrayList<>(graph.nodes());
    nodes.addAll(at, fragment.nodes());
    List<Constant> constants = new ArrayList<>(graph.constants());
    constants.addAll(fragment.constants());
    return graph.withNodes(nodes).withConstants(constants);
  }
}
