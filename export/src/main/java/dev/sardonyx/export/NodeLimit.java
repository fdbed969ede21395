package dev.sardonyx.export;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A restriction that a runtime places on nodes of one of ONNX's own operators.
 *
 * @param operator such as {@code Resize}
 * @param kind what is required
 * @param what the attribute's name, or the input's index, that it applies to, otherwise empty
 * @param value the attribute's value or the opset that is ruled out, otherwise empty
 */
public record NodeLimit(String operator, Kind kind, String what, String value) {
  /** What can be required. */
  public enum Kind {
    /** The input, if present, must be a constant of the model. */
    CONSTANT_INPUT,
    /** The attribute must be absent, or 0, or a list of zeros or, for dilations, of ones. */
    NO_ATTRIBUTE,
    /** The attribute must have another value than the given one. */
    OTHER_VALUE,
    /** The input must be absent. */
    NO_INPUT,
    /**
     * The node may name no more than one axis. Reductions and Unsqueeze become nodes of one axis
     * each where that is possible.
     */
    ONE_AXIS,
    /** The operator must be of an older version than that of the given opset. */
    OLDER_VERSION
  }

  /**
   * What a node is surrounded by.
   *
   * @param constants the names of values that are constants
   * @param types of values by their names, as far as they are known
   * @param opset the version of ONNX's own operators
   */
  record Surroundings(Set<String> constants, Map<String, ValueType> types, long opset) {}

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

  /** An optional input that the runtime does not take. */
  public static NodeLimit noInput(String operator, int input) {
    return new NodeLimit(operator, Kind.NO_INPUT, String.valueOf(input), "");
  }

  /** A reduction, or Unsqueeze, of one axis at a time. */
  public static NodeLimit oneAxis(String operator) {
    return new NodeLimit(operator, Kind.ONE_AXIS, "axes", "");
  }

  /**
   * A version of the operator which the runtime does not support, nor those after it. Models are
   * converted to an older opset where that is possible.
   *
   * @param opset that introduced the version
   */
  public static NodeLimit olderVersion(String operator, int opset) {
    return new NodeLimit(operator, Kind.OLDER_VERSION, "", String.valueOf(opset));
  }

  /** Why a node breaks the limit; empty if it does not, or is of another operator. */
  Optional<String> brokenBy(Node node, Surroundings around) {
    if (!node.is(operator)) {
      return Optional.empty();
    }
    return switch (kind) {
      case CONSTANT_INPUT -> {
        int input = Integer.parseInt(what);
        yield node.hasInput(input) && !around.constants().contains(node.input(input))
            ? Optional.of("the target takes only a constant as input " + what + " of " + operator)
            : Optional.empty();
      }
      case NO_ATTRIBUTE ->
          saysNothing(node)
              ? Optional.empty()
              : Optional.of("the target does not support attribute " + what + " of " + operator);
      case OTHER_VALUE ->
          node.stringAttribute(what, usual(node, around.opset())).equals(value)
              ? Optional.of(
                  "the target does not support " + what + " = " + value + " of " + operator)
              : Optional.empty();
      case NO_INPUT ->
          node.hasInput(Integer.parseInt(what))
              ? Optional.of("the target does not take input " + what + " of " + operator)
              : Optional.empty();
      case ONE_AXIS ->
          namesSeveral(node, around)
              ? Optional.of("the target takes one of the axes of " + operator + " at a time")
              : Optional.empty();
      case OLDER_VERSION ->
          opsetAbove(node, around.opset()) > 0
              ? Optional.of("the target has no " + operator + " of opset " + value)
              : Optional.empty();
    };
  }

  private static boolean namesSeveral(Node node, Surroundings around) {
    return node.hasInput(1)
        ? around.types().get(node.input(1)) instanceof TensorType axes
            && axes.shape().isRanked()
            && !axes.shape().size().equals(Dim.of(1))
        : node.attribute("axes", AttributeValue.Ints.class)
            .filter(axes -> axes.values().length > 1)
            .isPresent();
  }

  /** The opset that a model must stay below for its node's version; 0 if that does not matter. */
  long opsetAbove(Node node, long opset) {
    if (kind != Kind.OLDER_VERSION || !node.is(operator)) {
      return 0;
    }
    long least = Long.parseLong(value);
    return opset >= least ? least : 0;
  }

  /** The default value of the attribute in an opset; empty if it has none there. */
  private String usual(Node node, long opset) {
    return OperatorCatalogue.standard()
        .find(node, opset)
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
