package dev.sardonyx.runtime.conformance.generate;

import java.util.Locale;

/** How a backend disagrees with the reference evaluator. */
public enum Way {
  /** Outputs of the right types and shapes have other elements. */
  VALUES,
  /** An output has another shape or type, or is not there. */
  SHAPE,
  /** The model is not loaded or not run, although the backend supports it. */
  REFUSED,
  /** The process ends. */
  CRASHED,
  /** There is no answer in time. */
  TIMED_OUT;

  /** As tables write it, such as {@code timed out}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
