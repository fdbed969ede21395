package dev.sardonyx.ir;

/**
 * The kinds of problems a model can have. Codes are stable: 1xx names and structure, 2xx operators,
 * 3xx types and shapes, 4xx the model as a whole, 5xx constants.
 */
public enum ProblemCode {
  INPUT_TYPE(301, "An input has a type the operator does not take"),
  TYPE_BINDING(302, "Values that must have the same type have different ones"),
  SHAPE_MISMATCH(303, "Shapes do not fit each other"),
  RANK(304, "A value has the wrong number of dimensions"),
  ATTRIBUTE_VALUE(305, "An attribute or constant operand has a value the operator does not take"),
  DECLARED_TYPE(306, "A declared type contradicts the type that follows from the graph");

  private final int number;
  private final String title;

  ProblemCode(int number, String title) {
    this.number = number;
    this.title = title;
  }

  /** Such as {@code SX-303}. */
  public String id() {
    return "SX-" + number;
  }

  public String title() {
    return title;
  }
}
