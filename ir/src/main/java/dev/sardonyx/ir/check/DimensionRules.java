package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.List;

/** Rules about the dimensions of declared types. */
final class DimensionRules {
  private final List<Problem> problems;

  DimensionRules(List<Problem> problems) {
    this.problems = problems;
  }

  /** The inputs and outputs of a graph. */
  void graph(Graph graph, Place place) {
    graph.inputs().forEach(i -> value(i.name(), i.type(), "", place));
    graph.outputs().forEach(o -> value(o.name(), o.type(), "", place));
  }

  void results(Node node, Place place) {
    for (Result result : node.outputs()) {
      if (hasNegative(result.type())) {
        value(result.name(), result.type(), node.label(), place);
      }
    }
  }

  private void value(String name, ValueType type, String node, Place place) {
    if (hasNegative(type)) {
      problems.add(
          Problem.error(
                  ProblemCode.NEGATIVE_DIMENSION,
                  place.path(),
                  node,
                  name,
                  "a size, a symbol, or nothing",
                  type.toString(),
                  "value "
                      + name
                      + " is declared as "
                      + type
                      + "; its negative dimension is taken as unknown")
              .asWarning());
    }
  }

  private static boolean hasNegative(ValueType type) {
    if (type instanceof TensorType tensor) {
      return tensor.shape().hasNegative();
    }
    if (type instanceof SparseTensorType sparse) {
      return sparse.shape().hasNegative();
    }
    if (type instanceof SequenceType sequence) {
      return hasNegative(sequence.element());
    }
    return type instanceof OptionalType optional && hasNegative(optional.element());
  }
}
