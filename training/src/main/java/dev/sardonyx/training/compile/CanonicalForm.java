package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.pass.ConstantFolding;
import dev.sardonyx.ir.pass.FixedDefaults;
import dev.sardonyx.ir.pass.FunctionInlining;
import dev.sardonyx.ir.pass.InferTypes;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.ReshapeChains;
import dev.sardonyx.ir.pass.TopologicalSort;
import dev.sardonyx.ir.pass.ZeroStates;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A model as files have it, in the form that the lowerings know: functions inlined, types inferred,
 * constants of every kind as initializers, shapes that are computed as constants. Nothing is fused
 * or folded into weights, for training wants all layers as they are.
 *
 * @param model the model itself if nothing had to be rewritten
 * @param graph its graph with all types that can be inferred
 */
record CanonicalForm(Model model, Graph graph) {
  private static final Pass REWRITES =
      new FixedDefaults()
          .andThen(new TopologicalSort())
          .andThen(new FunctionInlining())
          .andThen(
              new ConstantFolding()
                  .andThen(new ReshapeChains())
                  .andThen(new ZeroStates())
                  .andThen(ResizeScales.pass())
                  .andThen(new InferTypes())
                  .fixpoint());

  /**
   * The canonical form of a model.
   *
   * @param kept names of values that must stay to be seen, besides the outputs
   */
  static CanonicalForm of(Model model, Collection<String> kept) {
    Model typed = typed(model);
    PassResult rewritten = REWRITES.apply(keeping(typed, kept));
    if (!rewritten.isChanged()) {
      return new CanonicalForm(model, typed.graph());
    }
    Graph graph = rewritten.model().graph().withOutputs(model.graph().outputs());
    return new CanonicalForm(rewritten.model().withGraph(graph), graph);
  }

  private static Model typed(Model model) {
    boolean isTyped =
        model.graph().nodes().stream()
            .flatMap(node -> node.outputs().stream())
            .allMatch(result -> !result.isPresent() || result.type().isKnown());
    return isTyped ? model : ShapeInference.infer(model).model();
  }

  /** The model with the values to keep among its outputs, where passes leave them alone. */
  private static Model keeping(Model model, Collection<String> kept) {
    Map<String, Output> outputs =
        model.graph().outputs().stream()
            .collect(Collectors.toMap(Output::name, Function.identity(), (a, b) -> a));
    Set<String> others = new LinkedHashSet<>(kept);
    others.removeAll(outputs.keySet());
    if (others.isEmpty()) {
      return model;
    }
    List<Output> all = new ArrayList<>(model.graph().outputs());
    others.forEach(name -> all.add(Output.of(name, ValueType.unknown())));
    return model.withGraph(model.graph().withOutputs(all));
  }

  /** With a copy for each node of vectors that are shared by chance. */
  @SuppressWarnings("ReferenceEquality") // the very same object means: not changed
  CanonicalForm unshared() {
    Graph apart = Unsharing.of(graph);
    return apart == graph ? this : new CanonicalForm(model.withGraph(apart), apart);
  }

  /** The graph as far as some values depend on it. */
  RequestedGraph requested(Collection<String> values) {
    return new RequestedGraph(graph, model.opset("").orElse(1), values);
  }
}
