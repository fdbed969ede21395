package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Layers that have an effect in training only; in inference they return their input. A call may ask
 * for the mode of training always, and then what depends on chance is refused. So it does in Keras
 * 1 and 2; in Keras 3 {@code predict} takes no notice of it.
 */
final class TrainingOnlyReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  private static final String BY_CHANCE =
      "it is called with training=True, and ONNX has no such randomness or memory";

  /** Change elements at random, as far as their setting says. */
  private static final Map<String, String> NOISE =
      Map.of(
          "AlphaDropout", "rate",
          "Dropout", "rate",
          "GaussianDropout", "rate",
          "GaussianNoise", "stddev",
          "SpatialDropout1D", "rate",
          "SpatialDropout2D", "rate",
          "SpatialDropout3D", "rate",
          "StochasticDepth", "rate");

  /** Change images at random. */
  private static final List<String> AUGMENTATION =
      List.of(
          "AugMix",
          "CutMix",
          "MixUp",
          "RandAugment",
          "RandomBrightness",
          "RandomColorDegeneration",
          "RandomColorJitter",
          "RandomContrast",
          "RandomElasticTransform",
          "RandomErasing",
          "RandomFlip",
          "RandomGaussianBlur",
          "RandomGrayscale",
          "RandomHue",
          "RandomInvert",
          "RandomPerspective",
          "RandomPosterization",
          "RandomRotation",
          "RandomSaturation",
          "RandomSharpness",
          "RandomShear",
          "RandomTranslation",
          "RandomZoom");

  static {
    for (String name : NOISE.keySet()) {
      LAYERS.put(name, TrainingOnlyReaders::noise);
    }
    LAYERS.put("ActivityRegularization", layer -> List.of(layer.inputTensor()));
    LAYERS.put("Identity", layer -> List.of(layer.inputTensor()));
    for (String name : AUGMENTATION) {
      LAYERS.put(name, LayerReader.of(l -> l.asFloats(l.input())));
    }
  }

  private TrainingOnlyReaders() {}

  private static List<KerasTensor> noise(KerasLayer layer) {
    if (layer.truthArgument("training") && isNoisy(layer.className(), layer.config())) {
      throw layer.refusal(BY_CHANCE);
    }
    return List.of(layer.inputTensor());
  }

  /** What a call says of the mode of training, by name or, where that is the second, by place. */
  static Optional<Boolean> training(
      ModelConfig.Layer layer, List<Argument> arguments, Map<String, Argument> named) {
    boolean bySecond =
        layer.model() != null
            || layer.className().equals("BatchNormalization")
            || NOISE.containsKey(layer.className())
            || AUGMENTATION.contains(layer.className());
    Argument given = bySecond && arguments.size() > 1 ? arguments.get(1) : named.get("training");
    return given instanceof Argument.Literal literal && literal.element().isJsonPrimitive()
        ? Optional.of(isTrue(literal.element().getAsJsonPrimitive()))
        : Optional.empty();
  }

  /** Python's numbers are true unless they are 0. */
  private static boolean isTrue(JsonPrimitive given) {
    return given.isNumber() ? given.getAsDouble() != 0 : given.getAsBoolean();
  }

  /**
   * @throws LayerRefusal if what a layer computes in training depends on chance, or on what was
   *     computed before
   */
  static void requireNoChance(ModelConfig.Layer layer) {
    String name = layer.className();
    if (isNoisy(name, layer.config())
        || AUGMENTATION.contains(name)
        || name.equals("SpectralNormalization")
        || dropsOut(layer.config().json())) {
      throw new LayerRefusal(BY_CHANCE);
    }
  }

  private static boolean isNoisy(String className, LayerConfig config) {
    String setting = NOISE.get(className);
    return setting != null && config.number(setting, 0) != 0;
  }

  /** Whether a layer, or one within it, drops elements, as recurrent layers and attention do. */
  private static boolean dropsOut(JsonElement settings) {
    if (settings.isJsonArray()) {
      return settings.getAsJsonArray().asList().stream().anyMatch(TrainingOnlyReaders::dropsOut);
    }
    if (!settings.isJsonObject()) {
      return false;
    }
    LayerConfig config = new LayerConfig(settings.getAsJsonObject());
    return Stream.of("dropout", "recurrent_dropout")
            .anyMatch(key -> config.has(key) && config.number(key, 0) != 0)
        || Stream.of("config", "layer", "backward_layer", "cell", "cells")
            .anyMatch(key -> dropsOut(config.element(key)));
  }
}
