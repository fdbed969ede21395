package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.QuantizationReport;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.ir.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Keeps as many layers in {@code float} as a model needs to be good enough. Layers are ranked by
 * what the model loses if one alone is quantised, and kept in that order.
 *
 * <pre>{@code
 * MixedPrecision search = MixedPrecision.of(calibrated, QuantizationOptions.cpu(), accuracy);
 * MixedPrecision.Found found = search.reach(0.98);
 * }</pre>
 *
 * @param calibrated the model with the ranges of its values
 * @param options how it is quantised
 * @param metric how good a model is, the more the better: its accuracy on examples, or {@link
 *     SignalToNoise}
 */
public record MixedPrecision(
    CalibratedModel calibrated, QuantizationOptions options, ToDoubleFunction<Model> metric) {
  public static MixedPrecision of(
      CalibratedModel calibrated, QuantizationOptions options, ToDoubleFunction<Model> metric) {
    return new MixedPrecision(calibrated, options, metric);
  }

  /**
   * A layer.
   *
   * @param node its name or, without one, that of its first result
   * @param operator with its domain
   * @param alone the metric of the model in which it alone is quantised
   */
  public record Layer(String node, String operator, double alone) {}

  /**
   * What was found.
   *
   * @param quantized the model
   * @param kept the layers in {@code float}, the most sensitive first
   * @param ranking all layers, the most sensitive first
   * @param floating the metric of the model in {@code float}
   * @param reached the metric of the quantised model
   * @param attempts metrics by how many layers were kept
   */
  public record Found(
      StaticQuantization.Quantized quantized,
      List<Layer> kept,
      List<Layer> ranking,
      double floating,
      double reached,
      Map<Integer, Double> attempts) {
    public Found {
      kept = List.copyOf(kept);
      ranking = List.copyOf(ranking);
    }

    /** The ranking, a line for each layer, and what was reached. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (Layer layer : ranking) {
        String place = kept.contains(layer) ? "float" : "quantised";
        text.append(
            String.format(
                Locale.ROOT,
                "%-9s  %10.5g alone  %s %s%n",
                place,
                layer.alone,
                layer.operator,
                layer.node));
      }
      attempts.forEach(
          (count, value) ->
              text.append(String.format(Locale.ROOT, "%d layers in float: %.5g%n", count, value)));
      return text.append(String.format(Locale.ROOT, "%.5g of %.5g in float", reached, floating))
          .toString();
    }
  }

  /**
   * The layers that are quantised by themselves, the most sensitive first. The model is quantised,
   * and the metric asked, once for each.
   */
  public List<Layer> ranking() {
    List<Layer> layers = new ArrayList<>();
    for (QuantizationReport.Line line : calibrated.quantize(options).report().layers()) {
      Model model = calibrated.quantize(options.only(line.name())).model();
      layers.add(new Layer(line.name(), line.operator(), metric.applyAsDouble(model)));
    }
    layers.sort(Comparator.comparingDouble(Layer::alone));
    return layers;
  }

  /**
   * Quantises all but as few of the most sensitive layers as it takes. More layers in {@code float}
   * are taken to be better, so that the number is found by halving.
   *
   * @throws IllegalArgumentException if the model in {@code float} does not reach it
   */
  public Found reach(double wanted) {
    double floating = metric.applyAsDouble(calibrated.model());
    if (!(floating >= wanted)) {
      throw new IllegalArgumentException(
          "The model in float reaches %s, not %s".formatted(floating, wanted));
    }
    Map<Integer, Double> attempts = new TreeMap<>();
    StaticQuantization.Quantized best = calibrated.quantize(options);
    attempts.put(0, metric.applyAsDouble(best.model()));
    boolean all = attempts.get(0) >= wanted;
    List<Layer> ranking = all ? List.of() : ranking();
    int few = 0; // too few
    int enough = all ? 0 : ranking.size();
    best = all ? best : keeping(ranking);
    attempts.putIfAbsent(enough, metric.applyAsDouble(best.model()));
    while (enough - few > 1) {
      int middle = (few + enough) / 2;
      StaticQuantization.Quantized tried = keeping(ranking.subList(0, middle));
      double value = metric.applyAsDouble(tried.model());
      attempts.put(middle, value);
      if (value >= wanted) {
        enough = middle;
        best = tried;
      } else {
        few = middle;
      }
    }
    return new Found(
        best, ranking.subList(0, enough), ranking, floating, attempts.get(enough), attempts);
  }

  private StaticQuantization.Quantized keeping(List<Layer> layers) {
    return calibrated.quantize(
        options.exclude(layers.stream().map(Layer::node).toArray(String[]::new)));
  }
}
