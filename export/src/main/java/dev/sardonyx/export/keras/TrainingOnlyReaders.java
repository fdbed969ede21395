package dev.sardonyx.export.keras;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Layers that have an effect in training only; in inference they return their input. */
final class TrainingOnlyReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    for (String name :
        List.of(
            "ActivityRegularization",
            "AlphaDropout",
            "Dropout",
            "GaussianDropout",
            "GaussianNoise",
            "Identity",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
            "StochasticDepth")) {
      LAYERS.put(name, TrainingOnlyReaders::identity);
    }
    for (String name :
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
            "RandomZoom")) {
      LAYERS.put(name, LayerReader.of(l -> l.asFloats(l.input())));
    }
  }

  private TrainingOnlyReaders() {}

  private static List<KerasTensor> identity(KerasLayer layer) {
    if (layer.truthArgument("training")) {
      throw layer.refusal("it is called with training=True, and ONNX has no such randomness");
    }
    return List.of(layer.inputTensor());
  }
}
