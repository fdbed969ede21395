package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether the values a caller gives are the inputs a model takes.
 *
 * @param inputs what it takes, by name
 * @param withDefault names of those that may be left out
 */
record InputCheck(Map<String, Input> inputs, Set<String> withDefault) {
  /**
   * @throws IllegalArgumentException naming the first input that is missing, not known, or of the
   *     wrong type, with both types
   */
  void require(Map<String, ? extends Datum> given) {
    for (Map.Entry<String, ? extends Datum> entry : given.entrySet()) {
      Input input = inputs.get(entry.getKey());
      if (input == null) {
        throw new IllegalArgumentException(
            "The model has no input '" + entry.getKey() + "'; it takes " + signature());
      }
      if (entry.getValue() == null) {
        throw new IllegalArgumentException(
            "Input '" + input.name() + "' is null; it takes " + input.type());
      }
      String problem = problem(input.type(), entry.getValue());
      if (!problem.isEmpty()) {
        throw new IllegalArgumentException(
            "Input '"
                + input.name()
                + "' takes "
                + input.type()
                + ", but was given "
                + entry.getValue().type()
                + ": "
                + problem);
      }
    }
    for (Input input : inputs.values()) {
      if (!given.containsKey(input.name()) && !withDefault.contains(input.name())) {
        throw new IllegalArgumentException(
            "Input '"
                + input.name()
                + "' of type "
                + input.type()
                + " is missing; given were "
                + List.copyOf(given.keySet()));
      }
    }
  }

  private String signature() {
    return inputs.isEmpty()
        ? "none"
        : inputs.values().stream()
            .map(input -> input.name() + ": " + input.type())
            .collect(Collectors.joining(", "));
  }

  /** What is wrong, empty if nothing is. */
  private static String problem(ValueType declared, Datum given) {
    if (declared instanceof TensorType type) {
      return given instanceof Tensor tensor ? problem(type, tensor) : "a tensor is needed";
    }
    if (declared instanceof OptionalType type) {
      Datum value = given instanceof OptionalDatum optional ? optional.value() : given;
      return value == null ? "" : problem(type.element(), value);
    }
    if (declared instanceof SequenceType type) {
      if (!(given instanceof SequenceDatum sequence)) {
        return "a sequence is needed";
      }
      for (int i = 0; i < sequence.items().size(); i++) {
        Datum item = sequence.items().get(i);
        String problem = problem(type.element(), item);
        if (!problem.isEmpty()) {
          return "item " + i + " is " + item.type() + ": " + problem;
        }
      }
    }
    return "";
  }

  private static String problem(TensorType declared, Tensor given) {
    ElementType expected = declared.elementType();
    if (expected != ElementType.UNDEFINED && expected != given.elementType()) {
      return "element type " + expected + " is needed, not " + given.elementType();
    }
    Shape shape = declared.shape();
    if (!shape.isRanked()) {
      return "";
    }
    if (shape.rank() != given.rank()) {
      return "rank " + shape.rank() + " is needed, not " + given.rank();
    }
    for (int axis = 0; axis < shape.rank(); axis++) {
      Dim dim = shape.dim(axis);
      if (dim.isFixed() && dim.value() != given.dim(axis)) {
        return "dimension " + axis + " is " + dim + ", not " + given.dim(axis);
      }
    }
    return "";
  }
}
