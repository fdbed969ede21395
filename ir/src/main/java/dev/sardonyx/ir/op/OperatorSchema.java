package dev.sardonyx.ir.op;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The signature of an operator in one version.
 *
 * @param domain the canonical domain, empty for ONNX's own
 * @param since the first opset version that has this signature
 * @param deprecated whether the operator no longer exists from that version on
 * @param types from a type parameter (or, for a parameter with one fixed type, that type's text) to
 *     the types it may stand for; tensors among them have shapes of unknown rank
 * @param maxInputs {@link Integer#MAX_VALUE} if unbounded
 * @param maxOutputs {@link Integer#MAX_VALUE} if unbounded
 * @param function whether ONNX defines the operator by other operators
 * @param randomness when it draws random numbers
 */
public record OperatorSchema(
    String domain,
    String name,
    int since,
    boolean deprecated,
    List<Parameter> inputs,
    List<Parameter> outputs,
    Map<String, AttributeSchema> attributes,
    Map<String, Set<ValueType>> types,
    int minInputs,
    int maxInputs,
    int minOutputs,
    int maxOutputs,
    boolean function,
    Randomness randomness) {
  private static final String TRAINING_DOMAIN = "ai.onnx.preview.training";

  /** The attribute of operators that may leave an axis with size 1 rather than take it away. */
  static final String KEEPS_AXES = "keepdims";

  /**
   * Describes an operator, as in
   *
   * <pre>{@code
   * OperatorSchema.of("com.example", "SoftClip", 1, s ->
   *     s.input("x", "T")
   *         .output("y", "T")
   *         .attribute("limit", new AttributeValue.Float(1))
   *         .types("T", "tensor(float)", "tensor(double)"));
   * }</pre>
   *
   * @param since the first version of the domain that has this signature
   */
  public static OperatorSchema of(
      String domain, String name, int since, Consumer<SchemaBuilder> description) {
    SchemaBuilder builder = new SchemaBuilder(domain, name, since);
    description.accept(builder);
    return builder.build();
  }

  /**
   * Reads descriptions in the form of the catalogue's own file, which {@code
   * src/main/python/onnx_operators.py} explains: paragraphs, each with an empty line after it.
   *
   * @throws IllegalArgumentException if a line is not of that form
   */
  public static List<OperatorSchema> parse(String descriptions) {
    return Arrays.stream(descriptions.strip().split("\n\n")).map(SchemaReader::read).toList();
  }

  /** The node with the defaults of all attributes that it does not have. */
  public Node withDefaults(Node node) {
    Node filled = node;
    for (AttributeSchema attribute : attributes.values()) {
      AttributeValue value = attribute.defaultValue();
      if (value != null && node.attribute(attribute.name()).isEmpty()) {
        filled = filled.withAttribute(Attribute.of(attribute.name(), value));
      }
    }
    return filled;
  }

  /** When an operator draws random numbers, so that equal inputs may give different results. */
  public enum Randomness {
    NEVER,
    /** In training mode: asked for by an input {@code training_mode}, or by no {@code is_test}. */
    TRAINING,
    ALWAYS
  }

  /** Whether the operator may draw random numbers, if only in training mode. */
  public boolean isRandom() {
    return randomness != Randomness.NEVER;
  }

  /** Whether equal inputs and attributes always give equal results. */
  public boolean isPure() {
    return randomness == Randomness.NEVER;
  }

  /** Whether the operator has a meaning in training only: gradients and optimizers. */
  public boolean isTrainingOnly() {
    return domain.equals(TRAINING_DOMAIN);
  }

  /** Whether the operator makes one element of all those along some axes, any number of them. */
  public boolean isReduction() {
    return attributes.containsKey(KEEPS_AXES)
        && (attributes.containsKey("axes")
            || inputs.stream().anyMatch(input -> input.name().equals("axes")));
  }

  /** The parameter that the i-th input stands for; empty beyond the last. */
  public Optional<Parameter> input(int i) {
    return parameter(inputs, i);
  }

  /** The parameter that the i-th output stands for; empty beyond the last. */
  public Optional<Parameter> output(int i) {
    return parameter(outputs, i);
  }

  public Optional<AttributeSchema> attribute(String attribute) {
    return Optional.ofNullable(attributes.get(attribute));
  }

  /** A variadic parameter is always the last one and takes all values that remain. */
  private static Optional<Parameter> parameter(List<Parameter> parameters, int i) {
    if (i < parameters.size()) {
      return Optional.of(parameters.get(i));
    }
    if (parameters.isEmpty()) {
      return Optional.empty();
    }
    Parameter last = parameters.get(parameters.size() - 1);
    return last.kind() == Parameter.Kind.VARIADIC ? Optional.of(last) : Optional.empty();
  }

  @Override
  public String toString() {
    return (domain.isEmpty() ? name : domain + "." + name) + "-" + since;
  }
}
