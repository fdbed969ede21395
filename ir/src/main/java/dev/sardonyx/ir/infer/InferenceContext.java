package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an {@link InferenceRule} sees of one node, and where it puts what it finds out. */
public final class InferenceContext {
  /** What the node's surroundings do for it. */
  interface Surroundings {
    /** Infers a subgraph of the node that sees the surroundings; gives its outputs' types. */
    List<ValueType> subgraph(Node node, Graph body, List<ValueType> inputTypes);

    /** How many loops stand in one another in a graph. */
    int loopLevels(Graph graph);
  }

  private final Node node;
  private final OperatorSchema schema;
  private final List<Fact> inputs;
  private final Surroundings surroundings;
  private final ValueType[] outputs;
  private final @Nullable KnownValues[] outputValues;
  private final @Nullable Tensor[] outputConstants;

  /**
   * @param inputs what is known of the node's inputs, one each
   */
  InferenceContext(Node node, OperatorSchema schema, List<Fact> inputs, Surroundings surroundings) {
    this.node = node;
    this.schema = schema;
    this.inputs = inputs;
    this.surroundings = surroundings;
    this.outputs = new ValueType[node.outputs().size()];
    Arrays.fill(outputs, ValueType.unknown());
    this.outputValues = new KnownValues[outputs.length];
    this.outputConstants = new Tensor[outputs.length];
  }

  public Node node() {
    return node;
  }

  public OperatorSchema schema() {
    return schema;
  }

  /** The operator's version: the first opset that has this signature. */
  public int since() {
    return schema.since();
  }

  // Inputs

  /** How many inputs are written, absent ones included. */
  public int inputs() {
    return node.inputs().size();
  }

  public boolean hasInput(int i) {
    return node.hasInput(i);
  }

  /** An input's type; unknown if the input is absent. */
  public ValueType inputType(int i) {
    return i < inputs.size() ? inputs.get(i).type() : ValueType.unknown();
  }

  /** The shape of a tensor (dense or sparse); of unknown rank if it is not known to be one. */
  public Shape inputShape(int i) {
    ValueType type = inputType(i);
    if (type instanceof TensorType tensor) {
      return tensor.shape();
    }
    return type instanceof SparseTensorType sparse ? sparse.shape() : Shape.UNKNOWN;
  }

  /** A dimension of an input, unknown if the shape is; negative axes count from the end. */
  public Dim inputDim(int i, int axis) {
    Shape shape = inputShape(i);
    if (!shape.isRanked()) {
      return Dim.UNKNOWN;
    }
    int at = axis < 0 ? axis + shape.rank() : axis;
    return at >= 0 && at < shape.rank() ? shape.dim(at) : Dim.UNKNOWN;
  }

  /** The element type of a tensor (dense or sparse), {@code UNDEFINED} if not known. */
  public ElementType inputElementType(int i) {
    ValueType type = inputType(i);
    if (type instanceof TensorType tensor) {
      return tensor.elementType();
    }
    return type instanceof SparseTensorType sparse ? sparse.elementType() : ElementType.UNDEFINED;
  }

  /** The whole value of an input that is constant in the model, or null. */
  public @Nullable Tensor inputConstant(int i) {
    return i < inputs.size() ? inputs.get(i).constant() : null;
  }

  /** What is known of the elements of an integer input, or of a sequence's length; or null. */
  public @Nullable KnownValues inputKnown(int i) {
    return i < inputs.size() ? inputs.get(i).known() : null;
  }

  /** How a message names an input: by its value's name. */
  public String inputName(int i) {
    return node.input(i);
  }

  // Attributes; an absent one has its default, if the signature gives one.

  private <V extends AttributeValue> @Nullable V attribute(String name, Class<V> kind) {
    AttributeValue value =
        node.attribute(name)
            .map(dev.sardonyx.ir.Attribute::value)
            .or(() -> schema.attribute(name).map(AttributeSchema::defaultValue))
            .orElse(null);
    return kind.isInstance(value) ? kind.cast(value) : null;
  }

  public boolean hasAttribute(String name) {
    return node.attribute(name).isPresent();
  }

  /**
   * An integer attribute or its default.
   *
   * @throws InferenceException if there is neither
   */
  public long intAttribute(String name) {
    AttributeValue.Int value = attribute(name, AttributeValue.Int.class);
    if (value == null) {
      throw missing(name, AttributeType.INT);
    }
    return value.value();
  }

  public long intAttribute(String name, long otherwise) {
    AttributeValue.Int value = attribute(name, AttributeValue.Int.class);
    return value == null ? otherwise : value.value();
  }

  public boolean flag(String name) {
    return intAttribute(name, 0) != 0;
  }

  public float floatAttribute(String name, float otherwise) {
    AttributeValue.Float value = attribute(name, AttributeValue.Float.class);
    return value == null ? otherwise : value.value();
  }

  public String stringAttribute(String name, String otherwise) {
    AttributeValue.String value = attribute(name, AttributeValue.String.class);
    return value == null ? otherwise : value.value();
  }

  /** A list of integers, or null if it is not given and has no default. */
  public long @Nullable [] intsAttribute(String name) {
    AttributeValue.Ints value = attribute(name, AttributeValue.Ints.class);
    return value == null ? null : value.values();
  }

  public float @Nullable [] floatsAttribute(String name) {
    AttributeValue.Floats value = attribute(name, AttributeValue.Floats.class);
    return value == null ? null : value.values();
  }

  public @Nullable List<String> stringsAttribute(String name) {
    AttributeValue.Strings value = attribute(name, AttributeValue.Strings.class);
    return value == null ? null : value.values();
  }

  public Optional<Tensor> tensorAttribute(String name) {
    return Optional.ofNullable(attribute(name, AttributeValue.Tensor.class))
        .map(AttributeValue.Tensor::value);
  }

  public Optional<Graph> graphAttribute(String name) {
    return Optional.ofNullable(attribute(name, AttributeValue.Graph.class))
        .map(AttributeValue.Graph::value);
  }

  /**
   * The element type that an integer attribute names, such as {@code to} or {@code dtype}; empty if
   * it is not given and has no default.
   *
   * @throws InferenceException if no element type has that number
   */
  public Optional<ElementType> elementTypeAttribute(String name) {
    AttributeValue.Int value = attribute(name, AttributeValue.Int.class);
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(ElementType.of(Math.toIntExact(value.value())));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw attributeError(
          name,
          "the number of an element type",
          Long.toString(value.value()),
          name + " " + value.value() + " is not the number of an element type");
    }
  }

  private InferenceException missing(String attribute, AttributeType type) {
    return new InferenceException(
        ProblemCode.ATTRIBUTE_VALUE,
        attribute,
        "an attribute of type " + type,
        "none",
        "attribute " + attribute + " (" + type + ") is missing");
  }

  // Outputs

  /** How many outputs are written, absent ones included. */
  public int outputs() {
    return outputs.length;
  }

  /** What has been found out of an output so far; unknown beyond the last. */
  public ValueType outputType(int i) {
    return i < outputs.length ? outputs[i] : ValueType.unknown();
  }

  /** Sets an output's whole type; ignored if the node does not have the output. */
  public void setOutputType(int i, ValueType type) {
    if (i < outputs.length) {
      outputs[i] = type;
    }
  }

  public void setOutputType(int i, ElementType elementType, Shape shape) {
    setOutputType(i, TensorType.of(elementType, shape));
  }

  /** Sets a tensor output's shape; its element type is the one found before or by the signature. */
  public void setOutputShape(int i, Shape shape) {
    if (i < outputs.length) {
      ElementType type =
          outputs[i] instanceof TensorType t ? t.elementType() : ElementType.UNDEFINED;
      outputs[i] = TensorType.of(type, shape);
    }
  }

  /** Sets a tensor output's element type, leaving its shape. */
  public void setOutputElementType(int i, ElementType elementType) {
    setOutputType(
        i, elementType, outputType(i) instanceof TensorType t ? t.shape() : Shape.UNKNOWN);
  }

  /** Says what is known of an integer output's elements, or as a scalar of a sequence's length. */
  public void setOutputKnown(int i, KnownValues values) {
    if (i < outputs.length && values.isSmall()) {
      outputValues[i] = outputs[i] instanceof TensorType t ? values.as(t.elementType()) : values;
    }
  }

  /** Says that an output is a constant, whatever the model's inputs are. */
  public void setOutputConstant(int i, Tensor value) {
    setOutputType(i, value.type());
    if (i < outputs.length) {
      outputConstants[i] = value;
    }
  }

  /** Says that an output has the very elements of an input, in the same order. */
  public void setOutputElementsOf(int output, int input) {
    Tensor value = inputConstant(input);
    KnownValues values = inputKnown(input);
    if (value != null) {
      setOutputConstant(output, value);
    } else if (values != null) {
      setOutputKnown(output, values);
    }
  }

  /** What has been found out of the outputs. */
  List<Fact> results() {
    Fact[] results = new Fact[outputs.length];
    for (int i = 0; i < results.length; i++) {
      Tensor constant = outputConstants[i];
      results[i] = constant != null ? Fact.of(constant) : Fact.of(outputs[i], outputValues[i]);
    }
    return List.of(results);
  }

  // Subgraphs and errors

  /** Infers a subgraph whose inputs have the given types; gives the types of its outputs. */
  public List<ValueType> subgraph(Graph body, List<ValueType> inputTypes) {
    return surroundings.subgraph(node, body, inputTypes);
  }

  /** How many loops stand in one another in a graph, whatever graphs are between them. */
  public int loopLevels(Graph body) {
    return surroundings.loopLevels(body);
  }

  /** An error about an input's shape. */
  public InferenceException shapeError(int input, String expected, String reason) {
    return new InferenceException(
        ProblemCode.SHAPE_MISMATCH,
        inputName(input),
        expected,
        inputShape(input).toString(),
        reason);
  }

  /** An error about an input's rank. */
  public InferenceException rankError(int input, String expected) {
    return new InferenceException(
        ProblemCode.RANK,
        inputName(input),
        "rank " + expected,
        "rank " + inputShape(input).rank(),
        "input "
            + inputName(input)
            + " has shape "
            + inputShape(input)
            + ", but "
            + node.opType()
            + " takes rank "
            + expected);
  }

  /** An error about an attribute's value. */
  public InferenceException attributeError(
      String attribute, String expected, String actual, String reason) {
    return new InferenceException(ProblemCode.ATTRIBUTE_VALUE, attribute, expected, actual, reason);
  }
}
