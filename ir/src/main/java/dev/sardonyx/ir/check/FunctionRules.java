package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
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

  static String label(Function function) {
    return "function " + OperatorName.of(function);
  }

  static void check(Model model, List<Problem> problems) {
    Map<OperatorName, Function> functions = new LinkedHashMap<>();
    for (Function function : model.functions()) {
      signature(function, problems);
      if (functions.put(OperatorName.of(function), function) != null) {
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
  private static void recursion(Map<OperatorName, Function> functions, List<Problem> problems) {
    Map<OperatorName, Set<OperatorName>> calls = new HashMap<>();
    functions.forEach((key, f) -> calls.put(key, calls(f, functions)));
    Set<OperatorName> done = new HashSet<>();
    for (OperatorName key : functions.keySet()) {
      follow(key, calls, new LinkedHashSet<>(), done, functions, problems);
    }
  }

  private static void follow(
      OperatorName key,
      Map<OperatorName, Set<OperatorName>> calls,
      Set<OperatorName> path,
      Set<OperatorName> done,
      Map<OperatorName, Function> functions,
      List<Problem> problems) {
    if (done.contains(key)) {
      return;
    }
    path.add(key);
    for (OperatorName callee : calls.getOrDefault(key, Set.of())) {
      if (path.contains(callee)) {
        Function function = java.util.Objects.requireNonNull(functions.get(callee));
        problems.add(
            Problem.error(
                ProblemCode.RECURSIVE_FUNCTION,
                label(function),
                "",
                function.name(),
                "no recursion",
                "called by " + key.opType(),
                label(function)
                    + " calls itself"
                    + (callee.equals(key) ? "" : " through " + key.opType())));
      } else {
        follow(callee, calls, path, done, functions, problems);
      }
    }
    path.remove(key);
    done.add(key);
  }

  private static Set<OperatorName> calls(Function function, Map<OperatorName, Function> functions) {
    Set<OperatorName> calls = new LinkedHashSet<>();
    Deque<Node> open = new ArrayDeque<>(function.nodes());
    while (!open.isEmpty()) {
      Node node = open.pop();
      if (functions.containsKey(OperatorName.of(node))) {
        calls.add(OperatorName.of(node));
      }
      node.subgraphs().forEach(g -> open.addAll(g.nodes()));
    }
    return calls;
  }
}
