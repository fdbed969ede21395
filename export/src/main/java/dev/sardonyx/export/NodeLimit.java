package dev.sardonyx.export;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * What nodes of one of ONNX's own operators must be like, beyond what the operator says.
 *
 * @param operator such as {@code Resize}
 * @param kind what is demanded
 * @param what the attribute, or the number of the input, that it is demanded of
 * @param value the attribute's value where one is demanded or ruled out, otherwise empty
 */
public record NodeLimit(String operator, Kind kind, String what, String value) {
  /** What can be demanded. */
  public enum Kind {
    /** An input is a constant of the model, if it is there. */
    CONSTANT_INPUT,
    /** An attribute is not there, or 0, or all its numbers are 1. */
    NO_ATTRIBUTE,
    /** An attribute has not a certain value. */
    OTHER_VALUE
  }

  /** An input that must be a constant of the model. */
  public static NodeLimit constantInput(String operator, int input) {
    return new NodeLimit(operator, Kind.CONSTANT_INPUT, String.valueOf(input), "");
  }

  /** An attribute that the runtime does not look at, or not rightly. */
  public static NodeLimit noAttribute(String operator, String attribute) {
    return new NodeLimit(operator, Kind.NO_ATTRIBUTE, attribute, "");
  }

  /** A value of an attribute that the runtime does not know. */
  public static NodeLimit otherValue(String operator, String attribute, String value) {
    return new NodeLimit(operator, Kind.OTHER_VALUE, attribute, value);
  }

  /**
   * Why a node does not keep to the limit; empty if it does, or is of another operator.
   *
   * @param constants the values that are constants where the node is
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

  /** The value of an attribute that is not there. */
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
    return node.attribute(what)
        .map(
            attribute ->
                attribute.value() instanceof AttributeValue.Int i && i.value() == 0
                    || attribute.value() instanceof AttributeValue.Ints many
                        && Arrays.stream(many.values()).allMatch(n -> n == 1))
        .orElse(true);
  }
}
