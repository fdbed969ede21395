package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.internal.NameIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

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
    Set<OperatorName> called = Calls.reachable(graph, swept);
    for (Function function : model.functions()) {
      if (called.contains(OperatorName.of(function))) {
        functions.add(sweep(function, changes));
      } else {
        changes.add(Change.of(NAME, function.name(), "removed function " + function.operator()));
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

    private final NameIndex values;

    /** The node that gives each value, or -1. */
    private int[] producers;

    /** The inputs of all nodes, and where those of each begin. */
    private int[] inputs;

    private final int[] begins;
    private final BitSet hasBodies = new BitSet();
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
      producers = new int[nodes.size() + 8];
      inputs = new int[2 * nodes.size() + 8];
      begins = new int[nodes.size() + 1];
      alive = new boolean[nodes.size()];
      number(nodes);
      graph.quantization().forEach(q -> annotated.put(q.value(), q));
      mark();
    }

    /** Looks at all names once, in order; from here on there are only numbers. */
    private void number(List<Node> nodes) {
      int count = 0;
      for (int i = 0; i < nodes.size(); i++) {
        for (String input : nodes.get(i).inputs()) {
          inputs = count == inputs.length ? Arrays.copyOf(inputs, 2 * count) : inputs;
          int number = number(input);
          inputs[count++] = number;
        }
        begins[i + 1] = count;
        hasBodies.set(i, !nodes.get(i).subgraphs().isEmpty());
        for (Result result : nodes.get(i).outputs()) {
          if (result.isPresent()) {
            int number = number(result.name());
            producers[number] = i;
          }
        }
      }
    }

    private int number(String value) {
      int before = values.size();
      int number = values.add(value);
      if (number == before) {
        producers = number == producers.length ? Arrays.copyOf(producers, 2 * number) : producers;
        producers[number] = -1;
      }
      return number;
    }

    /** Walks from the outputs back; each node is looked at once, whatever their order. */
    private void mark() {
      graph.outputs().forEach(o -> use(o.name()));
      while (opened > 0) {
        int value = open[--opened];
        QuantizationAnnotation annotation =
            annotated.isEmpty() ? null : annotated.get(values.name(value));
        if (annotation != null) {
          annotation.parameters().values().forEach(this::use);
        }
        int producer = producers[value];
        if (producer >= 0 && !alive[producer]) {
          alive[producer] = true;
          visit(producer);
        }
      }
    }

    private void visit(int index) {
      for (int i = begins[index]; i < begins[index + 1]; i++) {
        use(inputs[i]);
      }
      if (hasBodies.get(index)) {
        Node node = graph.nodes().get(index);
        swept.put(index, node.withSubgraphs(body -> inside(node, body)));
      }
    }

    private Graph inside(Node node, Graph body) {
      Sweep inner = new Sweep(body, node.pathInside(path), changes);
      inner.captures().forEach(this::use);
      return inner.graph();
    }

    private void use(String value) {
      use(number(value));
    }

    private void use(int value) {
      if (!live.get(value)) {
        live.set(value);
        open = opened == open.length ? Arrays.copyOf(open, 2 * opened) : open;
        open[opened++] = value;
      }
    }

    private boolean isLive(String value) {
      int number = values.find(value);
      return number != NameIndex.NONE && live.get(number);
    }

    /** The values of graphs around this one that it uses. */
    Set<String> captures() {
      Set<String> captures = new LinkedHashSet<>();
      for (int i = live.nextSetBit(0); i >= 0; i = live.nextSetBit(i + 1)) {
        if (producers[i] < 0) {
          captures.add(values.name(i));
        }
      }
      captures.remove(Node.ABSENT);
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
          changes.add(Change.of(NAME, path, () -> "removed " + node.described()));
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
      BitSet dead = new BitSet();
      for (int i = 0; i < graph.constants().size(); i++) {
        String name = graph.constants().get(i).name();
        if (!isLive(name) && !inputs.contains(name)) {
          dead.set(i);
          changes.add(Change.of(NAME, path, () -> "removed constant " + name));
        }
      }
      return dead.isEmpty()
          ? graph.constants()
          : IntStream.range(0, graph.constants().size())
              .filter(i -> !dead.get(i))
              .mapToObj(graph.constants()::get)
              .toList();
    }
  }
}
