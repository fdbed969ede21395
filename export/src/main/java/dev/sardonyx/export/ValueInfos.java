package dev.sardonyx.export;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which of a graph's values get an entry in {@code value_info}. */
final class ValueInfos {
  private ValueInfos() {}

  /** The results of the graph's nodes that are not left out, by name, in order. */
  static Map<String, Result> results(Graph graph) {
    Map<String, Result> results = new LinkedHashMap<>(graph.nodes().size() * 2);
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
   * The results that are declared, unless the file had others: those whose type is known or that
   * have metadata, except the graph's outputs, which are declared themselves.
   */
  static List<Result> defaultOrder(Graph graph, Map<String, Result> results) {
    Set<String> outputs = new HashSet<>();
    for (Output output : graph.outputs()) {
      outputs.add(output.name());
    }
    List<Result> declared = new ArrayList<>(results.size());
    for (Result result : results.values()) {
      if ((isWorthTelling(result) || !result.metadata().isEmpty())
          && !outputs.contains(result.name())) {
        declared.add(result);
      }
    }
    return declared;
  }

  /** Whether the result's type is one that readers accept, or was in the file. */
  private static boolean isWorthTelling(Result result) {
    return result.type().isKnown()
        && (FileFaults.hasElementType(result.type()) || result.metadata().residue() != null);
  }

  /**
   * The types of all values: those of results, inputs and constants, otherwise those of the
   * outputs.
   */
  static Map<String, ValueType> types(Graph graph, Map<String, Result> results) {
    Map<String, ValueType> types = new HashMap<>();
    graph.outputs().forEach(output -> types.put(output.name(), output.type()));
    graph.constants().forEach(constant -> types.put(constant.name(), constant.type()));
    graph.inputs().forEach(input -> types.put(input.name(), input.type()));
    results.forEach((name, result) -> types.put(name, result.type()));
    return types;
  }
}
