package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What typed methods are made of: nodes of any operator, and constants. */
public interface OperatorBuilder {
  /** Stands in a list of inputs for an optional one that is not given. */
  Value ABSENT = Result.ABSENT;

  /** The version of ONNX's own operators that nodes are made for. */
  int opset();

  /**
   * A node of any operator.
   *
   * @param operator the name of one of ONNX's own operators ({@code Conv}) or, with its domain, of
   *     any other ({@code com.microsoft.FusedConv})
   * @param outputs how many results it has
   * @param inputs values of this graph or of those around it; {@link #ABSENT} for an optional input
   *     that is not given
   * @return the results, with the types that follow from the inputs
   */
  List<Value> nodes(
      String operator, int outputs, List<? extends Value> inputs, Attribute... attributes);

  /** A node of any operator with one result; see {@link #nodes}. */
  default Value node(String operator, List<? extends Value> inputs, Attribute... attributes) {
    return nodes(operator, 1, inputs, attributes).get(0);
  }

  /** A node of any operator without attributes and with one result; see {@link #nodes}. */
  default Value node(String operator, Value... inputs) {
    return node(operator, operands(inputs));
  }

  /** A node whose attributes are put together at run time. */
  default Value node(String operator, List<? extends Value> inputs, List<Attribute> attributes) {
    return node(operator, inputs, attributes.toArray(Attribute[]::new));
  }

  /** A constant under a name made from what it is for and a number, such as {@code axes1}. */
  Value numberedConstant(String role, TensorData data);

  /**
   * Where a typed method makes the nodes that it needs before the one that gives its result: this
   * builder, or the scope of a layer's name if it has one.
   */
  default OperatorBuilder inside() {
    return this;
  }

  /** A constant under a name made up for it. */
  default Value constant(TensorData data) {
    return numberedConstant("const", data);
  }

  /** A constant float scalar. */
  default Value constant(float element) {
    return constant(Tensor.scalar(element));
  }

  /** A constant int64 scalar. */
  default Value constant(long element) {
    return constant(Tensor.scalar(element));
  }

  /** A constant int64 vector for a parameter such as axes or a shape. */
  default Value longs(String role, long... values) {
    return numberedConstant(role, Tensor.ofLongs(values, values.length));
  }

  /** Inputs that must all be given; {@link #nodes} names one that is null. */
  static List<Value> operands(Value... values) {
    return Collections.unmodifiableList(Arrays.asList(values.clone()));
  }

  /** The inputs without trailing absent ones. */
  static List<Value> inputs(@Nullable Value... values) {
    int count = values.length;
    while (count > 0 && values[count - 1] == null) {
      count--;
    }
    return Arrays.stream(values, 0, count).map(v -> v == null ? ABSENT : v).toList();
  }

  /**
   * A constant scalar of the element type of another value, so that the two can be combined.
   *
   * @throws GraphBuildException if the other value's element type is not known
   */
  default Value scalarLike(Value other, double element) {
    return numberedConstant("const", Tensor.ofNumbers(elementType(other), new double[] {element}));
  }

  /**
   * The element type of a tensor.
   *
   * @throws GraphBuildException if it is not known
   */
  static ElementType elementType(Value value) {
    requireValue(value);
    if (value.type() instanceof TensorType t && t.elementType() != ElementType.UNDEFINED) {
      return t.elementType();
    }
    throw GraphBuildException.here(
        "The element type of " + value.name() + " must be known here; declare it");
  }

  /** The shape of a tensor; of unknown rank if it is not known to be one. */
  static Shape shapeOf(Value value) {
    requireValue(value);
    return value.type() instanceof TensorType t ? t.shape() : Shape.UNKNOWN;
  }

  private static void requireValue(Value value) {
    if (value == null) {
      throw GraphBuildException.here("An operand is null");
    }
  }
}
