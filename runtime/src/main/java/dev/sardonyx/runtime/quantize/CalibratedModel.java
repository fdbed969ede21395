package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.QuantizationParameters;
import dev.sardonyx.export.quantize.QuantizationReport;
import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.Range;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.backend.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model with what its values are like on calibration data. It can be quantised in several ways
 * without running it again.
 */
public final class CalibratedModel {
  private final Model model;
  private final Map<String, Observation> observations;

  CalibratedModel(Model model, Map<String, Observation> observations) {
    this.model = model;
    this.observations = observations;
  }

  /** The model in {@code float}, prepared, whose values have ranges. */
  public Model model() {
    return model;
  }

  /**
   * The ranges of the values of {@link #model}, chosen for a scheme; without those that took
   * numbers that are not finite, or none.
   */
  public Map<String, Range> ranges(QuantizationScheme scheme) {
    Map<String, Range> ranges = new LinkedHashMap<>();
    observations.forEach(
        (value, seen) -> seen.range(scheme).ifPresent(range -> ranges.put(value, range)));
    return ranges;
  }

  /**
   * The values that took NaN or infinite numbers on the data, in the order of the graph. They have
   * no ranges, so that what computes with them stays in {@code float}.
   */
  public List<String> notFinite() {
    return observations.entrySet().stream()
        .filter(value -> !value.getValue().isFinite())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The numbers of all values that a quantised form stores as integers, in the order of the graph,
   * and how they are stored; empty if the {@link Quantizer} did not count them.
   *
   * @param quantized what {@link #quantize} gave
   */
  public List<ObservedValue> observed(StaticQuantization.Quantized quantized) {
    List<ObservedValue> all = new ArrayList<>();
    observations.forEach(
        (value, seen) -> {
          QuantizationParameters stored = quantized.activations().get(value);
          if (stored != null) {
            seen.observed(value, stored.range()).ifPresent(all::add);
          }
        });
    return all;
  }

  /**
   * What each layer loses that computes in integers. Batches are run once for each layer, so that
   * few examples are to be given.
   *
   * @param backend what runs the models
   * @throws IllegalArgumentException if there is no batch, or one does not fit the model
   */
  public List<LayerError> layers(
      QuantizationOptions options,
      Backend backend,
      List<? extends Map<String, ? extends Datum>> batches) {
    List<LayerError.Layer> layers = new ArrayList<>();
    GraphIndex index = GraphIndex.of(model.graph());
    QuantizationReport report = quantize(options).report();
    for (QuantizationReport.Line line : report.layers()) {
      LayerError.node(model, line.name())
          .map(node -> new LayerError.Layer(line.name(), result(node, index, report)))
          .ifPresent(layers::add);
    }
    Map<String, Range> ranges = ranges(options.activations());
    return LayerError.of(
        backend,
        model,
        layers,
        m -> new StaticQuantization(ranges, options).quantize(m).model(),
        (m, name) -> {
          StaticQuantization only = new StaticQuantization(ranges, options.only(name));
          return Optional.of(only.quantize(m))
              .filter(one -> one.report().quantized() > 0)
              .map(StaticQuantization.Quantized::model);
        },
        batches);
  }

  /** What a layer gives, after what bounds it and became a part of it. */
  private static String result(Node node, GraphIndex index, QuantizationReport report) {
    String value = node.output(0).name();
    return index
        .soleConsumer(value)
        .filter(report::isPart)
        .map(next -> next.output(0).name())
        .orElse(value);
  }

  /**
   * Quantises the model.
   *
   * @throws IllegalArgumentException if a node to exclude or include is not there
   * @throws dev.sardonyx.export.quantize.QuantizationException if weights are not finite
   */
  public StaticQuantization.Quantized quantize(QuantizationOptions options) {
    return new StaticQuantization(ranges(options.activations()), options).quantize(model);
  }
}
