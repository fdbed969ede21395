package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.SmoothQuant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How far the channels of what goes into matrix products reach, for {@link SmoothQuant}. */
public final class ChannelMaxima {
  private ChannelMaxima() {}

  /**
   * Runs a model on batches, one after the other.
   *
   * @return by the names of {@link SmoothQuant#values}, the largest absolute element of each
   *     channel, the last dimension
   * @throws IllegalArgumentException if a batch does not fit the model
   */
  public static Map<String, float[]> of(
      Backend backend, Model model, Iterable<? extends Map<String, ? extends Datum>> batches) {
    Set<String> wanted = new LinkedHashSet<>(SmoothQuant.values(model));
    Set<String> results = new LinkedHashSet<>(wanted);
    model.graph().inputs().stream().map(Input::name).forEach(results::remove);
    Map<String, float[]> maxima = new HashMap<>();
    if (wanted.isEmpty()) {
      return maxima;
    }
    Options options =
        results.isEmpty() ? Options.DEFAULT : Options.DEFAULT.withOutputs(List.copyOf(results));
    try (PreparedModel session = backend.prepare(model, options)) {
      for (Map<String, ? extends Datum> batch : batches) {
        session.run(batch).forEach((name, value) -> add(name, value, wanted, maxima));
        batch.forEach((name, value) -> add(name, value, wanted, maxima));
      }
    }
    return maxima;
  }

  private static void add(
      String name, Datum value, Set<String> wanted, Map<String, float[]> maxima) {
    if (!wanted.contains(name) || !(value instanceof Tensor tensor) || tensor.size() == 0) {
      return;
    }
    int channels = (int) tensor.dim(tensor.rank() - 1);
    float[] largest = maxima.computeIfAbsent(name, n -> new float[channels]);
    FloatBuffer numbers = tensor.bytes().asFloatBuffer();
    for (int i = 0; numbers.hasRemaining(); i++) {
      float element = Math.abs(numbers.get());
      largest[i % channels] = Math.max(largest[i % channels], element);
    }
  }
}
