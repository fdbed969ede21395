package dev.sardonyx.ir;

/** A map from integer or string keys to values of one type. */
public record MapType(ElementType key, ValueType value) implements ValueType {
  @Override
  public String toString() {
    return "map(" + key + ", " + value + ")";
  }
}
