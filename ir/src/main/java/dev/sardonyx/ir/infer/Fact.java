package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a value.
 *
 * @param constant its elements, if they are the same whatever the model's inputs are
 * @param known its elements as far as they are known, if they are few and numbers; of a sequence
 *     its length
 * @param suspect whether it follows from a problem, so that a contradiction may only repeat that
 */
public record Fact(
    ValueType type, @Nullable Tensor constant, @Nullable KnownValues known, boolean suspect) {
  /** A negative dimension is an unknown one from here on, where all types enter. */
  public Fact {
    type = TypeMerge.withoutNegative(type);
  }

  /** Of a value nobody has defined. */
  static final Fact NOTHING = new Fact(ValueType.unknown(), null, null, false);

  public static Fact of(ValueType type) {
    return new Fact(type, null, null, false);
  }

  public static Fact of(Tensor constant) {
    return new Fact(constant.type(), constant, KnownValues.of(constant), false);
  }
}
