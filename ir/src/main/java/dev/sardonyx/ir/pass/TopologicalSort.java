package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/**
 * Puts each node after those it depends on, also through the values its subgraphs use. Nodes that
 * are in order already stay where they are.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public record TopologicalSort() implements Pass {
  /**
   * @throws IllegalArgumentException if nodes depend on each other in a cycle, naming them
   */
  @Override
  public PassResult apply(Model model) {
    List<Change> changes = new ArrayList<>();
    Graph graph = graph(GraphIndex.of(model.graph()), model.graph().name(), changes);
    List<Function> functions = new ArrayList<>();
    for (Function function : model.functions()) {
      List<Node> nodes = nodes(GraphIndex.of(function), function.name(), changes);
      functions.add(nodes == function.nodes() ? function : function.withNodes(nodes));
    }
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(model.withGraph(graph).withFunctions(functions), changes);
  }

  private static Graph graph(GraphIndex index, String path, List<Change> changes) {
    Graph graph = index.graph();
    List<Node> nodes = nodes(index, path, changes);
    return nodes == graph.nodes() ? graph : graph.withNodes(nodes);
  }

  /** The very same list if nothing changes. */
  private static List<Node> nodes(GraphIndex index, String path, List<Change> changes) {
    List<Node> nodes = index.graph().nodes();
    List<Node> sorted = nodes;
    if (!index.isSorted()) {
      sorted = order(index, path).stream().map(nodes::get).toList();
      changes.add(Change.of("topological-sort", path, "sorted " + nodes.size() + " nodes"));
    }
    Emitted done = new Emitted(sorted);
    for (Node node : sorted) {
      done.add(
          node.subgraphs().isEmpty()
              ? node
              : node.withSubgraphs(g -> graph(index.inside(g), node.pathInside(path), changes)));
    }
    return done.nodes();
  }

  /** A node on the way down, and the dependencies still to be visited. */
  private record Visit(int node, PrimitiveIterator.OfInt dependencies) {}

  /** Depth first, dependencies before dependents, otherwise in the order they stand. */
  private static List<Integer> order(GraphIndex index, String path) {
    List<Node> nodes = index.graph().nodes();
    List<Integer> order = new ArrayList<>(nodes.size());
    byte[] state = new byte[nodes.size()]; // 0 new, 1 on the way down, 2 done
    Deque<Visit> stack = new ArrayDeque<>();
    for (int start = 0; start < nodes.size(); start++) {
      visit(start, index, state, stack);
      while (!stack.isEmpty()) {
        Visit visit = stack.peek();
        if (!visit.dependencies().hasNext()) {
          state[visit.node()] = 2;
          order.add(visit.node());
          stack.pop();
          continue;
        }
        int next = visit.dependencies().nextInt();
        if (state[next] == 1) {
          throw cycle(nodes, stack, next, path);
        }
        visit(next, index, state, stack);
      }
    }
    return order;
  }

  private static void visit(int node, GraphIndex index, byte[] state, Deque<Visit> stack) {
    if (state[node] == 0) {
      state[node] = 1;
      stack.push(new Visit(node, IntStream.of(index.dependencies(node)).iterator()));
    }
  }

  private static IllegalArgumentException cycle(
      List<Node> nodes, Deque<Visit> stack, int again, String path) {
    List<String> labels = new ArrayList<>();
    for (Visit visit : stack) {
      labels.add(nodes.get(visit.node()).label());
      if (visit.node() == again) {
        break;
      }
    }
    labels.add(labels.get(0));
    return new IllegalArgumentException(
        "Graph "
            + path
            + " cannot be sorted: its nodes depend on each other in a cycle, "
            + String.join(" -> ", labels)
            + " (each feeds the next); one of them should use another value");
  }
}
