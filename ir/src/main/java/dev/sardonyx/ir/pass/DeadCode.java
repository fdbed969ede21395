package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.QuantizationAnnotation;
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
 * Removes what no output depends on: nodes, initializers, and functions that nothing calls. Inputs
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
    Graph graph = new Sweep(GraphIndex.of(model.graph()), model.graph().name(), changes).graph();
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
    GraphIndex body = GraphIndex.of(function);
    Graph swept = new Sweep(body, function.name(), changes).graph();
    return swept == body.graph() ? function : function.withNodes(swept.nodes());
  }

  /** The sweep of one graph: marks what outputs depend on, and leaves the rest out. */
  private static final class Sweep {
    private final Graph graph;
    private final GraphIndex index;
    private final String path;
    private final List<Change> changes;
    private final Map<String, QuantizationAnnotation> annotated = new HashMap<>();

    /** The values that outputs depend on, by number, and those of graphs around by name. */
    private final BitSet live = new BitSet();

    private final Set<String> captures = new LinkedHashSet<>();
    private final boolean[] alive;
    private final Map<Integer, Node> swept = new HashMap<>();
    private int[] open = new int[16];
    private int opened;

    Sweep(GraphIndex index, String path, List<Change> changes) {
      this.graph = index.graph();
      this.index = index;
      this.path = path;
      this.changes = changes;
      alive = new boolean[graph.nodes().size()];
      graph.quantization().forEach(q -> annotated.put(q.value(), q));
      mark();
    }

    /** Walks from the outputs back; each node is looked at once, whatever their order. */
    private void mark() {
      graph.outputs().forEach(o -> use(o.name()));
      while (opened > 0) {
        int value = open[--opened];
        QuantizationAnnotation annotation =
            annotated.isEmpty() ? null : annotated.get(index.name(value));
        if (annotation != null) {
          annotation.parameters().values().forEach(this::use);
        }
        int producer = index.producerPosition(value);
        if (producer != GraphIndex.NONE && !alive[producer]) {
          alive[producer] = true;
          visit(producer);
        }
      }
    }

    private void visit(int position) {
      Node node = graph.nodes().get(position);
      if (node.subgraphs().isEmpty()) {
        index.forEachUse(position, this::use);
      } else { // whose own dead nodes use nothing
        node.inputs().forEach(this::use);
        swept.put(position, node.withSubgraphs(body -> inside(node, body)));
      }
    }

    private Graph inside(Node node, Graph body) {
      Sweep inner = new Sweep(index.inside(body), node.pathInside(path), changes);
      inner.captures.forEach(this::use);
      return inner.graph();
    }

    private void use(String value) {
      int number = index.number(value);
      if (number != GraphIndex.NONE) {
        use(number);
      } else if (!value.isEmpty()) {
        captures.add(value);
      }
    }

    private void use(int value) {
      if (!live.get(value)) {
        live.set(value);
        if (index.isCaptured(value)) {
          captures.add(index.name(value));
        }
        open = opened == open.length ? Arrays.copyOf(open, 2 * opened) : open;
        open[opened++] = value;
      }
    }

    private boolean isLive(String value) {
      int number = index.number(value);
      return number != GraphIndex.NONE && live.get(number);
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
          changes.add(Change.of(NAME, path, () -> "removed initializer " + name));
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
