package dev.sardonyx.ir;

/** A value that may be absent; if present it has the given type. */
public record OptionalType(ValueType element) implements ValueType {
  @Override
  public String toString() {
    return "optional(" + element + ")";
  }
}
