package dev.sardonyx.training.compile;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.training.Dl4jRuntime;
import dev.sardonyx.training.onednn.OneDnnGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
  private static final Set<ElementType> INPUTS =
      Set.of(ElementType.FLOAT, ElementType.INT32, ElementType.INT64);

  private NetworkCompiler() {}

  /**
   * A network that computes values of a model.
   *
   * @param outputs names of values, intermediate ones included
   * @throws UnsupportedModelException naming every node that cannot be expressed, and the reasons
   */
  public static CompiledNetwork forInference(Model model, List<String> outputs) {
    return compile(model, outputs, null);
  }

  /**
   * A network that can be trained; its last layers carry the losses. Its inputs and outputs are the
   * model's, in the model's order.
   *
   * @throws UnsupportedModelException naming every node that cannot be expressed, and the reasons
   */
  public static CompiledNetwork forTraining(Model model, TrainingMethod method) {
    List<String> outputs = model.graph().outputs().stream().map(Output::name).toList();
    if (outputs.size() != method.losses().size()) {
      throw new IllegalArgumentException(
          "The model has the outputs %s, so its training takes as many losses, not %d"
              .formatted(outputs, method.losses().size()));
    }
    return compile(model, outputs, method);
  }

  /**
   * Checks whether {@link #forInference} would succeed, at the cost of neither weights nor natives.
   *
   * @throws UnsupportedModelException if not, naming every node and the reasons
   */
  public static void check(Model model, List<String> outputs) {
    requireValues(model, outputs);
    plan(CanonicalForm.of(model, outputs).requested(outputs), outputs, null);
  }

  private static CompiledNetwork compile(
      Model model, List<String> outputs, @Nullable TrainingMethod method) {
    List<String> kept = new ArrayList<>(outputs);
    if (method != null) {
      kept.addAll(method.frozenUntil());
    }
    requireValues(model, outputs);
    CanonicalForm form = CanonicalForm.of(model, kept);
    if (method != null) {
      form = form.unshared();
    }
    RequestedGraph graph = form.requested(outputs);
    Plan plan = plan(graph, outputs, method);
    Map<String, HeldValue> vertices = new HashMap<>();
    Map<String, Tensor> constants = new HashMap<>();
    List<String> computed = new ArrayList<>();
    for (String output : outputs) {
      Tensor constant = graph.constant(output);
      if (constant != null && method == null) {
        constants.put(output, constant);
      } else {
        HeldValue found = method == null ? plan.builder.output(output) : loss(output, plan.builder);
        vertices.put(output, found);
        computed.add(found.vertex());
      }
    }
    Dl4jRuntime.prepare();
    ComputationGraphConfiguration configuration =
        plan.target.setOutputs(computed.stream().distinct().toArray(String[]::new)).build();
    ComputationGraph network =
        method == null ? new ComputationGraph(configuration) : new OneDnnGraph(configuration);
    network.init();
    ExactLrnGradient.install(network);
    CompiledNetwork compiled =
        new CompiledNetwork(
            form.model(),
            network,
            vertices,
            constants,
            plan.builder.parameters().bindings(),
            plan.builder.parameters().fixedParameters(),
            plan.builder.parameters().untrained());
    compiled.loadWeights(graph::constant);
    return compiled;
  }

  private static HeldValue loss(String output, NetworkBuilder builder) {
    try {
      return builder.losses().of(output, builder);
    } catch (NodeRefusal e) {
      throw new UnsupportedModelException(NodeRefusal.message(List.of(e)));
    }
  }

  /** All layers and vertices, and where their parameters are to come from. */
  private record Plan(NetworkBuilder builder, ComputationGraphConfiguration.GraphBuilder target) {}

  private static Plan plan(
      RequestedGraph graph, List<String> outputs, @Nullable TrainingMethod method) {
    if (method == null && outputs.stream().allMatch(graph::isConstant)) {
      throw new UnsupportedModelException(
          "There is nothing for DL4J to compute: " + outputs + " are constants");
    }
    // DL4J refuses an input that nothing reads, such as a shape that is known without it.
    List<Input> inputs =
        graph.inputs().values().stream()
            .filter(i -> method != null || graph.isRead(i.name()) || graph.isRequested(i.name()))
            .toList();
    check(inputs, outputs);
    ComputationGraphConfiguration.GraphBuilder target = configuration(method);
    target.addInputs(inputs.stream().map(Input::name).toList());
    Set<Node> frozen = method == null ? Set.of() : frozen(graph, outputs, method.frozenUntil());
    NetworkBuilder builder = new NetworkBuilder(graph, target, losses(outputs, method), frozen);
    List<NodeRefusal> refusals = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!builder.isDone(node)) {
        builder.begin(node);
        try {
          lower(node, builder);
        } catch (NodeRefusal e) {
          refusals.add(e);
          builder.markDone(e.node());
        } catch (MissingValueException e) {
          // Follows from a refusal before.
        }
      }
    }
    builder.begin(null);
    if (!refusals.isEmpty()) {
      throw new UnsupportedModelException(NodeRefusal.message(refusals));
    }
    requireFloats(graph, outputs);
    if (!frozen.isEmpty() && method != null && !builder.parameters().learns()) {
      throw new IllegalArgumentException(
          "Frozen until %s, the model has nothing left to learn"
              .formatted(new TreeSet<>(method.frozenUntil())));
    }
    return new Plan(builder, target);
  }

  private static Map<String, OutputLoss> losses(
      List<String> outputs, @Nullable TrainingMethod method) {
    Map<String, OutputLoss> losses = new LinkedHashMap<>();
    for (int i = 0; method != null && i < outputs.size(); i++) {
      losses.put(outputs.get(i), method.losses().get(i));
    }
    return losses;
  }

  /** The nodes that the given values depend on, compared by identity. */
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
      throw new NodeRefusal(node, "there is nothing like it");
    }
    if (!Lowerings.isMove(node) && node.hasOutput(0)) {
      ElementType other = builder.otherThanFloat(node.output(0).name());
      if (other != null) {
        throw new NodeRefusal(node, "DL4J computes with floats only, not with " + other);
      }
    }
    lowering.lower(node, builder);
  }

  private static void requireValues(Model model, List<String> outputs) {
    GraphIndex index = GraphIndex.of(model.graph());
    for (String output : outputs) {
      if (!index.has(output)) {
        throw new IllegalArgumentException("The model has no value '" + output + "'");
      }
    }
  }

  /** DL4J's arrays of numbers, whose first axis is the batch. */
  private static void check(List<Input> inputs, List<String> outputs) {
    for (Input input : inputs) {
      if (!(input.type() instanceof TensorType type)
          || !INPUTS.contains(type.elementType())
          || !type.shape().isRanked()
          || type.shape().rank() < (type.elementType() == ElementType.FLOAT ? 2 : 1)) {
        throw new UnsupportedModelException(
            "DL4J takes inputs of floats or whole numbers whose first axis is the batch, and '%s' is %s"
                .formatted(input.name(), input.type()));
      }
    }
    if (inputs.isEmpty()) {
      throw new UnsupportedModelException(
          "DL4J computes from inputs, and " + outputs + " depend on none");
    }
  }

  private static void requireFloats(RequestedGraph graph, List<String> outputs) {
    for (String output : outputs) {
      ElementType other = graph.isConstant(output) ? null : graph.otherThanFloat(output);
      if (other != null) {
        throw new UnsupportedModelException(
            "DL4J computes with floats only, and the output '%s' is %s".formatted(output, other));
      }
    }
  }
}
