package dev.sardonyx.runtime.quantize;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
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
    try (PreparedModel session = backend.prepare(model)) {
      return of(backend, session, batches);
    }
  }

  /** The same against a model that is ready to run. */
  public static SignalToNoise of(
      Backend backend, PreparedModel model, List<? extends Map<String, ? extends Datum>> batches) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("There is no data to compare models with");
    }
    List<Map<String, float[]>> expected = new ArrayList<>();
    batches.forEach(batch -> expected.add(floats(model.run(batch))));
    return new SignalToNoise(backend, List.copyOf(batches), expected);
  }

  private static Map<String, float[]> floats(Outputs outputs) {
    Map<String, float[]> floats = new HashMap<>();
    outputs.forEach(
        (name, value) -> {
          if (value instanceof Tensor tensor && tensor.elementType().isFloat()) {
            floats.put(name, tensor.toFloats());
          }
        });
    return floats;
  }

  /** The ratio for a model with the same inputs and outputs. */
  @Override
  public double applyAsDouble(Model model) {
    try (PreparedModel session = backend.prepare(model)) {
      return of(session);
    }
  }

  /** The ratio for a model that is ready to run; {@link #applyAsDouble} makes one so. */
  public double of(PreparedModel model) {
    Sums sums = new Sums();
    for (int i = 0; i < expected.size(); i++) {
      Map<String, float[]> actual = floats(model.run(batches.get(i)));
      for (Map.Entry<String, float[]> output : expected.get(i).entrySet()) {
        float[] numbers = output.getValue();
        float[] others = actual.get(output.getKey());
        if (others == null || others.length != numbers.length) {
          throw new IllegalArgumentException(
              "The models give other results for " + output.getKey());
        }
        sums.add(numbers, others);
      }
    }
    return sums.ratio();
  }

  /** Squares of numbers and of their differences, added up batch by batch. */
  static final class Sums {
    private double signal;
    private double noise;

    void add(float[] numbers, float[] others) {
      for (int k = 0; k < numbers.length; k++) {
        if (numbers[k] == others[k]) { // infinities, too
          signal += Float.isFinite(numbers[k]) ? (double) numbers[k] * numbers[k] : 0;
        } else if (!Float.isNaN(numbers[k]) || !Float.isNaN(others[k])) {
          double difference = (double) others[k] - numbers[k];
          signal += (double) numbers[k] * numbers[k];
          noise += difference * difference;
        }
      }
    }

    /** In dB. */
    double ratio() {
      return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
    }
  }
}
