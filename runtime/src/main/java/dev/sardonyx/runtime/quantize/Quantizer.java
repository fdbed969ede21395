package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.OrtBackend;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Quantises a model by data that is like what it will be given.
 *
 * <pre>{@code
 * CalibratedModel calibrated = Quantizer.of(model).calibrate(batches, Calibration.minMax());
 * Model small = calibrated.quantize(QuantizationOptions.cpu()).model();
 * }</pre>
 *
 * @param model the model in {@code float}
 * @param backend what runs it
 * @param counting whether numbers are counted even where the calibration needs no counts, so that
 *     {@link CalibratedModel#observed} can tell of them; takes longer
 */
public record Quantizer(Model model, Backend backend, boolean counting) {
  /** With ONNX Runtime on the CPU. */
  public static Quantizer of(Model model) {
    return new Quantizer(model, OrtBackend.cpu(), false);
  }

  /** With another backend, such as ONNX Runtime on a GPU. */
  public Quantizer on(Backend changed) {
    return new Quantizer(model, changed, counting);
  }

  /** With all numbers counted, whatever the calibration. */
  public Quantizer withCounts() {
    return new Quantizer(model, backend, true);
  }

  /**
   * Runs the model on batches, one after the other, and looks at all its values. A batch is not
   * needed any more once the next is asked for; a run has all values of one batch in memory.
   *
   * @param batches inputs of the model by name; some hundred examples are usually enough
   * @throws IllegalArgumentException if there is no batch, or one does not fit the model
   * @throws dev.sardonyx.ir.backend.UnsupportedModelException if the backend cannot run the model
   */
  public CalibratedModel calibrate(
      Iterable<? extends Map<String, ? extends Datum>> batches, Calibration calibration) {
    return calibrate(batches.iterator(), calibration);
  }

  /** {@link #calibrate(Iterable, Calibration)} with a stream. */
  public CalibratedModel calibrate(
      Stream<? extends Map<String, ? extends Datum>> batches, Calibration calibration) {
    return calibrate(batches.iterator(), calibration);
  }

  private CalibratedModel calibrate(
      Iterator<? extends Map<String, ? extends Datum>> batches, Calibration calibration) {
    if (!batches.hasNext()) {
      throw new IllegalArgumentException("There is no data to calibrate with");
    }
    Model prepared = StaticQuantization.prepare(model, QuantizationOptions.cpu()).model();
    Map<String, Observation> observations = new LinkedHashMap<>();
    List<String> values = StaticQuantization.values(prepared);
    values.forEach(value -> observations.put(value, new Observation(calibration, counting)));
    Set<String> results = new LinkedHashSet<>(values);
    prepared.graph().inputs().forEach(input -> results.remove(input.name()));
    Options options = Options.DEFAULT.withOutputs(List.copyOf(results));
    try (PreparedModel session = backend.prepare(prepared, options)) {
      while (batches.hasNext()) {
        Map<String, ? extends Datum> batch = batches.next();
        observe(session.run(batch), observations); // which refuses what does not fit the model
        observe(batch, observations);
      }
    }
    return new CalibratedModel(prepared, observations);
  }

  private static void observe(
      Map<String, ? extends Datum> values, Map<String, Observation> observations) {
    values.forEach(
        (name, value) -> {
          Observation observation = observations.get(name);
          if (observation != null && value instanceof Tensor tensor) {
            observation.add(tensor.bytes().asFloatBuffer());
          }
        });
  }
}
