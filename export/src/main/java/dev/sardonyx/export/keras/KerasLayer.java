package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One call of a Keras layer, as a {@link LayerReader} sees it: its settings, variables and
 * arguments, and the graph that is being built. Nodes and constants get the layer's name as scope.
 */
public final class KerasLayer {
  private final GraphReading reading;
  private final GraphBuilder builder;
  private final LayerState state;
  private final List<Argument> arguments;
  private final Map<String, Argument> named;
  private final Map<Argument.Reference, KerasTensor> tensors;

  KerasLayer(
      GraphReading reading,
      LayerState state,
      List<Argument> arguments,
      Map<String, Argument> named,
      Map<Argument.Reference, KerasTensor> tensors) {
    this(reading, reading.builder(), state, arguments, named, tensors);
  }

  private KerasLayer(
      GraphReading reading,
      GraphBuilder builder,
      LayerState state,
      List<Argument> arguments,
      Map<String, Argument> named,
      Map<Argument.Reference, KerasTensor> tensors) {
    this.reading = reading;
    this.builder = builder;
    this.state = state;
    this.arguments = arguments;
    this.named = named;
    this.tensors = tensors;
  }

  /** The layer's name. */
  public String name() {
    return state.layer().name();
  }

  /** The name of its class in Python. */
  public String className() {
    return state.layer().className();
  }

  /** The settings that it was made with. */
  public LayerConfig config() {
    return state.layer().config();
  }

  /** The builder of the graph, by which nodes are made. */
  public GraphBuilder builder() {
    return builder;
  }

  /** The same layer, with nodes made elsewhere, such as in the body of a loop. */
  KerasLayer within(GraphBuilder body) {
    return new KerasLayer(reading, body, state, arguments, named, tensors);
  }

  /** The element type that it computes in, by its dtype policy. */
  public ElementType computeType() {
    return state.computeType();
  }

  /** The major version of Keras that wrote the file; 0 if it is not known. */
  int generation() {
    return reading.generation();
  }

  /** Whether it is called in the mode of training, as a call or one around it may ask for. */
  boolean training() {
    return reading.training();
  }

  // What it is called with

  /** Its first input; floats are cast to its compute type. */
  public Value input() {
    return inputTensor().value();
  }

  /** {@link #input} with its mask. */
  public KerasTensor inputTensor() {
    List<KerasTensor> inputs = inputTensors();
    if (inputs.isEmpty()) {
      throw new BrokenFile("is called without a tensor");
    }
    return inputs.get(0);
  }

  /** All tensors among its positional arguments, including those in lists, in order. */
  public List<KerasTensor> inputTensors() {
    return arguments.stream().flatMap(a -> a.references().stream()).map(this::tensor).toList();
  }

  /** The values of {@link #inputTensors}. */
  public List<Value> inputs() {
    return inputTensors().stream().map(KerasTensor::value).toList();
  }

  /** A tensor that is given by name, or by position if that is 0 or more. */
  public Optional<KerasTensor> tensorArgument(String name, int position) {
    return argument(name, position)
        .filter(Argument.Reference.class::isInstance)
        .map(a -> tensor((Argument.Reference) a));
  }

  /** Tensors that are given by name, one or a list. */
  public List<KerasTensor> tensorArguments(String name) {
    Argument argument = named.get(name);
    return argument == null ? List.of() : argument.references().stream().map(this::tensor).toList();
  }

  /** A boolean argument that is given by name. */
  public boolean truthArgument(String name) {
    return named.get(name) instanceof Argument.Literal literal
        && literal.element().isJsonPrimitive()
        && literal.element().getAsJsonPrimitive().isBoolean()
        && literal.element().getAsBoolean();
  }

  /** An argument by name, or by position if that is 0 or more. */
  Optional<Argument> argument(String name, int position) {
    if (position >= 0 && position < arguments.size()) {
      return Optional.of(arguments.get(position));
    }
    return Optional.ofNullable(named.get(name));
  }

  List<Argument> arguments() {
    return arguments;
  }

  /** The same call without its first argument. */
  KerasLayer withoutFirst() {
    return new KerasLayer(
        reading, builder, state, arguments.subList(1, arguments.size()), named, tensors);
  }

  /**
   * A tensor among the arguments; unless this is an operation of {@code keras.ops}, floats are cast
   * to the compute type.
   */
  KerasTensor tensor(Argument.Reference reference) {
    KerasTensor tensor = tensors.get(reference);
    if (tensor == null) {
      throw new BrokenFile("is called with a tensor that is not there");
    }
    tensor = reading.asItIs(tensor);
    boolean casts = !state.layer().isOperation() && config().truth("autocast", true);
    return casts ? tensor.withValue(inComputeType(tensor.value())) : tensor;
  }

  /** Takes the mask of a tensor that it was given away from the calls after this one. */
  void dropMask(KerasTensor tensor) {
    reading.dropMask(tensor.value());
  }

  /** Floats of another type than the compute type are cast, as Keras does. */
  private Value inComputeType(Value value) {
    ElementType type = type(value);
    return type.isFloat() && type != computeType() ? builder().cast(value, computeType()) : value;
  }

  /** The value as floats of the compute type; integers and booleans are converted. */
  public Value asFloats(Value value) {
    return type(value) == computeType() ? value : builder().cast(value, computeType());
  }

  // Shapes

  /** The element type of a value. */
  static ElementType type(Value value) {
    return value.type() instanceof TensorType t ? t.elementType() : ElementType.UNDEFINED;
  }

  /** The shape of a value. */
  static Shape shape(Value value) {
    return value.type() instanceof TensorType t ? t.shape() : Shape.UNKNOWN;
  }

  /** The number of axes of a value. */
  static int rank(Value value) {
    Shape shape = shape(value);
    if (!shape.isRanked()) {
      throw new BrokenFile("the rank of " + value.name() + " is not known");
    }
    return shape.rank();
  }

  /**
   * The size of an axis, which must be known.
   *
   * @param axis counts from the end if negative
   */
  static long dim(Value value, int axis) {
    int rank = rank(value);
    int at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw new BrokenFile("there is no axis " + axis + " in " + value.type());
    }
    Dim dim = shape(value).dim(at);
    if (!dim.isFixed()) {
      throw new LayerRefusal("axis " + at + " of " + value.type() + " must have a fixed size");
    }
    return dim.value();
  }

  /** The size of the input's last axis, which must be known. */
  public long lastDim() {
    return dim(input(), -1);
  }

  /** The axis counted from the start; a negative one counts from the end. */
  static int axis(long axis, int rank) {
    long at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw new BrokenFile("there is no axis " + axis + " among " + rank);
    }
    return (int) at;
  }

  // Variables and constants

  /**
   * One of the layer's variables. Read several variables in the order in which the layer creates
   * them; the role is the variable's name in messages and in the graph.
   *
   * @param shape the shape that it must have
   */
  public Tensor variableData(String role, long... shape) {
    Tensor tensor = state.variable(role);
    if (!Arrays.equals(tensor.dims(), shape)) {
      throw new BrokenFile(
          "its "
              + role
              + " has the shape "
              + Arrays.toString(tensor.dims())
              + " in the file, where "
              + Arrays.toString(shape)
              + " fits its settings and input");
    }
    return tensor.elementType() == computeType() || !tensor.elementType().isFloat()
        ? tensor
        : Tensor.ofNumbers(computeType(), tensor.toDoubles(), tensor.dims());
  }

  /** {@link #variableData} as a value of the graph. */
  public Value variable(String role, long... shape) {
    return constant(role, variableData(role, shape));
  }

  /** A constant of the layer, made once for all its calls. */
  public Value constant(String role, Tensor tensor) {
    return reading.constant(state, role, tensor);
  }

  /** A constant of floats in the compute type. */
  Value floats(String role, double[] elements, long... shape) {
    return constant(role, Tensor.ofNumbers(computeType(), elements, shape));
  }

  /** A variable of any shape. */
  Tensor anyVariable(String role) {
    return variableData(role, state.variable(role).dims());
  }

  // Layers within

  /**
   * Calls a layer that is part of this one.
   *
   * @param inner the layer, as settings have it
   * @param names of the attribute that holds it, the usual one first
   */
  List<KerasTensor> callInner(JsonElement inner, List<String> names, List<KerasTensor> given) {
    Argument.Reference[] references = new Argument.Reference[given.size()];
    Map<Argument.Reference, KerasTensor> table = GraphReading.table();
    for (int i = 0; i < references.length; i++) {
      references[i] = new Argument.Reference("", 0, i, null);
      table.put(references[i], given.get(i));
    }
    LayerState part = state.part(ModelConfig.inner(inner), names);
    List<KerasTensor> outputs =
        reading.call(part, List.of((Argument[]) references), Map.of(), table);
    if (outputs == null) {
      throw new LayerRefusal("the layer within is refused");
    }
    return outputs;
  }

  /** A layer within this one, whose nodes the reader makes itself. */
  KerasLayer inner(JsonElement inner, List<String> names) {
    LayerState part = state.part(ModelConfig.inner(inner), names);
    return new KerasLayer(reading, part, arguments, named, tensors);
  }

  /** A part of the layer that has variables but no settings of its own. */
  KerasLayer part(String... names) {
    JsonObject layer = new JsonObject();
    layer.addProperty("class_name", className());
    layer.addProperty("name", names[0]);
    layer.add("config", config().json());
    LayerState part = state.part(ModelConfig.inner(layer), List.of(names));
    return new KerasLayer(reading, part, arguments, named, tensors);
  }

  // Refusing

  /** The exception to throw if ONNX cannot express the layer; the reason is part of a sentence. */
  public RuntimeException refusal(String reason) {
    return new LayerRefusal(reason);
  }

  /** The exception to throw if the file contradicts itself. */
  public RuntimeException broken(String problem) {
    return new BrokenFile(problem);
  }

  /**
   * The mask that the layer computes with. Keras 3 passes that of the first input on only if the
   * call has no other tensors, such as states.
   */
  @Nullable Value maskOfCall() {
    long tensors =
        Stream.concat(arguments.stream(), named.values().stream())
            .filter(argument -> !argument.references().isEmpty())
            .count();
    boolean passed = tensors == 1 || generation() < 3;
    return passed ? mask() : tensorArgument("mask", -1).map(KerasTensor::value).orElse(null);
  }

  /** The mask that is passed by name, otherwise that of the first input. */
  @Nullable Value mask() {
    return tensorArgument("mask", -1)
        .map(KerasTensor::value)
        .orElseGet(() -> inputTensors().isEmpty() ? null : inputTensors().get(0).mask());
  }
}
