package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.program.Program;
import dev.sardonyx.ir.eval.program.Scope;
import dev.sardonyx.ir.op.AttributeSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@link Kernel} sees of one node: its inputs' values, attributes, and wanted outputs. */
public final class KernelContext {
  private final Node node;
  private final Program.Builtin builtin;
  private final List<@Nullable Datum> inputs;
  private final Scope scope;
  private final Parallel parallel;

  public KernelContext(
      Node node,
      Program.Builtin builtin,
      List<@Nullable Datum> inputs,
      Scope scope,
      Parallel parallel) {
    this.node = node;
    this.builtin = builtin;
    this.inputs = inputs;
    this.scope = scope;
    this.parallel = parallel;
  }

  Node node() {
    return node;
  }

  /** The node with the signature's defaults for attributes that it does not have. */
  Node nodeWithDefaults() {
    return builtin.schema().withDefaults(node);
  }

  /** A value for each input, null for an absent one. */
  List<@Nullable Datum> values() {
    return Collections.unmodifiableList(inputs);
  }

  String opType() {
    return node.opType();
  }

  /** The operator's version: the first opset that has this signature. */
  int since() {
    return builtin.schema().since();
  }

  Parallel parallel() {
    return parallel;
  }

  // Inputs

  /** How many inputs are written, absent ones included. */
  int inputs() {
    return inputs.size();
  }

  boolean has(int i) {
    return i < inputs.size() && inputs.get(i) != null;
  }

  Datum input(int i) {
    Datum value = i < inputs.size() ? inputs.get(i) : null;
    if (value == null) {
      String name = builtin.schema().input(i).map(p -> " (" + p.name() + ")").orElse("");
      throw new EvaluationException("input " + i + name + " is missing");
    }
    return value;
  }

  /** An input that is a tensor; a sparse one is made dense. */
  Tensor tensor(int i) {
    return dense(input(i), "input " + i);
  }

  public static Tensor dense(Datum value, String what) {
    if (value instanceof Tensor tensor) {
      return tensor;
    }
    if (value instanceof SparseTensor sparse) {
      return dense(sparse);
    }
    throw new EvaluationException(what + " is " + value.type() + ", not a tensor");
  }

  /**
   * A sparse tensor made dense.
   *
   * @throws EvaluationException if that takes more than the run may allocate
   */
  static Tensor dense(SparseTensor sparse) {
    AllocationLimit.require(Dims.size(sparse.dims()), Math.max(1, sparse.elementType().bits() / 8));
    return sparse.toDense();
  }

  SequenceDatum sequence(int i) {
    if (input(i) instanceof SequenceDatum sequence) {
      return sequence;
    }
    throw new EvaluationException("input " + i + " is " + input(i).type() + ", not a sequence");
  }

  /** All inputs, none of which may be absent, as tensors. */
  List<Tensor> tensors() {
    List<Tensor> result = new ArrayList<>();
    for (int i = 0; i < inputs(); i++) {
      result.add(tensor(i));
    }
    return result;
  }

  ElementType type(int i) {
    return tensor(i).elementType();
  }

  long[] dims(int i) {
    return tensor(i).dims();
  }

  double[] doubles(int i) {
    return Elements.doubles(tensor(i));
  }

  float[] floats(int i) {
    return Elements.floats(tensor(i));
  }

  long[] longs(int i) {
    return Elements.longs(tensor(i));
  }

  /** The one element of an integer input, or {@code otherwise} if the input is absent. */
  long longInput(int i, long otherwise) {
    return has(i) ? one(i, longs(i).length, longs(i)) : otherwise;
  }

  private static long one(int i, int size, long[] values) {
    if (size != 1) {
      throw new EvaluationException("input " + i + " has " + size + " elements, not 1");
    }
    return values[0];
  }

  double doubleInput(int i, double otherwise) {
    return has(i) ? tensor(i).toScalar() : otherwise;
  }

  // Attributes; an absent one has its default, if the signature gives one.

  private <V extends AttributeValue> @Nullable V attribute(String name, Class<V> kind) {
    AttributeValue value =
        node.attribute(name)
            .map(Attribute::value)
            .or(() -> builtin.schema().attribute(name).map(AttributeSchema::defaultValue))
            .orElse(null);
    return kind.isInstance(value) ? kind.cast(value) : null;
  }

  boolean hasAttribute(String name) {
    return node.attribute(name).isPresent();
  }

  long intAttribute(String name) {
    return required(name, attribute(name, AttributeValue.Int.class)).value();
  }

  long intAttribute(String name, long otherwise) {
    AttributeValue.Int value = attribute(name, AttributeValue.Int.class);
    return value == null ? otherwise : value.value();
  }

  boolean flag(String name) {
    return intAttribute(name, 0) != 0;
  }

  float floatAttribute(String name) {
    return required(name, attribute(name, AttributeValue.Float.class)).value();
  }

  float floatAttribute(String name, float otherwise) {
    AttributeValue.Float value = attribute(name, AttributeValue.Float.class);
    return value == null ? otherwise : value.value();
  }

  String stringAttribute(String name, String otherwise) {
    AttributeValue.String value = attribute(name, AttributeValue.String.class);
    return value == null ? otherwise : value.value();
  }

  /** A list of integers, or null if it is not given and has no default. */
  long @Nullable [] intsAttribute(String name) {
    AttributeValue.Ints value = attribute(name, AttributeValue.Ints.class);
    return value == null ? null : value.values();
  }

  long[] intsAttribute(String name, long[] otherwise) {
    long[] values = intsAttribute(name);
    return values == null ? otherwise : values;
  }

  float @Nullable [] floatsAttribute(String name) {
    AttributeValue.Floats value = attribute(name, AttributeValue.Floats.class);
    return value == null ? null : value.values();
  }

  @Nullable List<String> stringsAttribute(String name) {
    AttributeValue.Strings value = attribute(name, AttributeValue.Strings.class);
    return value == null ? null : value.values();
  }

  @Nullable Tensor tensorAttribute(String name) {
    AttributeValue.Tensor value = attribute(name, AttributeValue.Tensor.class);
    return value == null ? null : value.value();
  }

  /** Any attribute value, or null. */
  @Nullable AttributeValue attribute(String name) {
    return attribute(name, AttributeValue.class);
  }

  Graph graphAttribute(String name) {
    return required(name, attribute(name, AttributeValue.Graph.class)).value();
  }

  private static <V> V required(String name, @Nullable V value) {
    if (value == null) {
      throw new EvaluationException("attribute " + name + " is missing");
    }
    return value;
  }

  /**
   * A list of integers that newer versions take as an input and older ones as an attribute; null if
   * there is neither.
   */
  long @Nullable [] intsInputOrAttribute(int i, String name) {
    return has(i) ? longs(i) : intsAttribute(name);
  }

  // Outputs and subgraphs

  /** How many outputs are written, absent ones included. */
  int outputs() {
    return node.outputs().size();
  }

  boolean wants(int output) {
    return node.hasOutput(output);
  }

  /** Evaluates one of the node's subgraphs, which sees the values around the node. */
  List<Datum> call(Graph body, List<? extends Datum> actuals) {
    Program program = builtin.bodies().get(body);
    if (program == null) {
      throw new IllegalStateException("Graph " + body.name() + " is not a subgraph of the node");
    }
    return program.run(actuals, scope, parallel);
  }
}
