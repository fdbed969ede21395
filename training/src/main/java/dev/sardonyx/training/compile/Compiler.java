package dev.sardonyx.training.compile;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.training.Dl4jRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.normalization.ExactLrnGradient;
import org.deeplearning4j.nn.weights.WeightInit;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** From the IR to DL4J. */
public final class Compiler {
  private Compiler() {}

  /**
   * A network that computes values of a model.
   *
   * @param outputs names of values, intermediate ones included
   * @throws UnsupportedModelException naming node, operator and reason
   */
  public static CompiledNetwork forInference(Model model, List<String> outputs) {
    return compile(model, outputs, null, new NoOp(), 0);
  }

  /**
   * A network that can be trained; its last layer carries the loss.
   *
   * @param loss what to minimise, given labels as the loss function wants them
   * @param seed decides about dropout
   * @throws UnsupportedModelException naming node, operator and reason
   */
  public static CompiledNetwork forTraining(
      Model model, ILossFunction loss, IUpdater updater, long seed) {
    List<String> outputs = model.graph().outputs().stream().map(Output::name).toList();
    if (outputs.size() != 1) {
      throw new UnsupportedModelException(
          "Training takes a model with one output, and this one has " + outputs);
    }
    return compile(model, outputs, loss, updater, seed);
  }

  /**
   * Checks whether {@link #forInference} would succeed, at the cost of neither weights nor natives.
   *
   * @throws UnsupportedModelException if not, naming node, operator and reason
   */
  public static void check(Model model, List<String> outputs) {
    plan(new RequestedGraph(typed(model), outputs), outputs, null, new NoOp(), 0);
  }

  private static CompiledNetwork compile(
      Model model,
      List<String> outputs,
      @Nullable ILossFunction loss,
      IUpdater updater,
      long seed) {
    RequestedGraph graph = new RequestedGraph(typed(model), outputs);
    Plan plan = plan(graph, outputs, loss, updater, seed);
    Map<String, String> vertices = new HashMap<>();
    Map<String, Tensor> constants = new HashMap<>();
    for (String output : outputs) {
      Tensor constant = graph.constant(output);
      if (constant != null) {
        constants.put(output, constant);
      } else {
        vertices.put(output, plan.builder.output(output));
      }
    }
    if (vertices.isEmpty()) {
      throw new UnsupportedModelException(
          "There is nothing for DL4J to compute: " + outputs + " are constants");
    }
    String[] computed = vertices.values().stream().distinct().toArray(String[]::new);
    Dl4jRuntime.prepare();
    ComputationGraph network = new ComputationGraph(plan.target.setOutputs(computed).build());
    network.init();
    ExactLrnGradient.install(network);
    CompiledNetwork compiled =
        new CompiledNetwork(
            model,
            network,
            vertices,
            constants,
            List.copyOf(plan.builder.bindings()),
            List.copyOf(plan.builder.fixed()));
    compiled.loadWeights(graph::constant);
    return compiled;
  }

  /** The main graph with all types that can be inferred. */
  private static Graph typed(Model model) {
    boolean isTyped =
        model.graph().nodes().stream()
            .flatMap(node -> node.outputs().stream())
            .allMatch(result -> !result.isPresent() || result.type().isKnown());
    return isTyped ? model.graph() : ShapeInference.infer(model).model().graph();
  }

  /** All layers and vertices, and where their parameters are to come from. */
  private record Plan(NetworkBuilder builder, ComputationGraphConfiguration.GraphBuilder target) {}

  private static Plan plan(
      RequestedGraph graph,
      List<String> outputs,
      @Nullable ILossFunction loss,
      IUpdater updater,
      long seed) {
    check(graph, outputs, loss != null);
    ComputationGraphConfiguration.GraphBuilder target = configuration(updater, seed, loss != null);
    target.addInputs(graph.inputs().keySet());
    NetworkBuilder builder = new NetworkBuilder(graph, target, loss);
    for (Node node : graph.nodes()) {
      if (!builder.isDone(node)) {
        lower(node, builder);
      }
    }
    if (loss != null && !builder.hasLoss()) {
      builder.closeWithLoss(outputs.get(0), loss);
    }
    return new Plan(builder, target);
  }

  private static ComputationGraphConfiguration.GraphBuilder configuration(
      IUpdater updater, long seed, boolean training) {
    return new NeuralNetConfiguration.Builder()
        .seed(seed)
        .dataType(DataType.FLOAT)
        .updater(updater)
        .weightInit(WeightInit.ZERO)
        // Keeps the results of convolutions for the way back, which saves doing them twice.
        .cacheMode(training ? CacheMode.DEVICE : CacheMode.NONE)
        .trainingWorkspaceMode(WorkspaceMode.ENABLED)
        .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
        .graphBuilder();
  }

  private static void lower(Node node, NetworkBuilder builder) {
    Lowering lowering = Lowerings.of(node);
    if (lowering == null) {
      throw builder.refuse(node, "there is nothing like it");
    }
    lowering.lower(node, builder);
  }

  /** Everything that can be said without building anything. */
  private static void check(RequestedGraph graph, List<String> outputs, boolean training) {
    for (String output : outputs) {
      if (!graph.isKnown(output)) {
        throw new IllegalArgumentException("The model has no value '" + output + "'");
      }
    }
    List<Node> unknown = graph.nodes().stream().filter(n -> Lowerings.of(n) == null).toList();
    if (!unknown.isEmpty()) {
      throw new UnsupportedModelException(
          "DL4J cannot express %d of the model's nodes: %s%s"
              .formatted(
                  unknown.size(),
                  unknown.stream()
                      .limit(10)
                      .map(n -> "'" + n.label() + "' (" + n.operator() + ")")
                      .collect(Collectors.joining(", ")),
                  unknown.size() > 10 ? ", ..." : ""));
    }
    for (Input input : graph.inputs().values()) {
      if (!(input.type() instanceof TensorType type)
          || type.elementType() != ElementType.FLOAT
          || !type.shape().isRanked()
          || type.shape().rank() < 2) {
        throw new UnsupportedModelException(
            "DL4J takes inputs of floats whose first axis is the batch, and '%s' is %s"
                .formatted(input.name(), input.type()));
      }
    }
    if (training && graph.inputs().size() != 1) {
      throw new UnsupportedModelException(
          "Training takes a model with one input, and this one has " + graph.inputs().keySet());
    }
  }
}
