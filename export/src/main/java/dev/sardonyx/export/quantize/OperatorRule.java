package dev.sardonyx.export.quantize;

import org.jspecify.annotations.Nullable;

/**
 * How a runtime computes an operator in small integers.
 *
 * @param kind what the node has to do with the integers
 * @param givesIntegers whether the kernel gives nothing but integers, so that its result is always
 *     quantised; otherwise it is quantised only if a quantised node reads it
 * @param fixed the range of results where the operator itself tells it, or null
 */
public record OperatorRule(Kind kind, boolean givesIntegers, @Nullable Range fixed) {
  /** What a node has to do with integers. */
  public enum Kind {
    /** A product with constant weights, worth quantising wherever it stands. */
    PRODUCT,
    /** Computes on all its inputs, which are integers already where a quantised node gave them. */
    FOLLOWING,
    /** Passes elements of its first input on, which keep their scale. */
    MOVING,
    /** Cuts off numbers, as Relu does, which the integers' own limits can do as well. */
    BOUNDING
  }

  /** A rule for results in the range that calibration found. */
  static OperatorRule of(Kind kind, boolean givesIntegers) {
    return new OperatorRule(kind, givesIntegers, null);
  }
}
