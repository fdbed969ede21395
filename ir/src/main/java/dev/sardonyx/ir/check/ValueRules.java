package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules about the names of values: each is defined once, before it is used, and what a graph gives
 * back exists.
 */
final class ValueRules {
  /** The names that a graph's nodes may use at some point, and those of the graphs around it. */
  private static final class Scope {
    final @Nullable Scope outer;
    final Map<String, String> definedBy = new HashMap<>();
    final Set<String> reported = new HashSet<>();

    Scope(@Nullable Scope outer) {
      this.outer = outer;
    }

    @Nullable String owner(String name) {
      for (Scope scope = this; scope != null; scope = scope.outer) {
        String by = scope.definedBy.get(name);
        if (by != null) {
          return by;
        }
      }
      return null;
    }

    /** Whether an undefined name is met for the first time; later uses follow from it. */
    boolean report(String name) {
      for (Scope scope = outer; scope != null; scope = scope.outer) {
        if (scope.reported.contains(name)) {
          return false;
        }
      }
      return reported.add(name);
    }
  }

  private final List<Problem> problems;

  private ValueRules(List<Problem> problems) {
    this.problems = problems;
  }

  static void check(Model model, List<Problem> problems) {
    ValueRules rules = new ValueRules(problems);
    rules.graph(model.graph(), null, model.graph().name());
    for (Function function : model.functions()) {
      rules.function(function);
    }
    model
        .training()
        .forEach(
            t -> {
              // Training graphs see the main graph's values.
              Scope main = new Scope(null);
              rules.define(main, model.graph());
              rules.graph(t.initialization(), main, "training/initialization");
              rules.graph(t.algorithm(), main, "training/algorithm");
            });
  }

  private void define(Scope scope, Graph graph) {
    graph.inputs().forEach(i -> scope.definedBy.put(i.name(), "graph input"));
    graph.constants().forEach(c -> scope.definedBy.put(c.name(), "constant"));
    graph.nodes().forEach(n -> n.outputs().forEach(o -> scope.definedBy.put(o.name(), n.label())));
  }

  private void function(Function function) {
    Scope scope = new Scope(null);
    function.inputs().forEach(i -> scope.definedBy.put(i, "function input"));
    String path = FunctionRules.label(function);
    nodes(function.nodes(), scope, path);
    for (String output : function.outputs()) {
      if (scope.owner(output) == null) {
        undefinedOutput(path, output);
      }
    }
  }

  private void graph(Graph graph, @Nullable Scope outer, String path) {
    Scope scope = new Scope(outer);
    for (Input input : graph.inputs()) {
      if (input.name().isEmpty()) {
        empty(path, "a graph input");
      }
      define(scope, input.name(), "graph input", "", path);
    }
    Set<String> constants = new HashSet<>();
    for (Constant constant : graph.constants()) {
      if (constant.name().isEmpty()) {
        empty(path, "a constant");
      } else if (!constants.add(constant.name())) {
        duplicate(path, "", constant.name(), "constant", "constant");
      } else if (!"graph input".equals(scope.definedBy.get(constant.name()))) {
        define(scope, constant.name(), "constant", "", path);
      }
    }
    nodes(graph.nodes(), scope, path);
    for (Output output : graph.outputs()) {
      if (output.name().isEmpty()) {
        empty(path, "a graph output");
      } else if (scope.owner(output.name()) == null) {
        undefinedOutput(path, output.name());
      }
    }
    for (QuantizationAnnotation annotation : graph.quantization()) {
      quantization(annotation, scope, path);
    }
  }

  private void nodes(List<Node> nodes, Scope scope, String path) {
    Map<String, Integer> producers = producers(nodes);
    @Nullable Circles circles = null;
    Set<String> names = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (!node.name().isEmpty() && !names.add(node.name())) {
        problems.add(
            Problem.error(
                    ProblemCode.DUPLICATE_NODE_NAME,
                    path,
                    node.label(),
                    node.name(),
                    "a unique name",
                    "two nodes",
                    "two nodes have the name " + node.name())
                .asWarning());
      }
      for (String input : node.inputs()) {
        if (input.isEmpty() || scope.owner(input) != null) {
          continue;
        }
        Integer producer = producers.get(input);
        if (producer == null) {
          undefined(node, input, scope, path);
        } else {
          circles = circles == null ? Circles.of(nodes, producers) : circles;
          early(nodes, i, producer, input, circles, scope, path);
        }
      }
      // The node's bodies see what is defined before it, not its own results.
      node.subgraphs().forEach(body -> graph(body, scope, path + "/" + node.label()));
      for (Result result : node.outputs()) {
        if (result.isPresent()) {
          define(scope, result.name(), node.label(), node.label(), path);
        }
      }
    }
  }

  private static Map<String, Integer> producers(List<Node> nodes) {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (Result result : nodes.get(i).outputs()) {
        producers.putIfAbsent(result.name(), i);
      }
    }
    return producers;
  }

  /** A node that stands before its producer: in a circle with it, or merely out of order. */
  private void early(
      List<Node> nodes,
      int at,
      int producer,
      String value,
      Circles circles,
      Scope scope,
      String path) {
    Node node = nodes.get(at);
    if (circles.connects(at, producer)) {
      if (circles.report(at)) {
        Deque<String> labels = new ArrayDeque<>();
        circles.members(at).forEach(i -> labels.add(nodes.get(i).label()));
        problems.add(
            Problem.error(
                ProblemCode.CYCLE,
                path,
                node.label(),
                value,
                "no circle",
                String.join(", ", labels),
                "these nodes depend on each other in a circle: "
                    + String.join(", ", labels)
                    + "; "
                    + node.label()
                    + " uses "
                    + value
                    + " of "
                    + nodes.get(producer).label()));
      }
      return;
    }
    Problem problem =
        Problem.error(
            ProblemCode.UNSORTED,
            path,
            node.label(),
            value,
            "after " + nodes.get(producer).label(),
            "before it",
            "node "
                + node.label()
                + " uses "
                + value
                + ", which "
                + nodes.get(producer).label()
                + " computes only later");
    problems.add(scope.report(value) ? problem : problem.asConsequence());
  }

  private void undefined(Node node, String value, Scope scope, String path) {
    Problem problem =
        Problem.error(
            ProblemCode.UNDEFINED_VALUE,
            path,
            node.label(),
            value,
            "a defined value",
            "none",
            "node " + node.label() + " uses " + value + ", which nothing defines");
    problems.add(scope.report(value) ? problem : problem.asConsequence());
  }

  private void undefinedOutput(String path, String output) {
    problems.add(
        Problem.error(
            ProblemCode.UNDEFINED_OUTPUT,
            path,
            "",
            output,
            "a computed value",
            "none",
            "output " + output + " is not computed by any node"));
  }

  private void define(Scope scope, String name, String by, String node, String path) {
    String before = scope.owner(name);
    if (before != null) {
      duplicate(path, node, name, before, by);
    }
    scope.definedBy.putIfAbsent(name, by);
  }

  private void duplicate(String path, String node, String name, String before, String by) {
    problems.add(
        Problem.error(
            ProblemCode.DUPLICATE_VALUE,
            path,
            node,
            name,
            "one definition",
            "two",
            "value " + name + " is defined by " + before + " and again by " + by));
  }

  private void empty(String path, String what) {
    problems.add(
        Problem.error(
            ProblemCode.EMPTY_NAME, path, "", "", "a name", "none", what + " has no name"));
  }

  private void quantization(QuantizationAnnotation annotation, Scope scope, String path) {
    List<String> names = new java.util.ArrayList<>();
    names.add(annotation.value());
    names.addAll(annotation.parameters().values());
    for (String name : names) {
      if (scope.owner(name) == null) {
        problems.add(
            Problem.error(
                ProblemCode.QUANTIZATION,
                path,
                "",
                name,
                "a defined value",
                "none",
                "the quantisation annotation of "
                    + annotation.value()
                    + " names "
                    + name
                    + ", which nothing defines"));
      }
    }
  }
}
