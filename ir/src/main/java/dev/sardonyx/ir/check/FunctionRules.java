package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.CallOrder;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
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
    recursion(model.functions(), problems);
    for (Function function : model.functions()) {
      opsets(function, model, functions, problems);
    }
  }

  /**
   * Each operator in a function is the same version under the function's and the model's imports.
   */
  private static void opsets(
      Function function,
      Model model,
      Map<OperatorName, Function> functions,
      List<Problem> problems) {
    Set<String> told = new HashSet<>();
    Deque<Node> open = new ArrayDeque<>(function.nodes());
    while (!open.isEmpty()) {
      Node node = open.pop();
      node.subgraphs().forEach(g -> open.addAll(g.nodes()));
      OptionalLong own = OpsetImport.version(function.opsetImports(), node.domain());
      OptionalLong outer = model.opset(node.domain());
      if (own.isPresent()
          && outer.isPresent()
          && own.getAsLong() != outer.getAsLong()
          && !functions.containsKey(OperatorName.of(node))
          && !since(node, own.getAsLong()).equals(since(node, outer.getAsLong()))
          && told.add(node.operator())) {
        problems.add(differs(function, node, own.getAsLong(), outer.getAsLong()));
      }
    }
  }

  /** The version in which an operator has become what it is under an import. */
  private static OptionalInt since(Node node, long opset) {
    return OperatorCatalogue.standard()
        .find(node, opset)
        .map(schema -> OptionalInt.of(schema.since()))
        .orElse(OptionalInt.empty());
  }

  private static Problem differs(Function function, Node node, long own, long outer) {
    String domain = ModelRules.shown(OpsetImport.canonical(node.domain()));
    return Problem.error(
        ProblemCode.FUNCTION_OPSET,
        label(function),
        node.label(),
        node.operator(),
        domain + " " + outer,
        domain + " " + own,
        label(function)
            + " imports version "
            + own
            + " of "
            + domain
            + " and the model version "
            + outer
            + ", where "
            + node.operator()
            + " is another operator");
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

  private static void recursion(List<Function> functions, List<Problem> problems) {
    for (CallOrder.Call call : CallOrder.of(functions).recursive()) {
      String callee = label(call.callee());
      problems.add(
          Problem.error(
              ProblemCode.RECURSIVE_FUNCTION,
              callee,
              "",
              call.callee().name(),
              "no recursion",
              "called by " + call.caller().name(),
              callee
                  + " calls itself"
                  + (OperatorName.of(call.callee()).equals(OperatorName.of(call.caller()))
                      ? ""
                      : " through " + call.caller().name())));
    }
  }
}
