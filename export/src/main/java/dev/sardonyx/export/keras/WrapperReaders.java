package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import dev.sardonyx.ir.Dim;
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
    JsonElement inner = wrapped(layer);
    List<Shapes.Part> merged = new ArrayList<>(List.of(Shapes.Part.size(-1)));
    for (int i = 2; i < KerasLayer.rank(x); i++) {
      merged.add(Shapes.Part.axis(i));
    }
    Value flat = b.reshape(x, Shapes.of(b, x, merged));
    List<KerasTensor> results = new ArrayList<>();
    for (KerasTensor output :
        layer.callInner(inner, List.of("layer"), List.of(KerasTensor.of(flat)))) {
      Value y = output.value();
      results.add(new KerasTensor(b.reshape(y, apart(b, x, y)), sequence.mask()));
    }
    return results;
  }

  /** The shape of the results: samples and steps as before, all else as they have it. */
  private static Value apart(GraphBuilder b, Value sequence, Value result) {
    int rank = KerasLayer.rank(result);
    List<Shapes.Part> shape = new ArrayList<>(List.of(Shapes.Part.axis(0), Shapes.Part.axis(1)));
    for (int i = 1; i < rank; i++) {
      Dim dim = KerasLayer.shape(result).dim(i);
      if (!dim.isFixed()) {
        return b.concat(0, b.shape(sequence, 0, 2), b.shape(result, 1, rank));
      }
      shape.add(Shapes.Part.size(dim.value()));
    }
    return Shapes.of(b, sequence, shape);
  }

  /**
   * Spectral normalisation: in inference the stored weights, which the last training step has
   * normalised, are used.
   */
  private static List<KerasTensor> spectral(KerasLayer layer) {
    return layer.callInner(wrapped(layer), List.of("layer"), layer.inputTensors());
  }
}
