package dev.sardonyx.runtime.quantize;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How much larger the outputs of a model are than what another model adds to them, in dB: 20 for a
 * tenth, 40 for a hundredth; infinite if they are equal. Outputs of {@code float} count, all
 * together.
 */
public final class SignalToNoise implements ToDoubleFunction<Model> {
  private final Backend backend;
  private final List<Map<String, ? extends Datum>> batches;
  private final List<Map<String, float[]>> expected;

  private SignalToNoise(
      Backend backend,
      List<Map<String, ? extends Datum>> batches,
      List<Map<String, float[]>> expected) {
    this.backend = backend;
    this.batches = batches;
    this.expected = expected;
  }

  /**
   * Against what a model gives for batches, which are kept in memory.
   *
   * @param backend what runs the model, and those that are measured
   * @throws IllegalArgumentException if there is no batch, or one does not fit the model
   */
  public static SignalToNoise of(
      Backend backend, Model model, List<? extends Map<String, ? extends Datum>> batches) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("There is no data to compare models with");
    }
    List<Map<String, ? extends Datum>> all = List.copyOf(batches);
    return new SignalToNoise(backend, all, run(backend, model, all));
  }

  private static List<Map<String, float[]>> run(
      Backend backend, Model model, List<Map<String, ? extends Datum>> batches) {
    List<Map<String, float[]>> results = new ArrayList<>();
    try (PreparedModel session = backend.prepare(model)) {
      for (Map<String, ? extends Datum> batch : batches) {
        Outputs outputs = session.run(batch);
        Map<String, float[]> floats = new HashMap<>();
        for (Output output : model.graph().outputs()) {
          if (outputs.get(output.name()) instanceof Tensor tensor
              && tensor.elementType().isFloat()) {
            floats.put(output.name(), tensor.toFloats());
          }
        }
        results.add(floats);
      }
    }
    return results;
  }

  /** The ratio for a model with the same inputs and outputs. */
  @Override
  public double applyAsDouble(Model model) {
    List<Map<String, float[]>> actual = run(backend, model, batches);
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < expected.size(); i++) {
      for (Map.Entry<String, float[]> output : expected.get(i).entrySet()) {
        float[] numbers = output.getValue();
        float[] others = actual.get(i).get(output.getKey());
        if (others == null || others.length != numbers.length) {
          throw new IllegalArgumentException(
              "The models give other results for " + output.getKey());
        }
        for (int k = 0; k < numbers.length; k++) {
          double difference = (double) others[k] - numbers[k];
          signal += (double) numbers[k] * numbers[k];
          noise += difference * difference;
        }
      }
    }
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }
}
