package dev.sardonyx.runtime;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How many nodes the function calls of a model come to, counted call by call in linear time. */
final class Expansion {
  private final Map<OperatorName, List<OperatorName>> calls = new HashMap<>();
  private final Map<OperatorName, Long> sizes = new HashMap<>();
  private final Map<OperatorName, Long> ownNodes = new HashMap<>();

  private Expansion(List<Function> functions) {
    functions.forEach(function -> calls.put(OperatorName.of(function), new ArrayList<>()));
    for (Function function : functions) {
      OperatorName name = OperatorName.of(function);
      ownNodes.put(name, scan(function.nodes(), calls.get(name)));
    }
  }

  /**
   * The nodes of all functions with their calls written out; {@link Long#MAX_VALUE} for more than
   * that, and where a function calls itself.
   */
  static long of(Model model) {
    Expansion expansion = new Expansion(model.functions());
    List<OperatorName> called = new ArrayList<>();
    expansion.scan(model.graph().nodes(), called);
    long nodes = 0;
    for (Function function : model.functions()) {
      nodes = sum(nodes, expansion.size(OperatorName.of(function)));
    }
    for (OperatorName function : called) {
      nodes = sum(nodes, expansion.size(function));
    }
    return nodes;
  }

  /** Counts nodes, those in subgraphs included, and collects the calls among them. */
  private long scan(List<Node> nodes, @Nullable List<OperatorName> called) {
    long count = 0;
    Deque<List<Node>> open = new ArrayDeque<>(List.of(nodes));
    while (!open.isEmpty()) {
      for (Node node : open.pop()) {
        count++;
        OperatorName name = OperatorName.of(node);
        if (called != null && calls.containsKey(name)) {
          called.add(name);
        }
        node.subgraphs().forEach(body -> open.push(body.nodes()));
      }
    }
    return count;
  }

  /** The size of a function, which follows from those it calls. */
  private long size(OperatorName function) {
    Deque<OperatorName> open = new ArrayDeque<>(List.of(function));
    Set<OperatorName> entered = new HashSet<>();
    while (!open.isEmpty()) {
      OperatorName top = open.peek();
      if (sizes.containsKey(top)) {
        open.pop();
      } else if (entered.add(top)) {
        calls.getOrDefault(top, List.of()).forEach(open::push);
      } else {
        open.pop();
        long size = ownNodes.getOrDefault(top, 0L);
        for (OperatorName called : calls.getOrDefault(top, List.of())) {
          size = sum(size, sizes.getOrDefault(called, Long.MAX_VALUE));
        }
        sizes.put(top, size);
      }
    }
    return sizes.getOrDefault(function, Long.MAX_VALUE);
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
