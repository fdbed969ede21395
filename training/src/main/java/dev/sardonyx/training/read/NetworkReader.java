package dev.sardonyx.training.read;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.read.samediff.GivenNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    readAll();
    for (String output : plan.outputs()) {
      b.output(value(output));
    }
    return named(b.buildModel());
  }

  /** All steps; what is refused leaves out what depends on it, too, without a word. */
  private void readAll() {
    List<String> refused = new ArrayList<>();
    for (NetworkStep step : plan.steps()) {
      if (values.keySet().containsAll(step.inputs())) {
        try {
          values.put(step.name(), read(step));
        } catch (UnsupportedModelException e) {
          refused.add(e.getMessage());
        }
      }
    }
    if (!refused.isEmpty()) {
      throw new UnsupportedModelException(String.join("; ", refused));
    }
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

  /** The model with the layers' names for their results. */
  private Model named(Model model) {
    Map<String, Value> results = new LinkedHashMap<>();
    plan.steps().forEach(step -> results.put(step.name(), value(step.name())));
    return GivenNames.of(model, plan.outputs(), results);
  }
}
