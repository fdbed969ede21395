package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The formal inputs and outputs of an operator with the types they may have, looked up once for all
 * nodes of a graph.
 *
 * @param parameters how many type parameters there are
 */
record OperatorSignature(
    List<Formal> inputs,
    List<Formal> outputs,
    boolean hasMoreInputs,
    boolean hasMoreOutputs,
    int parameters) {
  /**
   * A formal input or output.
   *
   * @param number of its type parameter, from 0
   * @param allowed the types it may have, without shapes
   * @param dense the bits of the element types of dense tensors among them
   * @param only the type of all values if there is but one, else unknown
   */
  record Formal(
      Parameter parameter, int number, Set<ValueType> allowed, long dense, ValueType only) {
    boolean allows(ValueType type) {
      return type instanceof TensorType tensor
          ? (dense & 1L << tensor.elementType().code()) != 0
          : allowed.contains(type);
    }
  }

  static OperatorSignature of(OperatorSchema schema) {
    List<String> parameters = new ArrayList<>();
    return new OperatorSignature(
        formals(schema.inputs(), schema, parameters),
        formals(schema.outputs(), schema, parameters),
        isVariadic(schema.inputs()),
        isVariadic(schema.outputs()),
        parameters.size());
  }

  private static List<Formal> formals(
      List<Parameter> formals, OperatorSchema schema, List<String> parameters) {
    List<Formal> all = new ArrayList<>(formals.size());
    for (Parameter formal : formals) {
      if (!parameters.contains(formal.type())) {
        parameters.add(formal.type());
      }
      Set<ValueType> allowed = schema.types().getOrDefault(formal.type(), Set.of());
      long dense = 0;
      for (ElementType type : ElementType.values()) {
        ValueType tensor = NodeInference.tensor(type);
        dense |= allowed.contains(tensor) ? 1L << type.code() : 0;
      }
      ValueType only = allowed.size() == 1 ? allowed.iterator().next() : ValueType.unknown();
      all.add(new Formal(formal, parameters.indexOf(formal.type()), allowed, dense, only));
    }
    return all;
  }

  /** A variadic parameter is always the last one and takes all values that remain. */
  private static boolean isVariadic(List<Parameter> formals) {
    return !formals.isEmpty() && formals.get(formals.size() - 1).kind() == Parameter.Kind.VARIADIC;
  }

  /** What the i-th input stands for; null beyond the last. */
  @Nullable Formal input(int i) {
    return formal(inputs, i, hasMoreInputs);
  }

  /** What the i-th output stands for; null beyond the last. */
  @Nullable Formal output(int i) {
    return formal(outputs, i, hasMoreOutputs);
  }

  private static @Nullable Formal formal(List<Formal> formals, int i, boolean hasMore) {
    return i < formals.size() ? formals.get(i) : hasMore ? formals.get(formals.size() - 1) : null;
  }
}
