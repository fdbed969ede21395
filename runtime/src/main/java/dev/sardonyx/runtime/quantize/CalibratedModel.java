package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.Range;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.ir.Model;
import java.util.LinkedHashMap;
import java.util.Map;

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
   * Quantises the model.
   *
   * @throws IllegalArgumentException if a node to exclude or include is not there
   * @throws dev.sardonyx.export.quantize.QuantizationException if weights are not finite
   */
  public StaticQuantization.Quantized quantize(QuantizationOptions options) {
    return new StaticQuantization(ranges(options.activations()), options).quantize(model);
  }
}
