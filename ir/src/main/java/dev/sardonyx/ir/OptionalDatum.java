package dev.sardonyx.ir;

import org.jspecify.annotations.Nullable;

/**
 * A value that may be absent.
 *
 * @param elementType the type it has when present
 * @param value the value, or null if absent
 */
public record OptionalDatum(ValueType elementType, @Nullable Datum value) implements Datum {
  @Override
  public OptionalType type() {
    return new OptionalType(elementType);
  }
}
