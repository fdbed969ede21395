package dev.sardonyx.export.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All readers by class. Each family of layers lists its own, and this class combines the families.
 */
final class LayerReaders {
  private static final Map<String, LayerReader> LAYERS = new TreeMap<>();
  private static final Map<String, LayerReader> OPERATIONS = new TreeMap<>();

  static {
    LAYERS.putAll(ActivationReaders.LAYERS);
    LAYERS.putAll(AttentionReaders.LAYERS);
    LAYERS.putAll(ConvolutionReaders.LAYERS);
    LAYERS.putAll(DenseReaders.LAYERS);
    LAYERS.putAll(ImageReaders.LAYERS);
    LAYERS.putAll(MergingReaders.LAYERS);
    LAYERS.putAll(NormalizationReaders.LAYERS);
    LAYERS.putAll(PoolingReaders.LAYERS);
    LAYERS.putAll(PreprocessingReaders.LAYERS);
    LAYERS.putAll(RecurrentReaders.LAYERS);
    LAYERS.putAll(ReshapingReaders.LAYERS);
    LAYERS.putAll(TrainingOnlyReaders.LAYERS);
    LAYERS.putAll(WrapperReaders.LAYERS);
    LAYERS.putAll(RefusedLayers.LAYERS);
    OPERATIONS.putAll(OperationReaders.OPERATIONS);
  }

  private final Map<String, LayerReader> own;

  LayerReaders(Map<String, LayerReader> own) {
    this.own = new HashMap<>(own);
  }

  /** The reader of a layer; null if there is none. */
  @Nullable LayerReader find(ModelConfig.Layer layer) {
    LayerReader mine = own.get(layer.className());
    if (mine != null) {
      return mine;
    }
    return layer.own() ? null : (layer.isOperation() ? OPERATIONS : LAYERS).get(layer.className());
  }

  /** Why a layer is refused before its reader is called; empty if it is not. */
  Optional<String> refusal(ModelConfig.Layer layer) {
    if (own.containsKey(layer.className())) {
      return Optional.empty();
    }
    if (DtypePolicy.isQuantized(layer)) {
      return Optional.of("its weights are quantized; save the model before quantize() is called");
    }
    LayerReader reader = find(layer);
    if (reader == null && layer.own() && LAYERS.containsKey(layer.className())) {
      return Optional.of(
          "it is not Keras's class of this name but another; give a reader by"
              + " KerasReader.withLayer");
    }
    if (reader == null) {
      return Optional.of(
          layer.isOperation()
              ? "there is no reader for this operation of keras.ops"
              : "there is no reader for this class; give one by KerasReader.withLayer");
    }
    return refusal(reader);
  }

  /** Why a class of layers is refused; empty if it is not. */
  Optional<String> refusal(String className) {
    LayerReader reader = LAYERS.get(className);
    return reader == null ? Optional.of("not a layer of Keras") : refusal(reader);
  }

  private static Optional<String> refusal(LayerReader reader) {
    return reader instanceof RefusedLayers.Refused refused
        ? Optional.of(refused.reason())
        : Optional.empty();
  }

  /** The class names of the layers that can be read, in order. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    LAYERS.forEach(
        (name, reader) -> {
          if (refusal(reader).isEmpty()) {
            names.add(name);
          }
        });
    return names;
  }
}
