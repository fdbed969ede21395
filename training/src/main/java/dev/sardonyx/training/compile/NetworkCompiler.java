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
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
import org.nd4j.linalg.learning.config.NoOp;

/** From the IR to DL4J. */
public final class NetworkCompiler {
  private NetworkCompiler() {}

  /**
   * A network that computes values of a model.
   *
   * @param outputs names of values, intermediate ones included
   * @throws UnsupportedModelException naming node, operator and reason
   */
  public static CompiledNetwork forInference(Model model, List<String> outputs) {
    return compile(model, outputs, null);
  }

  /**
   * A network that can be trained; its last layer carries the loss.
   *
   * @throws UnsupportedModelException naming node, operator and reason
   */
  public static CompiledNetwork forTraining(Model model, TrainingMethod method) {
    List<String> outputs = model.graph().outputs().stream().map(Output::name).toList();
    if (outputs.size() != 1) {
      throw new UnsupportedModelException(
          "Training takes a model with one output, and this one has " + outputs);
    }
    return compile(model, outputs, method);
  }

  /**
   * Checks whether {@link #forInference} would succeed, at the cost of neither weights nor natives.
   *
   * @throws UnsupportedModelException if not, naming node, operator and reason
   */
  public static void check(Model model, List<String> outputs) {
    plan(new RequestedGraph(typed(model), outputs), outputs, null);
  }

  private static CompiledNetwork compile(
      Model model, List<String> outputs, @Nullable TrainingMethod method) {
    RequestedGraph graph = new RequestedGraph(typed(model), outputs);
    Plan plan = plan(graph, outputs, method);
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
      RequestedGraph graph, List<String> outputs, @Nullable TrainingMethod method) {
    check(graph, outputs, method != null);
    ComputationGraphConfiguration.GraphBuilder target = configuration(method);
    target.addInputs(graph.inputs().keySet());
    Set<Node> frozen = method == null ? Set.of() : frozen(graph, outputs, method.frozenUntil());
    NetworkBuilder builder =
        new NetworkBuilder(graph, target, method == null ? null : method.loss(), frozen);
    for (Node node : graph.nodes()) {
      if (!builder.isDone(node)) {
        builder.begin(node);
        lower(node, builder);
      }
    }
    builder.begin(null);
    if (method != null && !frozen.isEmpty() && !builder.learns()) {
      throw new IllegalArgumentException(
          "Frozen until %s, the model has nothing left to learn"
              .formatted(new TreeSet<>(method.frozenUntil())));
    }
    if (method != null && !builder.hasLoss()) {
      builder.closeWithLoss(outputs.get(0), method.loss());
    }
    return new Plan(builder, target);
  }

  /** The nodes that compute some values, by identity; their results are not all in use. */
  private static Set<Node> frozen(RequestedGraph graph, List<String> outputs, Set<String> until) {
    Set<Node> frozen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<String> left = new ArrayDeque<>(until);
    until.forEach(value -> requireResult(graph, value));
    while (!left.isEmpty()) {
      String value = left.remove();
      if (outputs.contains(value)) {
        throw new IllegalArgumentException(
            "Frozen until its output '" + value + "', the model has nothing left to learn");
      }
      graph
          .producer(value)
          .filter(frozen::add)
          .ifPresent(node -> node.dependencies().forEach(left::add));
    }
    return frozen;
  }

  private static void requireResult(RequestedGraph graph, String value) {
    if (!graph.isKnown(value)) {
      throw new IllegalArgumentException("The model has no value '" + value + "' to freeze");
    }
    if (graph.isConstant(value) || graph.producer(value).isEmpty()) {
      throw new IllegalArgumentException(
          "The value '"
              + value
              + "' to freeze is computed from nothing; name the result of the last node whose"
              + " weights are to stay");
    }
  }

  private static ComputationGraphConfiguration.GraphBuilder configuration(
      @Nullable TrainingMethod method) {
    NeuralNetConfiguration.Builder target =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.FLOAT)
            .weightInit(WeightInit.ZERO)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED);
    if (method == null) {
      return target.seed(0).updater(new NoOp()).cacheMode(CacheMode.NONE).graphBuilder();
    }
    if (method.l1() > 0) {
      target.l1(method.l1());
    }
    if (method.l2() > 0) {
      target.l2(method.l2());
    }
    if (method.weightDecay() > 0) {
      target.weightDecay(method.weightDecay());
    }
    return target
        .seed(method.seed())
        .updater(method.updater())
        .gradientNormalization(method.gradientNormalization())
        .gradientNormalizationThreshold(method.gradientThreshold())
        // Keeps the results of convolutions for the way back, which saves doing them twice.
        .cacheMode(CacheMode.DEVICE)
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
