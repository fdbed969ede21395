package dev.sardonyx.ir;

/**
 * A value fixed in the model: an ONNX initializer.
 *
 * @param name its name, which alone counts (a tensor's own name is empty here)
 */
public record Constant(String name, TensorData data, Metadata metadata) implements Value {
  public static Constant of(String name, TensorData data) {
    return new Constant(name, data, Metadata.EMPTY);
  }

  @Override
  public ValueType type() {
    return data.type();
  }

  public Constant withName(String changed) {
    return new Constant(changed, data, metadata);
  }

  public Constant withData(TensorData changed) {
    return new Constant(name, changed, metadata);
  }
}
