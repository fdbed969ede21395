package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.internal.NameIndex;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules about the names of values in one graph or function's body: each is defined once, before it
 * is used, and what the graph gives back exists.
 */
final class ValueRules {
  // What defines a value, if it is not the node at that position.
  private static final int INPUT = -1;
  private static final int FUNCTION_INPUT = -2;
  private static final int CONSTANT = -3;

  private final Graph graph;
  private final List<Node> nodes;
  private final @Nullable ValueRules outer;
  private final String path;
  private final List<Problem> problems;

  private final NameIndex values;
  private int[] definers;
  private final NameIndex nodeNames;
  private int next;
  private final Set<String> reported = new HashSet<>();

  /** Only made to tell what is wrong with a use. */
  private @Nullable GraphIndex index;

  private @Nullable Cycles cycles;

  /**
   * Rules for a graph of which nothing is defined yet.
   *
   * @param outer those of the graph around it, or null
   */
  ValueRules(Graph graph, @Nullable ValueRules outer, Place place, List<Problem> problems) {
    this.graph = graph;
    this.nodes = graph.nodes();
    this.outer = outer;
    this.path = place.path();
    this.problems = problems;
    this.values = NameIndex.of(nodes.size());
    this.definers = new int[nodes.size() + 8];
    this.nodeNames = NameIndex.of(nodes.size());
  }

  /** Whether a value is defined so far, here or around. */
  private boolean isDefined(String name) {
    for (ValueRules graph = this; graph != null; graph = graph.outer) {
      if (graph.values.contains(name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether an undefined name is met for the first time; later uses follow from it. */
  private boolean report(String name) {
    for (ValueRules graph = outer; graph != null; graph = graph.outer) {
      if (graph.reported.contains(name)) {
        return false;
      }
    }
    return reported.add(name);
  }

  /** Defines a function's inputs. */
  void begin(Function function) {
    function.inputs().forEach(i -> put(i, FUNCTION_INPUT));
  }

  /** Checks a function's outputs, after its nodes. */
  void end(Function function) {
    for (String output : function.outputs()) {
      if (!isDefined(output)) {
        undefinedOutput(output);
      }
    }
  }

  /** Defines a graph's inputs and initializers. */
  void begin(Graph graph) {
    for (Input input : graph.inputs()) {
      if (input.name().isEmpty()) {
        empty("a graph input");
      }
      define(input.name(), INPUT);
    }
    NameIndex constants = NameIndex.of(graph.constants().size());
    for (Constant constant : graph.constants()) {
      if (constant.name().isEmpty()) {
        empty("an initializer");
      } else if (!constants.addNew(constant.name())) {
        duplicate(constant.name(), described(CONSTANT), CONSTANT);
      } else if (!values.contains(constant.name())) { // else it is an input's default
        define(constant.name(), CONSTANT);
      }
    }
  }

  /** Checks a graph's outputs and annotations, after its nodes. */
  void end(Graph graph) {
    for (Output output : graph.outputs()) {
      if (output.name().isEmpty()) {
        empty("a graph output");
      } else if (!isDefined(output.name())) {
        undefinedOutput(output.name());
      }
    }
    graph.quantization().forEach(this::quantization);
  }

  /** Checks the name and the inputs of the next node. */
  void uses(Node node) {
    next++;
    if (!node.name().isEmpty() && !nodeNames.addNew(node.name())) {
      problems.add(
          Problem.error(
              ProblemCode.DUPLICATE_NODE_NAME,
              path,
              node.label(),
              node.name(),
              "a unique name",
              "two nodes",
              "two nodes have the name " + node.name()));
    }
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !isDefined(input)) {
        undefined(node, input);
      }
    }
  }

  /** Defines the results of a node. */
  void results(Node node) {
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        define(result.name(), next - 1);
      }
    }
  }

  /** Tells values that come too late, here or for a node around, from those that never do. */
  private void undefined(Node node, String input) {
    for (ValueRules graph = this; graph != null; graph = graph.outer) {
      int producer = graph.index().producerPosition(input);
      if (producer != GraphIndex.NONE) {
        graph.early(graph.next - 1, producer, input);
        return;
      }
    }
    Problem problem =
        Problem.error(
            ProblemCode.UNDEFINED_VALUE,
            path,
            node.label(),
            input,
            "a defined value",
            "none",
            "node " + node.label() + " uses " + input + ", which nothing defines");
    problems.add(report(input) ? problem : problem.asConsequence());
  }

  private GraphIndex index() {
    GraphIndex made = index == null ? GraphIndex.of(graph) : index;
    index = made;
    return made;
  }

  private Cycles cycles() {
    Cycles found = cycles == null ? Cycles.of(index()) : cycles;
    cycles = found;
    return found;
  }

  /** A node that stands before its producer: in a cycle with it, or merely out of order. */
  private void early(int at, int producer, String value) {
    Node node = nodes.get(at);
    Cycles cycles = cycles();
    if (cycles.connects(at, producer)) {
      if (cycles.report(at)) {
        Deque<String> labels = new ArrayDeque<>();
        cycles.members(at).forEach(i -> labels.add(nodes.get(i).label()));
        problems.add(
            Problem.error(
                ProblemCode.CYCLE,
                path,
                node.label(),
                value,
                "no cycle",
                String.join(", ", labels),
                "these nodes depend on each other in a cycle: "
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
    problems.add(report(value) ? problem : problem.asConsequence());
  }

  private void undefinedOutput(String output) {
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

  private void define(String name, int by) {
    boolean isNew = put(name, by);
    for (ValueRules graph = isNew ? outer : this; graph != null; graph = graph.outer) {
      int before = graph.values.find(name);
      if (before != NameIndex.NONE) {
        duplicate(name, graph.described(graph.definers[before]), by);
        break;
      }
    }
  }

  /** The first definition stays. */
  private boolean put(String name, int by) {
    int number = values.size();
    if (values.add(name) != number) {
      return false;
    }
    if (number == definers.length) {
      definers = Arrays.copyOf(definers, 2 * number);
    }
    definers[number] = by;
    return true;
  }

  private String described(int definer) {
    return switch (definer) {
      case INPUT -> "graph input";
      case FUNCTION_INPUT -> "function input";
      case CONSTANT -> "initializer";
      default -> nodes.get(definer).label();
    };
  }

  private void duplicate(String name, String before, int by) {
    problems.add(
        Problem.error(
            ProblemCode.DUPLICATE_VALUE,
            path,
            by < 0 ? "" : nodes.get(by).label(),
            name,
            "one definition",
            "two",
            "value " + name + " is defined by " + before + " and again by " + described(by)));
  }

  private void empty(String what) {
    problems.add(
        Problem.error(
            ProblemCode.EMPTY_NAME, path, "", "", "a name", "none", what + " has no name"));
  }

  private void quantization(QuantizationAnnotation annotation) {
    List<String> names = new ArrayList<>();
    names.add(annotation.value());
    names.addAll(annotation.parameters().values());
    for (String name : names) {
      if (!isDefined(name)) {
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
