package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import org.jspecify.annotations.Nullable;

/** What is known of a value. */
public final class Fact {
  /** Of a value nobody has defined. */
  static final Fact NOTHING = new Fact(ValueType.unknown(), null, null, false);

  private final ValueType type;
  private final @Nullable Tensor constant;
  private final boolean suspect;

  /** Of a constant found out when first asked for: most constants are weights, not shapes. */
  private @Nullable KnownValues known;

  private boolean isRead;

  private Fact(
      ValueType type, @Nullable Tensor constant, @Nullable KnownValues known, boolean suspect) {
    this.type = TypeMerge.withoutNegative(type);
    this.constant = constant;
    this.known = known;
    this.suspect = suspect;
    this.isRead = constant == null;
  }

  /** Of a value of a type. A negative dimension is an unknown one from here on. */
  public static Fact of(ValueType type) {
    return new Fact(type, null, null, false);
  }

  /** Of a value that is the same whatever the model's inputs are. */
  public static Fact of(Tensor constant) {
    return constant.isReadable()
        ? new Fact(constant.type(), constant, null, false)
        : of((ValueType) constant.type());
  }

  /** Of a value some of whose elements may be known. */
  static Fact of(ValueType type, @Nullable KnownValues known) {
    return new Fact(type, null, known, false);
  }

  /** The same elements under another type. */
  Fact with(ValueType changed, boolean isSuspect) {
    Fact fact = new Fact(changed, constant, known, isSuspect);
    fact.isRead = isRead;
    return fact;
  }

  public ValueType type() {
    return type;
  }

  /** The elements, if they are the same whatever the model's inputs are. */
  public @Nullable Tensor constant() {
    return constant;
  }

  /**
   * The elements as far as they are known, if they are few and numbers; of a sequence its length.
   */
  public @Nullable KnownValues known() {
    if (!isRead && constant != null) {
      known = KnownValues.of(constant);
      isRead = true;
    }
    return known;
  }

  /** Whether it follows from a problem, so that a contradiction may only repeat that. */
  public boolean suspect() {
    return suspect;
  }
}
