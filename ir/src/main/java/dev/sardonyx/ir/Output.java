package dev.sardonyx.ir;

/**
 * A value that a graph gives back: the name of one of its values (a node's result, an input or a
 * constant), and the type declared for it.
 */
public record Output(String name, ValueType type, Metadata metadata) {
  public static Output of(String name, ValueType type) {
    return new Output(name, type, Metadata.EMPTY);
  }

  public Output withType(ValueType changed) {
    return changed.equals(type) ? this : new Output(name, changed, metadata);
  }

  public Output withName(String changed) {
    return new Output(changed, type, metadata);
  }
}
