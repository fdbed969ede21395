package dev.sardonyx.training.read;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;

/** From a network taken apart to a model. */
final class NetworkReader {
  private final NetworkPlan plan;
  private final GraphBuilder b;
  private final Map<String, Value> values = new HashMap<>();
  private final List<Value> networkInputs = new ArrayList<>();

  private NetworkReader(NetworkPlan plan) {
    this.plan = plan;
    this.b = GraphBuilder.of(plan.name());
  }

  /**
   * The network as a model; its values that are layers' results have the layers' names.
   *
   * @param types of all inputs, or empty for what the network tells
   * @throws UnsupportedModelException naming every layer that cannot be read, its class and the
   *     reason
   */
  static Model read(NetworkPlan plan, List<InputType> types) {
    if (!types.isEmpty() && types.size() != plan.inputs().size()) {
      throw new IllegalArgumentException(
          "The network has the inputs %s, and there are %d input types"
              .formatted(plan.inputs(), types.size()));
    }
    refuse(plan);
    return new NetworkReader(plan).model(types);
  }

  private static void refuse(NetworkPlan plan) {
    List<RefusedPart> refused = new ArrayList<>();
    for (NetworkStep step : plan.steps()) {
      for (Object part : step.parts()) {
        Readings.whyNot(part)
            .ifPresent(
                reason -> refused.add(new RefusedPart(step.name(), part.getClass(), reason)));
      }
      refuseOverwritten(plan, step, refused);
    }
    if (!refused.isEmpty()) {
      throw RefusedPart.exception(refused, plan.steps().size());
    }
  }

  /**
   * Some layers write their result over their input at inference: always over an input of the
   * network, and over any input if there are no workspaces. Whatever else reads that input later
   * gets other values than in training, so such a layer is refused.
   */
  private static void refuseOverwritten(
      NetworkPlan plan, NetworkStep step, List<RefusedPart> refused) {
    if (step.parts().size() > 1 || !overwritesInput(step.main())) {
      return;
    }
    String input = step.inputs().get(0);
    boolean isOverwritten = plan.inputs().contains(input) || !plan.keepsInputs();
    if (isOverwritten && plan.consumers(input).size() > 1) {
      refused.add(
          new RefusedPart(
              step.name(),
              step.main().getClass(),
              "DL4J writes its result over '%s', which others read, too, so its outputs depend on the order; put a ScaleVertex(1) before it"
                  .formatted(input)));
    }
  }

  private static boolean overwritesInput(Object layer) {
    return layer instanceof ActivationLayer || layer instanceof PReLULayer;
  }

  private Model model(List<InputType> types) {
    for (String input : plan.inputs()) {
      Shape shape = InputShapes.of(plan, input, types);
      Value value = b.input(input, TensorType.of(ElementType.FLOAT, shape));
      values.put(input, value);
      networkInputs.add(value);
    }
    for (NetworkStep step : plan.steps()) {
      values.put(step.name(), read(step));
    }
    for (String output : plan.outputs()) {
      b.output(value(output));
    }
    return named(b.buildModel());
  }

  private Value value(String name) {
    return Objects.requireNonNull(values.get(name), () -> "There is no layer '" + name + "'");
  }

  private Value read(NetworkStep step) {
    List<Value> inputs = step.inputs().stream().map(this::value).toList();
    return b.scope(
        step.name(),
        () -> {
          List<Value> given = inputs;
          for (Object part : step.parts()) {
            given = List.of(read(step, part, given));
          }
          return given.get(0);
        });
  }

  private Value read(NetworkStep step, Object part, List<Value> inputs) {
    Site site = new Site(step.name(), part.getClass(), b, networkInputs, step.parameters(), "");
    try {
      return Readings.read(part, site, inputs);
    } catch (GraphBuildException e) {
      throw new UnsupportedModelException(
          "DL4J's %s cannot be exported: %s"
              .formatted(RefusedPart.label(step.name(), part.getClass()), e.getMessage()),
          e);
    }
  }

  /** The model with the layers' names for their results; other values make way for them. */
  private Model named(Model model) {
    Graph graph = model.graph();
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < plan.outputs().size(); i++) {
      names.put(graph.outputs().get(i).name(), plan.outputs().get(i));
    }
    for (NetworkStep step : plan.steps()) {
      Value result = value(step.name());
      if (result instanceof Result && !plan.outputs().contains(step.name())) {
        names.putIfAbsent(result.name(), step.name());
      }
    }
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

  /** All values but inputs, whose names no layer has. */
  private static List<String> names(Graph graph) {
    return Stream.concat(
            graph.constants().stream().map(Constant::name),
            graph.nodes().stream().flatMap(n -> n.outputs().stream()).map(Result::name))
        .toList();
  }
}
