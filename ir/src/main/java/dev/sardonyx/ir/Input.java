package dev.sardonyx.ir;

/**
 * A value that is given to a graph when it runs. If the graph has a {@link Constant} of the same
 * name, that initializer is the input's default.
 */
public record Input(String name, ValueType type, Metadata metadata) implements Value {
  public static Input of(String name, ValueType type) {
    return new Input(name, type, Metadata.EMPTY);
  }

  public Input withType(ValueType changed) {
    return changed.equals(type) ? this : new Input(name, changed, metadata);
  }

  public Input withName(String changed) {
    return new Input(changed, type, metadata);
  }
}
