package dev.sardonyx.export;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which of a graph's values get an entry in {@code value_info}. */
final class ValueInfos {
  private ValueInfos() {}

  /** The present results of the graph's nodes by name, in order. */
  static Map<String, Result> results(Graph graph) {
    Map<String, Result> results = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      for (Result result : node.outputs()) {
        if (result.isPresent()) {
          results.putIfAbsent(result.name(), result);
        }
      }
    }
    return results;
  }

  /**
   * Names of the results that are declared unless the file had it otherwise: those of which
   * something is known, save the graph's outputs, which have their own declarations.
   */
  static List<String> defaultOrder(Graph graph) {
    Set<String> outputs = new HashSet<>();
    for (Output output : graph.outputs()) {
      outputs.add(output.name());
    }
    List<String> names = new ArrayList<>();
    for (Result result : results(graph).values()) {
      if (!outputs.contains(result.name())
          && (result.type().isKnown() || !result.metadata().isEmpty())) {
        names.add(result.name());
      }
    }
    return names;
  }
}
