package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of DL4J's classes and how it is read.
 *
 * @param refusal why it is not read with some settings
 */
record ReadableType<C>(Class<C> type, Reading<? super C> reading, Restriction<? super C> refusal) {
  /** Says why something cannot be read; null if it can. */
  @FunctionalInterface
  interface Restriction<C> {
    @Nullable String reason(C what);
  }

  /** Why this one cannot be read, from its settings alone. */
  Optional<String> whyNot(Object what) {
    return Optional.ofNullable(refusal.reason(type.cast(what)));
  }

  Value read(Object what, Site site, List<Value> inputs) {
    return reading.read(type.cast(what), site, inputs);
  }
}
