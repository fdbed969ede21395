package dev.sardonyx.ir;

/** A type that only its domain understands (ONNX's {@code TypeProto.Opaque}). */
public record OpaqueType(String domain, String name) implements ValueType {
  @Override
  public String toString() {
    return "opaque(" + domain + ", " + name + ")";
  }
}
