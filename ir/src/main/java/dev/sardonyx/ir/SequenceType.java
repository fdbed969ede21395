package dev.sardonyx.ir;

/** A sequence whose items all have the given type. */
public record SequenceType(ValueType element) implements ValueType {
  @Override
  public String toString() {
    return "seq(" + element + ")";
  }
}
