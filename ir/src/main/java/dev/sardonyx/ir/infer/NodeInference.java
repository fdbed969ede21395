package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
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

  /** A dense tensor as signatures write it, without a shape. */
  static ValueType tensor(ElementType elementType) {
    return TENSORS[elementType.code()];
  }

  /**
   * Finds out what it can of the outputs.
   *
   * @throws InferenceException if the node contradicts its operator
   */
  static void infer(
      InferenceContext context, OperatorSignature signature, @Nullable InferenceRule rule) {
    @Nullable ValueType[] bindings = bind(context, signature);
    for (int i = 0; i < context.outputs(); i++) {
      context.setOutputType(i, outputType(signature, i, bindings));
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

  /** What the type parameters stand for, by number. */
  private static @Nullable ValueType[] bind(InferenceContext context, OperatorSignature signature) {
    @Nullable ValueType[] bindings = new ValueType[signature.parameters()];
    for (int i = 0; i < context.inputs(); i++) {
      OperatorSignature.Formal formal = signature.input(i);
      ValueType type = withoutShape(context.inputType(i));
      if (formal == null || !isElementTypeKnown(type)) {
        continue;
      }
      if (!formal.allows(type) && !isSparseForm(type, formal.allowed())) {
        throw wrongType(context, i, formal.parameter(), type, formal.allowed());
      }
      if (formal.parameter().homogeneous()) {
        ValueType before = bindings[formal.number()];
        if (before == null) {
          bindings[formal.number()] = type;
        } else if (!dense(before).equals(dense(type))) {
          throw differentTypes(context, i, formal.parameter(), type, before);
        } else if (!before.equals(type)) {
          bindings[formal.number()] = dense(type);
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

  /** The dense form of a sparse type. Runtimes make sparse initializers dense when they load. */
  private static ValueType dense(ValueType type) {
    return type instanceof SparseTensorType sparse ? tensor(sparse.elementType()) : type;
  }

  /** ONNX lets some operators take a sparse tensor where the signature says a dense one. */
  private static boolean isSparseForm(ValueType type, Set<ValueType> allowed) {
    return type instanceof SparseTensorType sparse
        && allowed.contains(TensorType.of(sparse.elementType(), Shape.UNKNOWN));
  }

  private static ValueType outputType(
      OperatorSignature signature, int i, @Nullable ValueType[] bindings) {
    OperatorSignature.Formal formal = signature.output(i);
    if (formal == null || !formal.parameter().homogeneous()) {
      return ValueType.unknown();
    }
    ValueType type = bindings[formal.number()];
    return type != null ? type : formal.only();
  }

  /** The type as signatures write it, without shapes. */
  public static ValueType withoutShape(ValueType type) {
    if (type instanceof TensorType t) {
      return tensor(t.elementType());
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
