package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.internal.NameIndex;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Puts each node after those it depends on, also through the values its subgraphs use. Nodes that
 * are in order already stay where they are.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public record TopologicalSort() implements Pass {
  /**
   * @throws IllegalArgumentException if nodes depend on each other in a circle, naming them
   */
  @Override
  public PassResult apply(Model model) {
    List<Change> changes = new ArrayList<>();
    Graph graph = graph(model.graph(), model.graph().name(), changes);
    List<Function> functions = new ArrayList<>();
    for (Function function : model.functions()) {
      List<Node> nodes = nodes(function.nodes(), function.name(), changes);
      functions.add(nodes == function.nodes() ? function : function.withNodes(nodes));
    }
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(model.withGraph(graph).withFunctions(functions), changes);
  }

  private static Graph graph(Graph graph, String path, List<Change> changes) {
    List<Node> nodes = nodes(graph.nodes(), path, changes);
    return nodes == graph.nodes() ? graph : graph.withNodes(nodes);
  }

  /** The very same list if nothing changes. */
  private static List<Node> nodes(List<Node> nodes, String path, List<Change> changes) {
    List<Node> sorted = nodes;
    if (!isSorted(nodes)) {
      sorted = order(nodes, path).stream().map(nodes::get).toList();
      changes.add(Change.of("topological-sort", path, "sorted " + nodes.size() + " nodes"));
    }
    Emitted done = new Emitted(sorted);
    for (Node node : sorted) {
      done.add(withBodies(node, path, changes));
    }
    return done.nodes();
  }

  /** Whether no node uses what a later one gives, or the node itself. */
  private static boolean isSorted(List<Node> nodes) {
    NameIndex results = NameIndex.of(nodes.size());
    NameIndex others = NameIndex.of();
    for (Node node : nodes) {
      for (String used : node.dependencies()) {
        if (!results.contains(used)) {
          others.add(used);
        }
      }
      for (Result result : node.outputs()) {
        if (result.isPresent()) {
          if (others.contains(result.name())) {
            return false;
          }
          results.add(result.name());
        }
      }
    }
    return true;
  }

  private static Node withBodies(Node node, String path, List<Change> changes) {
    return node.subgraphs().isEmpty()
        ? node
        : node.withSubgraphs(g -> graph(g, node.pathInside(path), changes));
  }

  /** A node on the way down, and the dependencies still to be visited. */
  private record Visit(int node, Iterator<String> dependencies) {}

  /** Depth first, dependencies before dependents, otherwise in the order they stand. */
  private static List<Integer> order(List<Node> nodes, String path) {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (Result result : nodes.get(i).outputs()) {
        producers.put(result.name(), i);
      }
    }
    producers.remove("");
    List<Integer> order = new ArrayList<>(nodes.size());
    byte[] state = new byte[nodes.size()]; // 0 new, 1 on the way down, 2 done
    Deque<Visit> stack = new ArrayDeque<>();
    for (int start = 0; start < nodes.size(); start++) {
      if (state[start] == 0) {
        state[start] = 1;
        stack.push(new Visit(start, nodes.get(start).dependencies().iterator()));
      }
      while (!stack.isEmpty()) {
        Visit visit = stack.peek();
        if (!visit.dependencies().hasNext()) {
          state[visit.node()] = 2;
          order.add(visit.node());
          stack.pop();
          continue;
        }
        Integer next = producers.get(visit.dependencies().next());
        if (next != null && state[next] == 1) {
          throw circle(nodes, stack, next, path);
        }
        if (next != null && state[next] == 0) {
          state[next] = 1;
          stack.push(new Visit(next, nodes.get(next).dependencies().iterator()));
        }
      }
    }
    return order;
  }

  private static IllegalArgumentException circle(
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
            + " cannot be sorted: its nodes depend on each other in a circle, "
            + String.join(" -> ", labels)
            + " (each feeds the next); one of them should use another value");
  }
}
