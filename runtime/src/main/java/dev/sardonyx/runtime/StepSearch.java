package dev.sardonyx.runtime;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which of the values that differ do so because of a step, such as that of {@code Floor}
 * between 2.9999 and 3.
 *
 * <p>A node's difference is one of steps if the reference evaluator gives each side's results for
 * that side's own inputs, so that neither has computed the node wrongly, and
 *
 * <ul>
 *   <li>the node jumps and all of its inputs agree within the tolerance: here a step lies between
 *       both sides; or
 *   <li>some of its inputs differ because of a step, and the others agree: it follows from that.
 * </ul>
 */
final class StepSearch {
  private final Expectations expectations;
  private final Map<String, Datum> constants = new HashMap<>();

  StepSearch(Expectations expectations) {
    this.expectations = expectations;
    for (Constant constant : expectations.model().graph().constants()) {
      constants.put(constant.name(), constant.data());
    }
  }

  /** Whether anything in the model jumps. */
  boolean isWorthwhile() {
    return expectations.model().graph().nodes().stream().anyMatch(expectations::jumps);
  }

  /**
   * What one side has of a batch.
   *
   * @param inputs of the model
   * @param values that the side gave
   */
  record Side(Map<String, ? extends Datum> inputs, Map<String, ? extends Datum> values) {}

  /**
   * What was found.
   *
   * @param across the names of values that differ because of a step
   * @param steps where a step lies between both sides, such as {@code 'f' (Floor)}
   */
  record Found(Set<String> across, List<String> steps) {}

  /**
   * Explains a batch.
   *
   * @param differing the names of values that differ by more than is allowed
   */
  Found explain(Side actual, Side expected, Set<String> differing, Expectations.Run run) {
    Found found = new Found(new HashSet<>(), new ArrayList<>());
    for (Node node : expectations.model().graph().nodes()) {
      List<String> results =
          node.outputs().stream().map(Result::name).filter(differing::contains).toList();
      if (results.isEmpty()) {
        continue;
      }
      boolean follows = node.dependencies().stream().anyMatch(found.across()::contains);
      boolean soundInputs =
          node.dependencies().stream()
              .noneMatch(name -> differing.contains(name) && !found.across().contains(name));
      if (soundInputs
          && (follows || expectations.jumps(node))
          && isRight(node, actual, results, run)
          && isRight(node, expected, results, run)) {
        found.across().addAll(results);
        if (!follows) {
          found.steps().add("'" + results.get(0) + "' (" + node.opType() + ")");
        }
      }
    }
    return found;
  }

  /** Whether a side gave what its own inputs of the node lead to. */
  private boolean isRight(Node node, Side side, List<String> results, Expectations.Run run) {
    Map<String, Datum> known = new HashMap<>();
    for (String name : node.dependencies()) {
      Datum value = valueOf(name, side);
      if (value == null) {
        return false;
      }
      known.put(name, value);
    }
    Map<String, Datum> right = computed(node, known, results);
    return results.stream()
        .allMatch(
            name -> {
              ValueStatistics statistics =
                  new ValueStatistics(name, ValueComparison.Kind.INTERMEDIATE);
              statistics.add(
                  0, side.values().get(name), right.get(name), run.allowance(name, true));
              return right.containsKey(name) && statistics.difference() == null;
            });
  }

  private @Nullable Datum valueOf(String name, Side side) {
    Datum value = side.values().get(name);
    value = value == null ? side.inputs().get(name) : value;
    return value == null ? constants.get(name) : value;
  }

  /** What the node gives by itself; nothing if it cannot be evaluated. */
  private Map<String, Datum> computed(Node node, Map<String, Datum> inputs, List<String> results) {
    Model model = expectations.model();
    List<Input> taken =
        inputs.entrySet().stream().map(e -> Input.of(e.getKey(), e.getValue().type())).toList();
    List<Output> given =
        results.stream().map(name -> Output.of(name, ValueType.unknown())).toList();
    Graph graph = Graph.of(model.graph().name(), taken, given, List.of(node), List.of());
    try (PreparedModel alone = new ReferenceBackend().prepare(model.withGraph(graph))) {
      return alone.run(inputs);
    } catch (RuntimeException e) {
      // Not to be evaluated, so nothing is known of it, and the difference counts.
      return Map.of();
    }
  }
}
