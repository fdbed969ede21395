package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules about the model's own functions: names, signatures, no recursion. */
final class FunctionRules {
  private FunctionRules() {}

  /** What names a function and the nodes that call it. */
  record Key(String domain, String name, String overload) {
    static Key of(Function function) {
      return new Key(
          OpsetImport.canonical(function.domain()), function.name(), function.overload());
    }

    static Key of(Node node) {
      return new Key(OpsetImport.canonical(node.domain()), node.opType(), node.overload());
    }
  }

  static String label(Function function) {
    String domain = OpsetImport.canonical(function.domain());
    return "function "
        + (domain.isEmpty() ? "" : domain + ".")
        + function.name()
        + (function.overload().isEmpty() ? "" : ":" + function.overload());
  }

  static void check(Model model, List<Problem> problems) {
    Map<Key, Function> functions = new LinkedHashMap<>();
    for (Function function : model.functions()) {
      signature(function, problems);
      if (functions.put(Key.of(function), function) != null) {
        problems.add(
            Problem.error(
                ProblemCode.DUPLICATE_FUNCTION,
                label(function),
                "",
                function.name(),
                "one function",
                "two",
                label(function) + " is defined twice"));
      }
    }
    recursion(functions, problems);
  }

  private static void signature(Function function, List<Problem> problems) {
    Set<String> names = new HashSet<>();
    for (String input : function.inputs()) {
      if (!names.add(input)) {
        add(function, input, "input " + input + " is listed twice", problems);
      }
    }
    names.clear();
    for (String output : function.outputs()) {
      if (!names.add(output)) {
        add(function, output, "output " + output + " is listed twice", problems);
      }
    }
    names.clear();
    names.addAll(function.attributes());
    for (Attribute attribute : function.defaults()) {
      if (!names.add(attribute.name())) {
        add(
            function,
            attribute.name(),
            "attribute " + attribute.name() + " is both required and has a default",
            problems);
      }
    }
  }

  private static void add(Function function, String value, String message, List<Problem> problems) {
    problems.add(
        Problem.error(
            ProblemCode.FUNCTION_SIGNATURE,
            label(function),
            "",
            value,
            "once",
            "twice",
            label(function) + ": " + message));
  }

  /** Follows calls depth first; a call to a function being followed closes a circle. */
  private static void recursion(Map<Key, Function> functions, List<Problem> problems) {
    Map<Key, Set<Key>> calls = new HashMap<>();
    functions.forEach((key, f) -> calls.put(key, calls(f, functions)));
    Set<Key> done = new HashSet<>();
    for (Key key : functions.keySet()) {
      follow(key, calls, new LinkedHashSet<>(), done, functions, problems);
    }
  }

  private static void follow(
      Key key,
      Map<Key, Set<Key>> calls,
      Set<Key> path,
      Set<Key> done,
      Map<Key, Function> functions,
      List<Problem> problems) {
    if (done.contains(key)) {
      return;
    }
    path.add(key);
    for (Key callee : calls.getOrDefault(key, Set.of())) {
      if (path.contains(callee)) {
        Function function = java.util.Objects.requireNonNull(functions.get(callee));
        problems.add(
            Problem.error(
                ProblemCode.RECURSIVE_FUNCTION,
                label(function),
                "",
                function.name(),
                "no recursion",
                "called by " + key.name(),
                label(function)
                    + " calls itself"
                    + (callee.equals(key) ? "" : " through " + key.name())));
      } else {
        follow(callee, calls, path, done, functions, problems);
      }
    }
    path.remove(key);
    done.add(key);
  }

  private static Set<Key> calls(Function function, Map<Key, Function> functions) {
    Set<Key> calls = new LinkedHashSet<>();
    Deque<Node> open = new ArrayDeque<>(function.nodes());
    while (!open.isEmpty()) {
      Node node = open.pop();
      if (functions.containsKey(Key.of(node))) {
        calls.add(Key.of(node));
      }
      node.subgraphs().map(Graph::nodes).forEach(open::addAll);
    }
    return calls;
  }
}
