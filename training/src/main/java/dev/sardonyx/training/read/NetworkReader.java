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
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.jspecify.annotations.Nullable;

/** From a network taken apart to a model. */
final class NetworkReader {
  private final NetworkPlan plan;
  private final GraphBuilder b;
  private final Map<String, Value> values = new HashMap<>();
  private final List<Value> networkInputs = new ArrayList<>();

  /** The masks of inputs and of steps' results, where there are any. */
  private final Map<String, Value> masks = new HashMap<>();

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
    return read(plan, types, false);
  }

  /**
   * The network as a model.
   *
   * @param isMasked whether masks of the sequences are inputs, too
   */
  static Model read(NetworkPlan plan, List<InputType> types, boolean isMasked) {
    if (!types.isEmpty() && types.size() != plan.inputs().size()) {
      throw new IllegalArgumentException(
          "The network has the inputs %s, and there are %d input types"
              .formatted(plan.inputs(), types.size()));
    }
    refuse(plan);
    return new NetworkReader(plan).model(types, isMasked);
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

  private Model model(List<InputType> types, boolean isMasked) {
    for (String input : plan.inputs()) {
      Shape shape = InputShapes.of(plan, input, types);
      Value value = b.input(input, TensorType.of(ElementType.FLOAT, shape));
      values.put(input, value);
      networkInputs.add(value);
    }
    if (isMasked) {
      addMasks(types);
    }
    readAll();
    for (String output : plan.outputs()) {
      b.output(value(output));
    }
    return named(b.buildModel());
  }

  /** A mask {@code [N,T]} for each input that is a sequence. */
  private void addMasks(List<InputType> types) {
    for (String input : plan.inputs()) {
      Shape shape = InputShapes.of(plan, input, types);
      int time = InputShapes.timeAxis(plan, input, types);
      if (time > 0) {
        Shape steps = Shape.of(shape.dim(0), shape.dim(time));
        masks.put(input, b.input(plan.mask(input), TensorType.of(ElementType.FLOAT, steps)));
      }
    }
    if (masks.isEmpty()) {
      throw new UnsupportedModelException(
          "None of the network's inputs %s is a sequence, so there is nothing to mask"
              .formatted(plan.inputs()));
    }
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
          List<@Nullable Value> known = new ArrayList<>();
          maskNames(step).forEach(name -> known.add(masks.get(name)));
          for (Object part : step.parts()) {
            Value mask = Masks.held(part, known.get(0));
            Value y = read(step, part, given, mask);
            given = List.of(y);
            Value next = Masks.after(part, site(step, part, mask), known);
            known.clear();
            known.add(next);
          }
          Value last = known.get(0);
          if (last != null) {
            masks.put(step.name(), last);
          }
          return given.get(0);
        });
  }

  /** Whose masks a step knows; some vertices ask for that of an input of the network. */
  private static List<String> maskNames(NetworkStep step) {
    String named = null;
    if (step.main() instanceof LastTimeStepVertex of) {
      named = of.getMaskArrayInputName();
    } else if (step.main() instanceof DuplicateToTimeSeriesVertex of) {
      named = of.getInputName();
    } else if (step.main() instanceof ReverseTimeSeriesVertex of) {
      named = of.getMaskArrayInputName();
    }
    return named == null ? step.inputs() : List.of(named);
  }

  private Site site(NetworkStep step, Object part, @Nullable Value mask) {
    return new Site(step.name(), part.getClass(), b, networkInputs, step.parameters(), "", mask);
  }

  private Value read(NetworkStep step, Object part, List<Value> inputs, @Nullable Value mask) {
    Site site = site(step, part, mask);
    try {
      return Masks.applied(part, site, Readings.read(part, site, inputs));
    } catch (GraphBuildException e) {
      throw new UnsupportedModelException(
          "DL4J's %s cannot be exported: %s"
              .formatted(RefusedPart.label(step.name(), part.getClass()), e.problem()),
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
