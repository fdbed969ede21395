package dev.sardonyx.runtime.quantize;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * What one quantised layer loses, as ratios of signal to noise in dB: 20 for an error of a tenth,
 * 40 for a hundredth; infinite if nothing is lost.
 *
 * @param node the layer's name or, without one, that of its first result
 * @param operator with its domain
 * @param value the layer's result, after a Relu or Clip that became part of it
 * @param inPlace of the result in the quantised model, which has the errors of all layers before
 *     it, too
 * @param alone of the model's outputs if this layer alone is quantised: the lower, the more
 *     sensitive the model is to it
 */
public record LayerError(String node, String operator, String value, double inPlace, double alone) {

  /** A layer that is to be measured. */
  record Layer(String node, String value) {}

  /**
   * Measures layers on batches, which are run once for the model, once for its quantised form, and
   * once for each layer.
   *
   * @param model in {@code float}
   * @param layers with results in the main graph; others are left out
   * @param quantized makes the quantised form of the model, with further outputs
   * @param alone makes the form in which one layer is quantised, by its name; none if nothing is,
   *     as of a sum, which follows others
   */
  static List<LayerError> of(
      Backend backend,
      Model model,
      List<Layer> layers,
      UnaryOperator<Model> quantized,
      BiFunction<Model, String, Optional<Model>> alone,
      List<? extends Map<String, ? extends Datum>> batches) {
    GraphIndex index = GraphIndex.of(model.graph());
    List<Layer> known = layers.stream().filter(l -> isFloat(index, l.value())).toList();
    if (known.isEmpty()) {
      return List.of();
    }
    List<SignalToNoise.Sums> inPlace = inPlace(backend, model, known, quantized, batches);
    SignalToNoise whole = SignalToNoise.of(backend, model, batches);
    List<LayerError> errors = new ArrayList<>();
    for (int i = 0; i < known.size(); i++) {
      Layer layer = known.get(i);
      Node node = index.producer(layer.value()).orElseThrow();
      Optional<Model> one = alone.apply(model, layer.node());
      errors.add(
          new LayerError(
              layer.node(),
              node(model, layer.node()).orElse(node).operator(),
              layer.value(),
              inPlace.get(i).ratio(),
              one.map(whole::applyAsDouble).orElse(Double.POSITIVE_INFINITY)));
    }
    return errors;
  }

  static Optional<Node> node(Model model, String name) {
    return model.graph().nodes().stream()
        .filter(n -> name.equals(n.name()) || isNameless(n, name))
        .findFirst();
  }

  private static boolean isNameless(Node node, String name) {
    return node.name().isEmpty() && node.hasOutput(0) && node.output(0).name().equals(name);
  }

  private static boolean isFloat(GraphIndex index, String value) {
    return index.producer(value).isPresent()
        && index.type(value) instanceof TensorType type
        && type.elementType().isFloat();
  }

  private static List<SignalToNoise.Sums> inPlace(
      Backend backend,
      Model model,
      List<Layer> layers,
      UnaryOperator<Model> quantized,
      List<? extends Map<String, ? extends Datum>> batches) {
    Set<String> wanted = new LinkedHashSet<>();
    layers.forEach(layer -> wanted.add(layer.value()));
    Model small = quantized.apply(giving(model, wanted));
    Options options = Options.DEFAULT.withOutputs(List.copyOf(wanted));
    List<SignalToNoise.Sums> sums = new ArrayList<>();
    layers.forEach(layer -> sums.add(new SignalToNoise.Sums()));
    try (PreparedModel first = backend.prepare(model, options);
        PreparedModel second = backend.prepare(small, options)) {
      for (Map<String, ? extends Datum> batch : batches) {
        Outputs expected = first.run(batch);
        Outputs actual = second.run(batch);
        for (int i = 0; i < layers.size(); i++) {
          String value = layers.get(i).value();
          if (expected.get(value) instanceof Tensor a && actual.get(value) instanceof Tensor b) {
            sums.get(i).add(a.toFloats(), b.toFloats());
          }
        }
      }
    }
    return sums;
  }

  /** The model with values as further outputs, whose names every pass keeps. */
  private static Model giving(Model model, Set<String> values) {
    Graph graph = model.graph();
    GraphIndex index = GraphIndex.of(graph);
    List<Output> outputs = new ArrayList<>(graph.outputs());
    for (String value : values) {
      if (!index.isOutput(value)) {
        outputs.add(Output.of(value, index.type(value)));
      }
    }
    return model.withGraph(graph.withOutputs(outputs));
  }

  /** A table, a line for each layer. */
  public static String table(List<LayerError> errors) {
    int names = errors.stream().mapToInt(e -> e.node.length()).max().orElse(0);
    int operators = errors.stream().mapToInt(e -> e.operator.length()).max().orElse(0);
    String format = "%-" + Math.max(5, names) + "s  %-" + Math.max(8, operators) + "s  %8s  %8s%n";
    StringBuilder text =
        new StringBuilder("Signal to noise in dB, of each layer's result and of the");
    text.append(" outputs if it alone is quantised\n");
    text.append(format.formatted("layer", "operator", "in place", "alone"));
    for (LayerError each : errors) {
      text.append(
          format.formatted(each.node, each.operator, decibels(each.inPlace), decibels(each.alone)));
    }
    return text.toString();
  }

  private static String decibels(double ratio) {
    return Double.isInfinite(ratio) && ratio > 0
        ? "exact"
        : String.format(Locale.ROOT, "%.1f", ratio);
  }
}
