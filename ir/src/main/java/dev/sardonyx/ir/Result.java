package dev.sardonyx.ir;

/** A value that a node computes. An empty name stands for an optional output nobody asked for. */
public record Result(String name, ValueType type, Metadata metadata) implements Value {
  /** An optional output that is not computed. */
  public static final Result ABSENT = of("", ValueType.unknown());

  /** A result of a type yet to be inferred. */
  public static Result of(String name) {
    return of(name, ValueType.unknown());
  }

  public static Result of(String name, ValueType type) {
    return new Result(name, type, Metadata.EMPTY);
  }

  public boolean isPresent() {
    return !name.isEmpty();
  }

  public Result withType(ValueType changed) {
    return changed.equals(type) ? this : new Result(name, changed, metadata);
  }

  public Result withName(String changed) {
    return new Result(changed, type, metadata);
  }
}
