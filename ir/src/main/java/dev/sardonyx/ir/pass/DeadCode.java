package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.NameIndex;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
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
    Graph graph = new Sweep(model.graph(), model.graph().name(), changes).graph();
    List<Function> functions = new ArrayList<>();
    // Without their dead nodes, whose calls keep no function.
    List<Function> swept =
        model.functions().stream().map(f -> sweep(f, new ArrayList<>())).toList();
    Set<String> called = Calls.reachable(graph, swept);
    for (Function function : model.functions()) {
      if (called.contains(function.operator())) {
        functions.add(sweep(function, changes));
      } else {
        changes.add(new Change(NAME, function.name(), "removed function " + function.operator()));
      }
    }
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(model.withGraph(graph).withFunctions(functions), changes);
  }

  private static Function sweep(Function function, List<Change> changes) {
    List<Output> outputs =
        function.outputs().stream().map(o -> Output.of(o, ValueType.unknown())).toList();
    Graph body = Graph.of(function.name(), List.of(), outputs, function.nodes(), List.of());
    Graph swept = new Sweep(body, function.name(), changes).graph();
    return swept == body ? function : function.withNodes(swept.nodes());
  }

  /** The sweep of one graph: marks what outputs depend on, and leaves the rest out. */
  private static final class Sweep {
    private final Graph graph;
    private final String path;
    private final List<Change> changes;
    private final Map<String, QuantizationAnnotation> annotated = new HashMap<>();

    /** First the results of the graph's nodes, then all else that is used. */
    private final NameIndex values;

    /** The node of each result. */
    private final int[] producers;

    private final int results;
    private final BitSet live = new BitSet();
    private final boolean[] alive;
    private final Map<Integer, Node> swept = new HashMap<>();
    private int[] open = new int[16];
    private int opened;

    Sweep(Graph graph, String path, List<Change> changes) {
      this.graph = graph;
      this.path = path;
      this.changes = changes;
      List<Node> nodes = graph.nodes();
      values = NameIndex.of(nodes.size());
      producers = new int[nodes.stream().mapToInt(n -> n.outputs().size()).sum()];
      for (int i = 0; i < nodes.size(); i++) {
        for (Result result : nodes.get(i).outputs()) {
          if (result.isPresent()) {
            producers[values.add(result.name())] = i;
          }
        }
      }
      results = values.size();
      alive = new boolean[nodes.size()];
      graph.quantization().forEach(q -> annotated.put(q.value(), q));
      mark();
    }

    /** Walks from the outputs back; each node is looked at once, whatever their order. */
    private void mark() {
      graph.outputs().forEach(o -> use(o.name()));
      while (opened > 0) {
        int value = open[--opened];
        if (!annotated.isEmpty() && annotated.containsKey(values.name(value))) {
          annotated.get(values.name(value)).parameters().values().forEach(this::use);
        }
        if (value < results && !alive[producers[value]]) {
          alive[producers[value]] = true;
          visit(producers[value]);
        }
      }
    }

    private void visit(int index) {
      Node node = graph.nodes().get(index);
      for (String input : node.inputs()) {
        use(input);
      }
      if (!node.subgraphs().isEmpty()) {
        swept.put(index, node.withSubgraphs(body -> inside(node, body)));
      }
    }

    private Graph inside(Node node, Graph body) {
      Sweep inner = new Sweep(body, path + "/" + node.label(), changes);
      inner.captures().forEach(this::use);
      return inner.graph();
    }

    private void use(String value) {
      if (value.isEmpty()) {
        return;
      }
      int number = values.add(value);
      if (!live.get(number)) {
        live.set(number);
        if (opened == open.length) {
          open = Arrays.copyOf(open, 2 * opened);
        }
        open[opened++] = number;
      }
    }

    private boolean isLive(String value) {
      int number = values.find(value);
      return number != NameIndex.NONE && live.get(number);
    }

    /** The values of graphs around this one that it uses. */
    Set<String> captures() {
      Set<String> captures = new LinkedHashSet<>();
      for (int i = results; i < values.size(); i++) {
        captures.add(values.name(i));
      }
      graph.inputs().forEach(i -> captures.remove(i.name()));
      graph.constants().forEach(c -> captures.remove(c.name()));
      return captures;
    }

    /** What is left; the graph itself if all is. */
    Graph graph() {
      Emitted kept = new Emitted(graph.nodes());
      for (int i = 0; i < alive.length; i++) {
        Node node = graph.nodes().get(i);
        if (alive[i]) {
          kept.add(swept.isEmpty() ? node : swept.getOrDefault(i, node));
        } else {
          report("removed " + node.described());
        }
      }
      List<Constant> constants = constants();
      return kept.nodes() == graph.nodes() && constants.size() == graph.constants().size()
          ? graph
          : graph
              .withNodes(kept.nodes())
              .withConstants(constants)
              .withQuantization(
                  graph.quantization().stream().filter(q -> isLive(q.value())).toList());
    }

    private List<Constant> constants() {
      Set<String> inputs = new HashSet<>();
      graph.inputs().forEach(i -> inputs.add(i.name()));
      List<Constant> kept = new ArrayList<>(graph.constants().size());
      for (Constant constant : graph.constants()) {
        if (isLive(constant.name()) || inputs.contains(constant.name())) {
          kept.add(constant);
        } else {
          report("removed constant " + constant.name());
        }
      }
      return kept;
    }

    private void report(String what) {
      changes.add(new Change(NAME, path, what));
    }
  }
}
