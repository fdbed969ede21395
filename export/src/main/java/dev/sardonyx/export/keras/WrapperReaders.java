package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Wrapper layers, which call another layer. */
final class WrapperReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("TimeDistributed", WrapperReaders::timeDistributed);
    LAYERS.put("SpectralNormalization", WrapperReaders::spectral);
    LAYERS.put("InputLayer", layer -> layer.inputTensors());
  }

  private WrapperReaders() {}

  private static JsonElement wrapped(KerasLayer layer) {
    JsonElement inner = layer.config().element("layer");
    if (!inner.isJsonObject()) {
      throw layer.broken("has no layer within");
    }
    return inner;
  }

  /**
   * The inner layer takes every step as a sample of its own: {@code [N,T,...]} is reshaped to
   * {@code [N*T,...]}.
   */
  private static List<KerasTensor> timeDistributed(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    KerasTensor sequence = layer.inputTensor();
    Value x = sequence.value();
    long[] merged = new long[KerasLayer.rank(x) - 1];
    merged[0] = -1;
    for (int i = 1; i < merged.length; i++) {
      merged[i] = KerasLayer.dim(x, i + 1);
    }
    JsonElement inner = wrapped(layer);
    Value flat = b.reshape(x, merged);
    List<KerasTensor> results = new ArrayList<>();
    for (KerasTensor output :
        layer.callInner(inner, List.of("layer"), List.of(KerasTensor.of(flat)))) {
      Value y = output.value();
      List<Shapes.Part> shape = new ArrayList<>(List.of(Shapes.Part.axis(0), Shapes.Part.axis(1)));
      for (int i = 1; i < KerasLayer.rank(y); i++) {
        shape.add(Shapes.Part.size(KerasLayer.dim(y, i)));
      }
      results.add(new KerasTensor(b.reshape(y, Shapes.of(b, x, shape)), sequence.mask()));
    }
    return results;
  }

  /**
   * Spectral normalisation: in inference the stored weights, which the last training step has
   * normalised, are used.
   */
  private static List<KerasTensor> spectral(KerasLayer layer) {
    return layer.callInner(wrapped(layer), List.of("layer"), layer.inputTensors());
  }
}
