package dev.sardonyx.export.keras;

/** A layer cannot be expressed in ONNX; the message is the reason, without the layer's name. */
final class LayerRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LayerRefusal(String reason) {
    super(reason);
  }
}
