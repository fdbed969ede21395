package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Symbolic dimensions of a model's inputs, which a session may fix. */
final class FreeDimensions {
  private FreeDimensions() {}

  /**
   * The model with the sizes that symbolic dimensions of its inputs are to have.
   *
   * @throws IllegalArgumentException if no input has one of them
   */
  static Model fixed(Model model, Map<String, Long> sizes) {
    if (sizes.isEmpty()) {
      return model;
    }
    Graph graph = model.graph();
    requireSymbols(sizes.keySet(), graph);
    Map<String, Dim> dims = new HashMap<>();
    sizes.forEach((name, size) -> dims.put(name, Dim.of(size)));
    List<Input> inputs =
        graph.inputs().stream().map(i -> i.withType(substituted(i.type(), dims))).toList();
    List<Output> outputs =
        graph.outputs().stream().map(o -> o.withType(substituted(o.type(), dims))).toList();
    return model.withGraph(graph.withInputs(inputs).withOutputs(outputs));
  }

  /** A misspelt name would leave the dimension open without a word. */
  private static void requireSymbols(Set<String> names, Graph graph) {
    Set<String> symbols = new LinkedHashSet<>();
    for (Input input : graph.inputs()) {
      if (input.type() instanceof TensorType tensor && tensor.shape().isRanked()) {
        tensor.shape().dims().forEach(dim -> symbols.addAll(dim.symbols()));
      }
    }
    for (String name : names) {
      if (!symbols.contains(name)) {
        throw new IllegalArgumentException(
            "No input of model '%s' has a dimension '%s'; there are %s"
                .formatted(graph.name(), name, symbols));
      }
    }
  }

  private static ValueType substituted(ValueType type, Map<String, Dim> sizes) {
    return type instanceof TensorType tensor && tensor.shape().isRanked()
        ? tensor.withShape(tensor.shape().map(dim -> dim.substitute(sizes)))
        : type;
  }
}
