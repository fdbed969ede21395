package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Gives what nodes compute the names that it had where it was read from. */
public final class GivenNames {
  private GivenNames() {}

  /**
   * The model under other names; values that have such a name by chance make way.
   *
   * @param outputs the names of the graph's outputs
   * @param values other values, by the names they had
   */
  public static Model of(Model model, List<String> outputs, Map<String, Value> values) {
    Graph graph = model.graph();
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      names.put(graph.outputs().get(i).name(), outputs.get(i));
    }
    values.forEach(
        (name, value) -> {
          if (value instanceof Result && !outputs.contains(name)) {
            names.putIfAbsent(value.name(), name);
          }
        });
    Set<String> taken = new HashSet<>(names.values());
    for (String value : names(graph)) {
      if (taken.contains(value) && !names.containsKey(value)) {
        String other = value + "'";
        while (!taken.add(other)) {
          other += "'";
        }
        names.put(value, other);
      }
    }
    return model.withGraph(Renaming.of(names).graph(graph));
  }

  /** All values but inputs, whose names stay. */
  private static List<String> names(Graph graph) {
    return Stream.concat(
            graph.constants().stream().map(Constant::name),
            graph.nodes().stream().flatMap(n -> n.outputs().stream()).map(Result::name))
        .toList();
  }
}
