package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Value;
import org.jspecify.annotations.Nullable;

/**
 * What one layer hands to the next: a value and, as Keras does, which of its steps count.
 *
 * @param value in the layout that Keras has
 * @param mask bool {@code [N,T]}, false where a step is to be skipped; null if all count
 */
public record KerasTensor(Value value, @Nullable Value mask) {
  /** A tensor all of whose steps count. */
  public static KerasTensor of(Value value) {
    return new KerasTensor(value, null);
  }

  /** The same steps of another value. */
  public KerasTensor withValue(Value changed) {
    return new KerasTensor(changed, mask);
  }
}
