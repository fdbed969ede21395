package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Value;
import org.jspecify.annotations.Nullable;

/**
 * A tensor between layers: a value and, as in Keras, the mask of its steps.
 *
 * @param value in Keras's layout
 * @param mask bool {@code [N,T]}, false where a step is to be skipped; null if all count
 */
public record KerasTensor(Value value, @Nullable Value mask) {
  /** A tensor all of whose steps count. */
  public static KerasTensor of(Value value) {
    return new KerasTensor(value, null);
  }

  /** Another value with the same mask. */
  public KerasTensor withValue(Value changed) {
    return new KerasTensor(changed, mask);
  }
}
