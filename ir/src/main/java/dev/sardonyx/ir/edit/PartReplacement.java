package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.pass.Passes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Other nodes for the part of the main graph that computes some values from others. */
final class PartReplacement {
  private PartReplacement() {}

  static Model between(
      Model model,
      List<String> inputs,
      List<String> outputs,
      BiFunction<? super GraphBuilder, List<Value>, ? extends List<? extends Value>> body) {
    Graph main = model.graph();
    GraphIndex index = GraphIndex.of(main);
    inputs.forEach(name -> Values.require(main, name));
    Set<String> taken = Values.everywhere(main);
    Map<String, String> replaced = new LinkedHashMap<>();
    for (String output : outputs) {
      Values.require(main, output);
      requireComputed(index, output);
      if (replaced.put(output, Values.fresh(taken, output + "_original")) != null) {
        throw new EditException("A value is named twice: " + output);
      }
    }
    requireNoCycle(index, inputs, replaced.keySet());
    Fragment fragment =
        Fragment.of(
            model,
            inputs.stream()
                .map(name -> new Fragment.Argument(name, DeclaredTypes.of(model, name)))
                .toList(),
            outputs,
            body);
    Graph added = fragment.named(taken, Values.nodes(main));
    int at = inputs.stream().mapToInt(index::producerPosition).max().orElse(-1) + 1;
    Graph spliced = Fragment.splice(withOtherResults(main, replaced), at, added);
    Model changed = fragment.withImports(model).withGraph(spliced);
    return tidied(changed, outputs);
  }

  /** Another value in the place of one, wherever that is used. */
  static Model uses(Model model, String value, String by) {
    Graph main = model.graph();
    GraphIndex index = GraphIndex.of(main);
    Values.require(main, value);
    Values.require(main, by);
    requireNoCycle(index, List.of(by), Set.of(value));
    Map<String, String> uses = Map.of(value, by);
    Graph rewired =
        main.withNodes(main.nodes().stream().map(n -> ScopedRenaming.uses(n, uses)).toList());
    if (!index.isOutput(value)) {
      return tidied(model.withGraph(rewired), List.of(by));
    }
    requireComputed(index, value);
    String original = Values.fresh(Values.everywhere(main), value + "_original");
    List<Node> nodes = new ArrayList<>(withOtherResults(rewired, Map.of(value, original)).nodes());
    nodes.add(
        Node.of("Identity", List.of(by), List.of(Result.of(value)))); // an output keeps its name
    return tidied(model.withGraph(rewired.withNodes(nodes)), List.of(by));
  }

  /** The model in order, without what nothing needs, and with the types that follow from values. */
  private static Model tidied(Model model, List<String> values) {
    Model sorted = Passes.named("topological-sort").apply(model).model();
    return DeclaredTypes.inferFrom(Passes.named("dead-code").apply(sorted).model(), values);
  }

  private static void requireComputed(GraphIndex index, String value) {
    if (index.producer(value).isEmpty()) {
      throw new EditException(value + " is not computed by a node, so no part gives it");
    }
  }

  private static Graph withOtherResults(Graph graph, Map<String, String> names) {
    return graph.withNodes(
        graph.nodes().stream()
            .map(
                n ->
                    n.outputs().stream().noneMatch(r -> names.containsKey(r.name()))
                        ? n
                        : n.withOutputs(
                            n.outputs().stream()
                                .map(r -> r.withName(names.getOrDefault(r.name(), r.name())))
                                .toList()))
            .toList());
  }

  /** Refuses inputs that are themselves computed from what is replaced. */
  private static void requireNoCycle(GraphIndex index, List<String> inputs, Set<String> outputs) {
    Set<Integer> seen = new HashSet<>();
    Deque<Integer> open = new ArrayDeque<>();
    for (String input : inputs) {
      requireOther(input, inputs, outputs);
      open.add(index.producerPosition(input));
    }
    while (!open.isEmpty()) {
      int position = open.pop();
      if (position != GraphIndex.NONE && seen.add(position)) {
        // What else the node gives does not matter, for it stays.
        index.forEachUse(position, used -> requireOther(index.name(used), inputs, outputs));
        IntStream.of(index.dependencies(position)).forEach(open::add);
      }
    }
  }

  private static void requireOther(String value, List<String> inputs, Set<String> outputs) {
    if (outputs.contains(value)) {
      throw new EditException(
          "What "
              + value
              + " is to be computed from depends on it itself: "
              + String.join(", ", inputs));
    }
  }
}
