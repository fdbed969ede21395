package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where the elements of a value go: through nodes that pass them on as they are, into the bodies of
 * If, Loop, Scan and SequenceMap, around their loops and out of them again.
 */
final class ElementFlow {
  /** Operators whose result has the elements of their first operand. */
  private static final Set<String> PASSING =
      Set.of(
          "Cast",
          "Concat",
          "ConcatFromSequence",
          "Expand",
          "Flatten",
          "Identity",
          "OptionalGetElement",
          "Reshape",
          "SequenceAt",
          "Slice",
          "Split",
          "Squeeze",
          "Tile",
          "Transpose",
          "Unsqueeze");

  private final Set<Place> seen = new HashSet<>();
  private final Deque<Place> open = new ArrayDeque<>();

  private ElementFlow() {}

  /**
   * A value as a graph sees it.
   *
   * @param graph one that defines the value, or takes it from around
   */
  record Place(GraphIndex graph, String value) {}

  /** An operand of a node with the elements in question. */
  record Use(GraphIndex graph, Node node, int operand) {}

  /** Shows all operands that have elements of a graph's input. */
  static void follow(GraphIndex graph, String input, Consumer<Use> action) {
    ElementFlow flow = new ElementFlow();
    flow.reach(graph, input);
    while (!flow.open.isEmpty()) {
      flow.leave(flow.open.remove(), action);
    }
  }

  private void reach(GraphIndex graph, String value) {
    Place place = new Place(graph, value);
    if (!value.isEmpty() && seen.add(place)) {
      open.add(place);
    }
  }

  private void leave(Place place, Consumer<Use> action) {
    GraphIndex graph = place.graph;
    String value = place.value;
    for (Node node : graph.consumers(value)) {
      for (int at = 0; at < node.inputs().size(); at++) {
        if (node.input(at).equals(value)) {
          action.accept(new Use(graph, node, at));
          enter(graph, node, at);
        }
      }
      for (Graph body : node.subgraphs()) {
        if (graph.inside(body).captures().contains(value)) {
          reach(graph.inside(body), value);
        }
      }
      if (passes(node, value)) {
        node.outputs().forEach(result -> reach(graph, result.name()));
      }
    }
    if (graph.isOutput(value)) {
      graph.outer().ifPresent(outer -> exit(place, outer));
    }
  }

  private static boolean passes(Node node, String value) {
    return node.domain().isEmpty()
        && PASSING.contains(node.opType())
        && (node.input(0).equals(value) || node.opType().equals("Concat"));
  }

  /** An operand of a node becomes an input of its bodies. */
  private void enter(GraphIndex graph, Node node, int operand) {
    for (Graph body : node.subgraphs()) {
      int input = Wiring.of(node, body).map(wiring -> wiring.input(operand)).orElse(-1);
      if (input >= 0 && input < body.inputs().size()) {
        reach(graph.inside(body), body.inputs().get(input).name());
      }
    }
  }

  /** An output of a body becomes one of its node, and an input of the body's next turn. */
  private void exit(Place place, GraphIndex outer) {
    Graph body = place.graph.graph();
    for (Node node : outer.graph().nodes()) {
      if (node.subgraphs().stream().anyMatch(graph -> outer.inside(graph) == place.graph)) {
        Wiring.of(node, body).ifPresent(wiring -> exit(place, outer, node, wiring));
      }
    }
  }

  private void exit(Place place, GraphIndex outer, Node node, Wiring wiring) {
    Graph body = place.graph.graph();
    List<Result> results = node.outputs();
    List<Output> outputs = body.outputs();
    for (int at = 0; at < outputs.size(); at++) {
      int result = at - wiring.conditions;
      if (outputs.get(at).name().equals(place.value) && result >= 0) {
        if (result < results.size()) {
          reach(outer, results.get(result).name());
        }
        int next = result + wiring.firstState;
        if (result < wiring.states && next < body.inputs().size()) {
          reach(place.graph, body.inputs().get(next).name());
        }
      }
    }
  }

  /**
   * How a body is connected to its node.
   *
   * @param firstOperand which operand is the body's input {@code firstState}; those after it follow
   * @param firstState the first of the body's inputs that an operand gives, iterations apart
   * @param states how many of the body's outputs are inputs of its next turn
   * @param conditions how many outputs of the body come before these
   */
  private record Wiring(int firstOperand, int firstState, int states, int conditions) {
    static Optional<Wiring> of(Node node, Graph body) {
      if (!node.domain().isEmpty()) {
        return Optional.empty();
      }
      int operands = node.inputs().size();
      return switch (node.opType()) {
        case "If" -> Optional.of(new Wiring(operands, 0, 0, 0));
        case "SequenceMap" -> Optional.of(new Wiring(0, 0, 0, 0));
        case "Loop" -> Optional.of(new Wiring(2, 2, operands - 2, 1));
        case "Scan" -> {
          // Before opset 9 the first operand is the lengths of the sequences.
          int first = operands > body.inputs().size() ? 1 : 0;
          long scans = node.intAttribute("num_scan_inputs", 0);
          yield Optional.of(new Wiring(first, 0, (int) (operands - first - scans), 0));
        }
        default -> Optional.empty();
      };
    }

    /** Which of the body's inputs an operand becomes; negative if it is none. */
    int input(int operand) {
      return operand < firstOperand ? -1 : operand - firstOperand + firstState;
    }
  }
}
