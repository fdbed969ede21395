package dev.sardonyx.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A model's own functions in the order of their calls, found in linear time and without recursion.
 *
 * @param functions each after those it calls, as far as calls make no cycle
 * @param recursive calls that close a cycle
 * @param cycle the first of these cycles, from a function to its own call; empty if there is none
 */
public record CallOrder(List<Function> functions, List<Call> recursive, List<OperatorName> cycle) {
  /** A function that calls another. */
  public record Call(Function caller, Function callee) {}

  /** A function whose calls are being followed. */
  private record Followed(OperatorName name, Iterator<OperatorName> calls) {}

  public CallOrder {
    functions = List.copyOf(functions);
    recursive = List.copyOf(recursive);
    cycle = List.copyOf(cycle);
  }

  /** The order of some functions; of two of one name the last counts. */
  public static CallOrder of(List<Function> functions) {
    Map<OperatorName, Function> byName = new LinkedHashMap<>();
    functions.forEach(f -> byName.put(OperatorName.of(f), f));
    List<Function> order = new ArrayList<>();
    List<Call> recursive = new ArrayList<>();
    List<OperatorName> cycle = new ArrayList<>();
    Set<OperatorName> met = new HashSet<>();
    Deque<Followed> stack = new ArrayDeque<>();
    Set<OperatorName> path = new HashSet<>();
    for (OperatorName root : byName.keySet()) {
      follow(root, byName, met, stack, path);
      while (!stack.isEmpty()) {
        Followed caller = stack.element();
        if (!caller.calls.hasNext()) {
          stack.pop();
          path.remove(caller.name);
          order.add(named(caller.name, byName));
          continue;
        }
        OperatorName callee = caller.calls.next();
        if (path.contains(callee)) {
          recursive.add(new Call(named(caller.name, byName), named(callee, byName)));
          if (cycle.isEmpty()) {
            stack.descendingIterator().forEachRemaining(f -> cycle.add(f.name));
            cycle.subList(0, cycle.indexOf(callee)).clear();
            cycle.add(callee);
          }
        } else {
          follow(callee, byName, met, stack, path);
        }
      }
    }
    return new CallOrder(order, recursive, cycle);
  }

  private static void follow(
      OperatorName name,
      Map<OperatorName, Function> byName,
      Set<OperatorName> met,
      Deque<Followed> stack,
      Set<OperatorName> path) {
    if (met.add(name)) {
      stack.push(new Followed(name, calls(named(name, byName), byName).iterator()));
      path.add(name);
    }
  }

  private static Function named(OperatorName name, Map<OperatorName, Function> byName) {
    return Objects.requireNonNull(byName.get(name));
  }

  private static Set<OperatorName> calls(Function function, Map<OperatorName, Function> byName) {
    Set<OperatorName> calls = new LinkedHashSet<>();
    Deque<Node> open = new ArrayDeque<>(function.nodes());
    while (!open.isEmpty()) {
      Node node = open.pop();
      OperatorName name = OperatorName.of(node);
      if (byName.containsKey(name)) {
        calls.add(name);
      }
      node.subgraphs().forEach(g -> open.addAll(g.nodes()));
    }
    return calls;
  }
}
