package dev.sardonyx.ir.backend;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * The inputs that a model takes, against which a backend checks what it is given, so that every
 * backend refuses the same with the same message.
 */
public final class ModelInputs {
  private final Map<String, Input> byName;
  private final Set<String> optional;

  /** An array, and a method that is bound once: each run asks. */
  private final Input[] needed;

  private final BiConsumer<String, Datum> requirement;

  private ModelInputs(Map<String, Input> byName, Set<String> optional) {
    this.byName = Collections.unmodifiableMap(byName);
    this.optional = optional;
    this.needed =
        byName.values().stream()
            .filter(input -> !optional.contains(input.name()))
            .toArray(Input[]::new);
    this.requirement = this::requireType;
  }

  /** All inputs of a graph. Those that have an initializer may be left out. */
  public static ModelInputs of(Graph graph) {
    Map<String, Input> byName = new LinkedHashMap<>();
    graph.inputs().forEach(input -> byName.put(input.name(), input));
    return new ModelInputs(byName, initializers(graph));
  }

  /**
   * The inputs of a graph without an initializer, for a backend that takes initializers as fixed.
   */
  public static ModelInputs withoutInitializers(Graph graph) {
    ModelInputs all = of(graph);
    Map<String, Input> byName = new LinkedHashMap<>(all.byName);
    byName.keySet().removeAll(all.optional);
    return new ModelInputs(byName, Set.of());
  }

  private static Set<String> initializers(Graph graph) {
    return graph.constants().stream().map(Constant::name).collect(Collectors.toSet());
  }

  /** In the order of the graph. */
  public Map<String, Input> byName() {
    return byName;
  }

  /**
   * Checks what a caller gives. Symbolic and unknown dimensions take any size. A value may be given
   * for an optional input as it is, without an {@link OptionalDatum} around it.
   *
   * @throws IllegalArgumentException naming the first input that is missing, not known, or of the
   *     wrong type, with both types
   */
  public void require(Map<String, ? extends Datum> given) {
    given.forEach(requirement);
    missing(given.keySet())
        .ifPresent(
            input -> {
              throw new IllegalArgumentException(
                  "Input '"
                      + input.name()
                      + "' of type "
                      + input.type()
                      + " is missing; given were "
                      + List.copyOf(given.keySet()));
            });
  }

  /** The first input that has to be given and is not among those of the names. */
  public Optional<Input> missing(Set<String> given) {
    for (Input input : needed) {
      if (!given.contains(input.name())) {
        return Optional.of(input);
      }
    }
    return Optional.empty();
  }

  private void requireType(String name, Datum given) {
    Input input = byName.get(name);
    if (input == null) {
      throw new IllegalArgumentException(
          "The model has no input '" + name + "'; it takes " + signature());
    }
    if (given == null) {
      throw new IllegalArgumentException("Input '" + name + "' is null; it takes " + input.type());
    }
    if (input.type() instanceof TensorType declared
        && given instanceof Tensor tensor
        && isOf(declared, tensor)) {
      return;
    }
    String problem = problem(input.type(), given);
    if (!problem.isEmpty()) {
      throw new IllegalArgumentException(
          "Input '"
              + name
              + "' takes "
              + input.type()
              + ", but was given "
              + given.type()
              + ": "
              + problem);
    }
  }

  /** Whether a tensor certainly has a type; makes nothing, as each run asks. */
  private static boolean isOf(TensorType declared, Tensor tensor) {
    if (declared.elementType() != tensor.elementType()) {
      return false;
    }
    if (!declared.shape().isRanked()) {
      return true;
    }
    List<Dim> dims = declared.shape().dims();
    if (dims.size() != tensor.rank()) {
      return false;
    }
    for (int axis = 0; axis < dims.size(); axis++) {
      if (dims.get(axis) instanceof Dim.Fixed fixed && fixed.size() != tensor.dim(axis)) {
        return false;
      }
    }
    return true;
  }

  private String signature() {
    return byName.isEmpty()
        ? "none"
        : byName.values().stream()
            .map(input -> input.name() + ": " + input.type())
            .collect(Collectors.joining(", "));
  }

  /** What is wrong, empty if nothing is. The items of a sequence may differ in their shapes. */
  private static String problem(ValueType declared, Datum given) {
    if (declared instanceof OptionalType type) {
      if (given instanceof OptionalDatum value) {
        Datum present = value.value();
        return present == null
            ? problem(type.element(), value.elementType())
            : problem(type.element(), present);
      }
      return problem(type.element(), given);
    }
    if (declared instanceof SequenceType type
        && given instanceof SequenceDatum sequence
        && !sequence.items().isEmpty()) {
      for (int i = 0; i < sequence.items().size(); i++) {
        Datum item = sequence.items().get(i);
        String problem = problem(type.element(), item);
        if (!problem.isEmpty()) {
          return "item " + i + " is " + item.type() + ": " + problem;
        }
      }
      return "";
    }
    return problem(declared, given.type());
  }

  private static String problem(ValueType declared, ValueType given) {
    if (!declared.isKnown() || !given.isKnown()) {
      return "";
    }
    if (declared instanceof TensorType d) {
      return given instanceof TensorType g
          ? problem(d.elementType(), d.shape(), g.elementType(), g.shape())
          : "a tensor is needed";
    }
    if (declared instanceof SparseTensorType d) {
      return given instanceof SparseTensorType g
          ? problem(d.elementType(), d.shape(), g.elementType(), g.shape())
          : "a sparse tensor is needed";
    }
    if (declared instanceof SequenceType d) {
      return given instanceof SequenceType g
          ? problem(d.element(), g.element())
          : "a sequence is needed";
    }
    if (declared instanceof OptionalType d) {
      return problem(d.element(), given instanceof OptionalType g ? g.element() : given);
    }
    if (declared instanceof MapType d) {
      if (!(given instanceof MapType g)) {
        return "a map is needed";
      }
      return d.key() == g.key()
          ? problem(d.value(), g.value())
          : "keys of type " + d.key() + " are needed, not " + g.key();
    }
    return "";
  }

  private static String problem(
      ElementType element, Shape shape, ElementType givenElement, Shape given) {
    if (element != givenElement
        && element != ElementType.UNDEFINED
        && givenElement != ElementType.UNDEFINED) {
      return "element type " + element + " is needed, not " + givenElement;
    }
    if (!shape.isRanked() || !given.isRanked()) {
      return "";
    }
    if (shape.rank() != given.rank()) {
      return "rank " + shape.rank() + " is needed, not " + given.rank();
    }
    for (int axis = 0; axis < shape.rank(); axis++) {
      Dim needed = shape.dim(axis);
      if (!needed.isCompatibleWith(given.dim(axis))) {
        return "dimension " + axis + " is " + needed + ", not " + given.dim(axis);
      }
    }
    return "";
  }
}
