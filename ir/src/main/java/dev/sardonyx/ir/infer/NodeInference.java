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
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Infers one node: binds the signature's type parameters to the inputs' types, gives outputs the
 * types so bound, and lets the operator's rule say the rest.
 */
final class NodeInference {
  private NodeInference() {}

  /**
   * Finds out what it can of the outputs.
   *
   * @throws InferenceException if the node contradicts its operator
   */
  static void infer(InferenceContext context, @Nullable InferenceRule rule) {
    Map<String, ValueType> bound = bind(context);
    for (int i = 0; i < context.outputs(); i++) {
      context.output(i, outputType(context.schema(), i, bound));
    }
    if (rule != null) {
      rule.infer(context);
    }
  }

  private static Map<String, ValueType> bind(InferenceContext context) {
    Map<String, ValueType> bound = new HashMap<>();
    for (int i = 0; i < context.inputs(); i++) {
      ValueType type = withoutShape(context.input(i));
      Parameter parameter = context.schema().input(i).orElse(null);
      if (parameter == null || !isElementTypeKnown(type)) {
        continue;
      }
      Set<ValueType> allowed = context.schema().types().getOrDefault(parameter.type(), Set.of());
      if (!allowed.contains(type) && !isSparseForm(type, allowed)) {
        throw new InferenceException(
            ProblemCode.INPUT_TYPE,
            context.inputName(i),
            "one of " + allowed,
            type.toString(),
            "input "
                + i
                + " ("
                + parameter.name()
                + ") "
                + context.inputName(i)
                + " has type "
                + type
                + "; "
                + context.schema()
                + " takes "
                + allowed);
      }
      if (parameter.homogeneous()) {
        ValueType before = bound.putIfAbsent(parameter.type(), type);
        if (before != null && !before.equals(type)) {
          throw new InferenceException(
              ProblemCode.TYPE_BINDING,
              context.inputName(i),
              before.toString(),
              type.toString(),
              "input "
                  + i
                  + " ("
                  + parameter.name()
                  + ") "
                  + context.inputName(i)
                  + " has type "
                  + type
                  + ", but another input of type parameter "
                  + parameter.type()
                  + " has "
                  + before
                  + "; "
                  + context.schema()
                  + " takes them of one type");
        }
      }
    }
    return bound;
  }

  /** ONNX lets some operators take a sparse tensor where the signature says a dense one. */
  private static boolean isSparseForm(ValueType type, Set<ValueType> allowed) {
    return type instanceof SparseTensorType sparse
        && allowed.contains(TensorType.of(sparse.elementType(), Shape.UNKNOWN));
  }

  private static ValueType outputType(OperatorSchema schema, int i, Map<String, ValueType> bound) {
    Parameter parameter = schema.output(i).orElse(null);
    if (parameter == null || !parameter.homogeneous()) {
      return ValueType.unknown();
    }
    ValueType type = bound.get(parameter.type());
    if (type != null) {
      return type;
    }
    Set<ValueType> allowed = schema.types().getOrDefault(parameter.type(), Set.of());
    return allowed.size() == 1 ? allowed.iterator().next() : ValueType.unknown();
  }

  /** The type as signatures write it, without shapes. */
  static ValueType withoutShape(ValueType type) {
    if (type instanceof TensorType t) {
      return t.withShape(Shape.UNKNOWN);
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
