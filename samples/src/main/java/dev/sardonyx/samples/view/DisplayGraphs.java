package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All graphs of a model as they are drawn.
 *
 * @param graphs the main graph first, then functions and subgraphs
 * @param weights the constants that nodes use, each once
 */
record DisplayGraphs(List<DisplayGraph> graphs, List<Weight> weights) {
  /** A constant, under the name by which it was met first. */
  record Weight(String name, TensorData data) {}

  DisplayGraphs {
    graphs = List.copyOf(graphs);
    weights = List.copyOf(weights);
  }

  /**
   * The graphs of a model; types it lacks are inferred.
   *
   * @param marks what is written into the boxes of nodes as well
   */
  static DisplayGraphs of(Model model, Marks marks) {
    return Nesting.follow(model, () -> new Shared(model, marks).build());
  }

  /** What the graphs of a model have in common. */
  static final class Shared {
    private final Model model;
    private final Marks marks;
    private final List<@Nullable DisplayGraph> graphs = new ArrayList<>();
    private final List<Weight> weights = new ArrayList<>();
    private final IdentityHashMap<TensorData, Integer> weightNumbers = new IdentityHashMap<>();
    private final Map<OperatorName, DisplayGraph.Body> functions = new LinkedHashMap<>();

    Shared(Model model, Marks marks) {
      this.marks = marks;
      this.model = ShapeInference.infer(model).model();
    }

    DisplayGraphs build() {
      graphs.add(null);
      for (Function function : model.functions()) {
        graphs.add(null);
        functions.putIfAbsent(
            OperatorName.of(function),
            new DisplayGraph.Body("function", graphs.size() - 1, function.nodes().size(), true));
      }
      set(0, "main", model.graph().name(), GraphIndex.of(model.graph()), model.opsetImports());
      for (int i = 0; i < model.functions().size(); i++) {
        Function function = model.functions().get(i);
        String operator = function.operator();
        set(
            i + 1,
            "function " + operator,
            operator,
            GraphIndex.of(function),
            function.opsetImports());
      }
      return new DisplayGraphs(graphs.stream().map(Objects::requireNonNull).toList(), weights);
    }

    private void set(
        int number, String path, String title, GraphIndex index, List<OpsetImport> imports) {
      DisplayGraph drawn = new DisplayGraphBuilder(this, path, title, index, imports).build();
      graphs.set(number, drawn.withRoot(Clustering.of(drawn)));
    }

    /** Makes a further graph, and gives its number. */
    int add(String path, String title, GraphIndex index, List<OpsetImport> imports) {
      int number = graphs.size();
      graphs.add(null);
      set(number, path, title, index, imports);
      return number;
    }

    /** The number of a constant. */
    int weight(String name, TensorData data) {
      return weightNumbers.computeIfAbsent(
          data,
          d -> {
            weights.add(new Weight(name, d));
            return weights.size() - 1;
          });
    }

    /** The function that a node calls. */
    Optional<DisplayGraph.Body> function(Node node) {
      return functions.isEmpty()
          ? Optional.empty()
          : Optional.ofNullable(functions.get(OperatorName.of(node)));
    }

    Marks marks() {
      return marks;
    }
  }
}
