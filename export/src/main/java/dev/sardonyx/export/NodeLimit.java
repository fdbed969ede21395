package dev.sardonyx.export;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * A restriction that a runtime places on nodes of one of ONNX's own operators.
 *
 * @param operator such as {@code Resize}
 * @param kind what is required
 * @param what the attribute's name, or the input's index, that it applies to
 * @param value the attribute's value that is ruled out, otherwise empty
 */
public record NodeLimit(String operator, Kind kind, String what, String value) {
  /** What can be required. */
  public enum Kind {
    /** The input, if present, must be a constant of the model. */
    CONSTANT_INPUT,
    /** The attribute must be absent, or 0, or a list of zeros or, for dilations, of ones. */
    NO_ATTRIBUTE,
    /** The attribute must have another value than the given one. */
    OTHER_VALUE
  }

  /** An input that must be a constant of the model. */
  public static NodeLimit constantInput(String operator, int input) {
    return new NodeLimit(operator, Kind.CONSTANT_INPUT, String.valueOf(input), "");
  }

  /** An attribute that the runtime ignores or does not implement correctly. */
  public static NodeLimit noAttribute(String operator, String attribute) {
    return new NodeLimit(operator, Kind.NO_ATTRIBUTE, attribute, "");
  }

  /** An attribute's value that the runtime does not support. */
  public static NodeLimit otherValue(String operator, String attribute, String value) {
    return new NodeLimit(operator, Kind.OTHER_VALUE, attribute, value);
  }

  /**
   * Why a node breaks the limit; empty if it does not, or is of another operator.
   *
   * @param constants the names of values that are constants at the node
   */
  Optional<String> brokenBy(Node node, Set<String> constants) {
    if (!node.is(operator)) {
      return Optional.empty();
    }
    return switch (kind) {
      case CONSTANT_INPUT -> {
        int input = Integer.parseInt(what);
        yield node.hasInput(input) && !constants.contains(node.input(input))
            ? Optional.of("the target takes only a constant as input " + what + " of " + operator)
            : Optional.empty();
      }
      case NO_ATTRIBUTE ->
          saysNothing(node)
              ? Optional.empty()
              : Optional.of("the target does not know " + what + " of " + operator);
      case OTHER_VALUE ->
          node.stringAttribute(what, usual(node)).equals(value)
              ? Optional.of("the target does not know " + what + " " + value + " of " + operator)
              : Optional.empty();
    };
  }

  /** The default value of the attribute; empty if it has none. */
  private String usual(Node node) {
    return OperatorCatalogue.standard()
        .find(node, Long.MAX_VALUE)
        .flatMap(schema -> schema.attribute(what))
        .map(AttributeSchema::defaultValue)
        .filter(AttributeValue.String.class::isInstance)
        .map(text -> ((AttributeValue.String) text).value())
        .orElse("");
  }

  private boolean saysNothing(Node node) {
    long neutral = what.equals("dilations") ? 1 : 0;
    return node.attribute(what)
        .map(
            attribute ->
                attribute.value() instanceof AttributeValue.Int i && i.value() == 0
                    || attribute.value() instanceof AttributeValue.Ints many
                        && Arrays.stream(many.values()).allMatch(n -> n == neutral))
        .orElse(true);
  }
}
