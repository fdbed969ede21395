package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes each node of a model past all rules about nodes and then to type inference, all at once: a
 * large graph does not fit the processor's cache.
 */
final class CheckWalk {
  private final List<Problem> problems;
  private final SignatureRules signatures;
  private final TensorRules tensors;
  private final DimensionRules dimensions;
  private final FileRules files;

  private CheckWalk(List<Problem> problems) {
    this.problems = problems;
    this.signatures = new SignatureRules(problems);
    this.tensors = new TensorRules(problems);
    this.dimensions = new DimensionRules(problems);
    this.files = new FileRules(problems);
  }

  /**
   * Checks all graphs and functions.
   *
   * @param problems where problems of structure go
   * @return problems of types
   */
  static List<Problem> through(Model model, Limits limits, List<Problem> problems) {
    CheckWalk walk = new CheckWalk(problems);
    model.functions().forEach(walk.signatures::add);
    Place main = new Place(model.graph().name(), model.opsetImports(), null);
    walk.files.model(model, main);
    ValueRules values = walk.begin(model.graph(), null, main);
    List<Problem> types =
        ShapeInference.infer(model, limits, node -> walk.node(node, values, main)).problems();
    values.end(model.graph());
    for (Function function : model.functions()) {
      walk.function(function);
    }
    for (TrainingInfo training : model.training()) {
      // Training graphs see the main graph's values.
      walk.graph(training.initialization(), values, main.inside("training/initialization"));
      walk.graph(training.algorithm(), values, main.inside("training/algorithm"));
    }
    return types;
  }

  private void function(Function function) {
    Place place = Place.of(function);
    ValueRules values = new ValueRules(function.asGraph(), null, place, problems);
    values.begin(function);
    function.nodes().forEach(node -> node(node, values, place));
    values.end(function);
  }

  private void graph(Graph graph, @Nullable ValueRules outer, Place place) {
    ValueRules values = begin(graph, outer, place);
    graph.nodes().forEach(node -> node(node, values, place));
    values.end(graph);
  }

  private ValueRules begin(Graph graph, @Nullable ValueRules outer, Place place) {
    ValueRules values = new ValueRules(graph, outer, place, problems);
    values.begin(graph);
    tensors.constants(graph, place);
    dimensions.graph(graph, place);
    files.graph(graph, place);
    return values;
  }

  private void node(Node node, ValueRules values, Place place) {
    values.uses(node);
    signatures.node(node, place);
    tensors.node(node, place);
    dimensions.results(node, place);
    files.node(node, place);
    // The node's bodies see what is defined before it, not its own results.
    for (Graph body : node.subgraphs()) {
      graph(body, values, place.inside(node.pathInside(place.path())));
    }
    values.results(node);
  }
}
