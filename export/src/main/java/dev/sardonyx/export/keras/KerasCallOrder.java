package dev.sardonyx.export.keras;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The order in which Keras makes the calls of a model: those with the longest way to an output come
 * first, and all calls of a layer count as far as its farthest. It matters since some layers take
 * the masks of their inputs away, which calls after them no longer see.
 */
final class KerasCallOrder {
  /** One call of one layer, by their indices. */
  record Step(int layer, int call) {}

  private KerasCallOrder() {}

  /**
   * @param outputs the calls that give the model's outputs
   * @param sources the calls whose results a call takes, in the order of its arguments
   * @return the place of each call; those that no output needs have none
   */
  static Map<Step, Integer> places(List<Step> outputs, Function<Step, List<Step>> sources) {
    List<Step> visited = visited(outputs, sources);
    Map<Step, Integer> depths = new LinkedHashMap<>();
    Map<Integer, Integer> layers = new HashMap<>();
    for (int i = visited.size() - 1; i >= 0; i--) {
      Step step = visited.get(i);
      int depth = layers.merge(step.layer(), depths.getOrDefault(step, 0), Math::max);
      depths.put(step, depth);
      for (Step source : sources.apply(step)) {
        depths.merge(source, depth + 1, Math::max);
      }
    }
    List<Step> order = new ArrayList<>(depths.keySet());
    order.sort(Comparator.comparing(depths::get, Comparator.reverseOrder()));
    Map<Step, Integer> places = new HashMap<>();
    order.forEach(step -> places.put(step, places.size()));
    return places;
  }

  /** All calls that the outputs need, each after those whose results it takes. */
  private static List<Step> visited(List<Step> outputs, Function<Step, List<Step>> sources) {
    record Visit(Step step, Iterator<Step> left) {}
    List<Step> visited = new ArrayList<>();
    Set<Step> seen = new HashSet<>();
    Deque<Visit> path = new ArrayDeque<>();
    for (Step output : outputs) {
      if (seen.add(output)) {
        path.push(new Visit(output, sources.apply(output).iterator()));
      }
      while (!path.isEmpty()) {
        Visit visit = path.element();
        if (!visit.left().hasNext()) {
          visited.add(path.pop().step());
          continue;
        }
        Step next = visit.left().next();
        if (seen.add(next)) {
          path.push(new Visit(next, sources.apply(next).iterator()));
        }
      }
    }
    return visited;
  }
}
