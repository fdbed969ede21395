package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts a node, as the version on the other side writes it, in its place. Where that version lacks
 * the element type of a value, the node computes in another one, between casts.
 */
final class Placement {
  private final Node node;
  private final Rewriter to;
  private final OperatorSchema schema;

  /** From type parameters to the element type that they stand for, and the one to compute in. */
  private final Map<String, ElementType> given = new HashMap<>();

  private final Map<String, ElementType> casts = new HashMap<>();

  private Placement(Node node, Rewriter to, OperatorSchema schema) {
    this.node = node;
    this.to = to;
    this.schema = schema;
  }

  /**
   * Puts a node in the place of the one that the rewriter sees.
   *
   * @throws RefusedStepException if the version there has no such operator, or none of the types
   */
  static void put(Node before, Node node, Rewriter to) {
    long opset = to.opset(node.domain());
    Optional<OperatorSchema> schema = OperatorCatalogue.standard().find(node, opset);
    if (schema.isEmpty() || schema.get().deprecated()) {
      throw new RefusedStepException("opset " + opset + " has no such operator");
    }
    Placement placement = new Placement(node, to, schema.get());
    placement.chooseTypes();
    if (!placement.casts.isEmpty()) {
      placement.putBetweenCasts();
    } else if (!node.equals(before)) {
      to.change(node);
    }
  }

  private void chooseTypes() {
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.hasInput(i)) {
        Parameter parameter = parameter(schema.input(i), "inputs");
        ValueType type = to.type(node.input(i));
        if (!isAllowed(parameter, type)) {
          cast(parameter, type);
        }
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Parameter parameter = parameter(schema.output(i), "outputs");
      ValueType type = node.output(i).type();
      if (node.hasOutput(i)
          && !isAllowed(parameter, type)
          && !casts.containsKey(parameter.type())) {
        throw lacks(type);
      }
    }
  }

  private Parameter parameter(Optional<Parameter> parameter, String what) {
    return parameter.orElseThrow(
        () -> new RefusedStepException("opset " + to.opset(node.domain()) + " has fewer " + what));
  }

  private boolean isAllowed(Parameter parameter, ValueType type) {
    Set<ValueType> allowed = schema.types().get(parameter.type());
    return allowed == null || !isElementKnown(type) || allowed.contains(withoutShape(type));
  }

  private static boolean isElementKnown(ValueType type) {
    return type.isKnown()
        && !(type instanceof TensorType t && t.elementType() == ElementType.UNDEFINED);
  }

  private static ValueType withoutShape(ValueType type) {
    if (type instanceof TensorType tensor) {
      return TensorType.of(tensor.elementType(), Shape.UNKNOWN);
    }
    if (type instanceof SequenceType sequence) {
      return new SequenceType(withoutShape(sequence.element()));
    }
    return type instanceof OptionalType optional
        ? new OptionalType(withoutShape(optional.element()))
        : type;
  }

  private RefusedStepException lacks(ValueType type) {
    ValueType shown = withoutShape(type);
    return new RefusedStepException(
        schema
            + " of opset "
            + to.opset(node.domain())
            + " does not take "
            + (shown instanceof TensorType t ? t.elementType() : shown));
  }

  private void cast(Parameter parameter, ValueType type) {
    if (!(type instanceof TensorType tensor)) {
      throw lacks(type);
    }
    ElementType from = tensor.elementType();
    for (ElementType candidate : CastKind.of(node.opType()).standIns(from)) {
      TensorType other = TensorType.of(candidate, Shape.UNKNOWN);
      if (isAllowed(parameter, other) && isCast(from) && isCast(candidate)) {
        given.put(parameter.type(), from);
        casts.put(parameter.type(), candidate);
        return;
      }
    }
    throw lacks(type);
  }

  /** Whether Cast knows the type there. */
  private boolean isCast(ElementType type) {
    return OperatorCatalogue.standard()
        .find("", "Cast", to.opset())
        .map(cast -> cast.types().getOrDefault("T1", Set.of()))
        .orElse(Set.of())
        .contains(TensorType.of(type, Shape.UNKNOWN));
  }

  private void putBetweenCasts() {
    List<Value> inputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = to.value(node.input(i));
      ElementType as =
          node.hasInput(i) ? casts.get(parameter(schema.input(i), "inputs").type()) : null;
      inputs.add(as == null ? input : to.cast(input, as));
    }
    List<Value> results =
        new ArrayList<>(
            to.nodes(
                node.operator(),
                node.outputs().size(),
                inputs,
                node.attributes().toArray(Attribute[]::new)));
    for (int i = 0; i < results.size(); i++) {
      ElementType back = given.get(parameter(schema.output(i), "outputs").type());
      if (back != null && node.hasOutput(i)) {
        results.set(i, to.cast(results.get(i), back));
      }
    }
    to.replace(results);
  }
}
