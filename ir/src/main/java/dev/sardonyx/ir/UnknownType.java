package dev.sardonyx.ir;

/** Nothing is known of the value's type. */
public record UnknownType() implements ValueType {
  static final UnknownType INSTANCE = new UnknownType();

  @Override
  public String toString() {
    return "?";
  }
}
