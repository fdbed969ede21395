package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Infers one node: binds the signature's type parameters to the inputs' types, gives outputs the
 * types so bound, and lets the operator's rule say the rest.
 */
public final class NodeInference {
  /** By the number of the element type. */
  private static final ValueType[] TENSORS =
      Arrays.stream(ElementType.values())
          .map(e -> TensorType.of(e, Shape.UNKNOWN))
          .toArray(ValueType[]::new);

  private NodeInference() {}

  /**
   * Finds out what it can of the outputs.
   *
   * @throws InferenceException if the node contradicts its operator
   */
  static void infer(InferenceContext context, @Nullable InferenceRule rule) {
    Bindings bindings = bind(context);
    for (int i = 0; i < context.outputs(); i++) {
      context.setOutputType(i, outputType(context.schema(), i, bindings));
    }
    if (rule != null) {
      try {
        rule.infer(context);
      } catch (ArithmeticException e) {
        throw new InferenceException(
            ProblemCode.ATTRIBUTE_VALUE,
            "",
            "sizes of at most 64 bits",
            "an overflow",
            "the inputs' sizes and attributes' values give a size beyond 64 bits");
      }
      for (int i = 0; i < context.outputs(); i++) {
        refuseNegative(context, i);
      }
    }
  }

  private static void refuseNegative(InferenceContext context, int output) {
    if (context.outputType(output) instanceof TensorType type && type.shape().hasNegative()) {
      throw new InferenceException(
          ProblemCode.ATTRIBUTE_VALUE,
          context.node().output(output).name(),
          "sizes of at least 0",
          type.shape().toString(),
          "output "
              + context.node().output(output).name()
              + " would have shape "
              + type.shape()
              + "; an attribute or a constant operand is too small or too large for the inputs'"
              + " shapes");
    }
  }

  /** What the type parameters stand for. They are too few for a map to pay. */
  private static final class Bindings {
    private final String[] parameters;
    private final ValueType[] types;
    private int count;

    Bindings(int capacity) {
      parameters = new String[capacity];
      types = new ValueType[capacity];
    }

    @Nullable ValueType get(String parameter) {
      for (int i = 0; i < count; i++) {
        if (parameters[i].equals(parameter)) {
          return types[i];
        }
      }
      return null;
    }

    void put(String parameter, ValueType type) {
      parameters[count] = parameter;
      types[count++] = type;
    }
  }

  private static Bindings bind(InferenceContext context) {
    OperatorSchema schema = context.schema();
    Bindings bindings = new Bindings(schema.inputs().size());
    for (int i = 0; i < context.inputs(); i++) {
      ValueType type = withoutShape(context.inputType(i));
      Parameter parameter = schema.input(i).orElse(null);
      if (parameter == null || !isElementTypeKnown(type)) {
        continue;
      }
      Set<ValueType> allowed = schema.types().getOrDefault(parameter.type(), Set.of());
      if (!allowed.contains(type) && !isSparseForm(type, allowed)) {
        throw wrongType(context, i, parameter, type, allowed);
      }
      if (parameter.homogeneous()) {
        ValueType before = bindings.get(parameter.type());
        if (before == null) {
          bindings.put(parameter.type(), type);
        } else if (!before.equals(type)) {
          throw differentTypes(context, i, parameter, type, before);
        }
      }
    }
    return bindings;
  }

  private static InferenceException wrongType(
      InferenceContext context,
      int i,
      Parameter parameter,
      ValueType type,
      Set<ValueType> allowed) {
    return new InferenceException(
        ProblemCode.INPUT_TYPE,
        context.inputName(i),
        "one of " + allowed,
        type.toString(),
        described(context, i, parameter, type) + "; " + context.schema() + " takes " + allowed);
  }

  private static InferenceException differentTypes(
      InferenceContext context, int i, Parameter parameter, ValueType type, ValueType before) {
    return new InferenceException(
        ProblemCode.TYPE_BINDING,
        context.inputName(i),
        before.toString(),
        type.toString(),
        described(context, i, parameter, type)
            + ", but another input of type parameter "
            + parameter.type()
            + " has "
            + before
            + "; "
            + context.schema()
            + " takes them of one type");
  }

  private static String described(
      InferenceContext context, int i, Parameter parameter, ValueType type) {
    return "input "
        + i
        + " ("
        + parameter.name()
        + ") "
        + context.inputName(i)
        + " has type "
        + type;
  }

  /** ONNX lets some operators take a sparse tensor where the signature says a dense one. */
  private static boolean isSparseForm(ValueType type, Set<ValueType> allowed) {
    return type instanceof SparseTensorType sparse
        && allowed.contains(TensorType.of(sparse.elementType(), Shape.UNKNOWN));
  }

  private static ValueType outputType(OperatorSchema schema, int i, Bindings bindings) {
    Parameter parameter = schema.output(i).orElse(null);
    if (parameter == null || !parameter.homogeneous()) {
      return ValueType.unknown();
    }
    ValueType type = bindings.get(parameter.type());
    if (type != null) {
      return type;
    }
    Set<ValueType> allowed = schema.types().getOrDefault(parameter.type(), Set.of());
    return allowed.size() == 1 ? allowed.iterator().next() : ValueType.unknown();
  }

  /** The type as signatures write it, without shapes. */
  public static ValueType withoutShape(ValueType type) {
    if (type instanceof TensorType t) {
      return TENSORS[t.elementType().code()];
    }
    if (type instanceof SparseTensorType s) {
      return new SparseTensorType(s.elementType(), Shape.UNKNOWN);
    }
    if (type instanceof SequenceType s) {
      return new SequenceType(withoutShape(s.element()));
    }
    return type instanceof OptionalType o ? new OptionalType(withoutShape(o.element())) : type;
  }

  private static boolean isElementTypeKnown(ValueType type) {
    if (type instanceof TensorType t) {
      return t.elementType() != ElementType.UNDEFINED;
    }
    if (type instanceof SequenceType s) {
      return isElementTypeKnown(s.element());
    }
    return type instanceof OptionalType o ? isElementTypeKnown(o.element()) : type.isKnown();
  }
}
