package dev.sardonyx.export.keras;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keras layers that are refused, and why. */
final class RefusedLayers {
  /** The entry of a class that is always refused. */
  record Refused(String reason) implements LayerReader {
    @Override
    public List<KerasTensor> read(KerasLayer layer) {
      throw layer.refusal(reason);
    }
  }

  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    String code = "what it computes is code, which the file does not hold in a form to be read";
    refuse(code, "Lambda", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper");
    refuse(
        "it is a function of TensorFlow; make the model of Keras's layers, or of keras.ops in Keras 3",
        "SlicingOpLambda",
        "TensorFlowOpLayer",
        "TFOpLambda");
    refuse(
        "it hashes with FarmHash or SipHash, which ONNX does not have",
        "HashedCrossing",
        "Hashing");
    refuse(
        "it looks up texts or integers in a vocabulary that is no weight; look them up before the"
            + " model",
        "IntegerLookup",
        "StringLookup",
        "TextVectorization");
    refuse(
        "it prepares images for training and for tests alike; apply it before the model",
        "AutoContrast",
        "ContrastLimitedAdaptiveHistogramEqualization",
        "Equalization",
        "Solarization");
    refuse("it crops or enlarges by each image's size; use CenterCrop or Resizing", "RandomCrop");
    refuse("it takes bounding boxes as a dictionary", "MaxNumBoundingBoxes");
    refuse("it is a spectrogram; compute it before the model", "MelSpectrogram", "STFTSpectrogram");
    refuse("it is a base class without a call", "Layer", "Wrapper");
    refuse("it is a list of layers outside the graph; use them one by one", "Pipeline");
  }

  private RefusedLayers() {}

  private static void refuse(String reason, String... classes) {
    for (String name : classes) {
      LAYERS.put(name, new Refused(reason));
    }
  }
}
