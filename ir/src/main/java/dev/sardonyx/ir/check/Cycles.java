package dev.sardonyx.ir.check;

import dev.sardonyx.ir.GraphIndex;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The cycles among a graph's nodes: its strongly connected components, found in linear time.
 *
 * @see <a href="https://doi.org/10.1137/0201010">R. Tarjan, Depth-first search and linear graph
 *     algorithms</a>
 */
final class Cycles {
  private final int[] component;
  private final Map<Integer, List<Integer>> members = new HashMap<>();
  private final Set<Integer> reported = new HashSet<>();

  private Cycles(int nodes) {
    component = new int[nodes];
  }

  static Cycles of(GraphIndex index) {
    int[][] edges = new int[index.graph().nodes().size()][];
    Arrays.setAll(edges, index::dependencies);
    Cycles cycles = new Cycles(edges.length);
    cycles.search(edges);
    return cycles;
  }

  /** Tarjan's search with an explicit stack, since chains are as deep as the graph is long. */
  private void search(int[][] edges) {
    int n = edges.length;
    int[] index = new int[n];
    int[] low = new int[n];
    int[] next = new int[n];
    boolean[] onStack = new boolean[n];
    Deque<Integer> stack = new ArrayDeque<>();
    Deque<Integer> path = new ArrayDeque<>();
    int counter = 0;
    for (int root = 0; root < n; root++) {
      if (index[root] != 0) {
        continue;
      }
      path.push(root);
      while (!path.isEmpty()) {
        int v = path.peek();
        if (index[v] == 0) {
          index[v] = low[v] = ++counter;
          stack.push(v);
          onStack[v] = true;
        }
        if (next[v] < edges[v].length) {
          int w = edges[v][next[v]++];
          if (index[w] == 0) {
            path.push(w);
          } else if (onStack[w]) {
            low[v] = Math.min(low[v], index[w]);
          }
          continue;
        }
        path.pop();
        if (!path.isEmpty()) {
          low[path.peek()] = Math.min(low[path.peek()], low[v]);
        }
        if (low[v] == index[v]) {
          close(v, stack, onStack);
        }
      }
    }
  }

  private void close(int root, Deque<Integer> stack, boolean[] onStack) {
    List<Integer> all = new ArrayList<>();
    int w;
    do {
      w = stack.pop();
      onStack[w] = false;
      component[w] = root;
      all.add(w);
    } while (w != root);
    all.sort(null);
    members.put(root, all);
  }

  /** Whether two nodes are in one cycle; a node that uses itself is. */
  boolean connects(int a, int b) {
    return component[a] == component[b];
  }

  /** The nodes of a node's cycle, in order. */
  List<Integer> members(int node) {
    return members.getOrDefault(component[node], List.of());
  }

  /** Whether the node's cycle is met for the first time. */
  boolean report(int node) {
    return reported.add(component[node]);
  }
}
