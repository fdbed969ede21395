package dev.sardonyx.ir.op;

/**
 * A formal input or output of an operator.
 *
 * @param type a key of {@link OperatorSchema#types}; parameters that share it have the same type
 * @param minArity how many values a variadic parameter takes at least
 * @param homogeneous whether all values of a variadic parameter have the same type
 */
public record Parameter(String name, String type, Kind kind, int minArity, boolean homogeneous) {
  /** How many values stand for the parameter. */
  public enum Kind {
    SINGLE,
    OPTIONAL,
    VARIADIC
  }
}
