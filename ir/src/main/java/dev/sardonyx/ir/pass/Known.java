package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import org.jspecify.annotations.Nullable;

/** What is known so far of a value of a graph that is being rewritten. */
final class Known {
  boolean isDefined;
  ValueType type = ValueType.unknown();
  @Nullable Tensor tensor;

  /** Where among the emitted nodes the one is that gives the value, or -1. */
  int producer = -1;

  /** How often it is used by nodes, their subgraphs, and as an output. */
  int uses;

  boolean isInitializer;

  /** The value that stands for this one, or null. */
  @Nullable String replacedBy;
}
