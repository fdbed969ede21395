package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.SparseTensor;
import java.util.List;

/**
 * Rules about the data of initializers and attributes. Dense tensors keep theirs by construction;
 * sparse ones are checked.
 */
final class TensorRules {
  private final List<Problem> problems;

  TensorRules(List<Problem> problems) {
    this.problems = problems;
  }

  void constants(Graph graph, Place place) {
    for (Constant constant : graph.constants()) {
      if (constant.data() instanceof SparseTensor sparse) {
        sparse(sparse, place.path(), "", constant.name());
      }
    }
  }

  /** The tensors among a node's attributes. */
  void node(Node node, Place place) {
    for (Attribute attribute : node.attributes()) {
      attribute(attribute, node, place.path());
    }
  }

  private void attribute(Attribute attribute, Node node, String path) {
    if (attribute.value() instanceof AttributeValue.SparseTensor one) {
      sparse(one.value(), path, node.label(), attribute.name());
    } else if (attribute.value() instanceof AttributeValue.SparseTensors many) {
      many.values().forEach(s -> sparse(s, path, node.label(), attribute.name()));
    }
  }

  private void sparse(SparseTensor sparse, String path, String node, String name) {
    String fault = fault(sparse);
    if (!fault.isEmpty()) {
      problems.add(
          Problem.error(
              ProblemCode.SPARSE_TENSOR,
              path,
              node,
              name,
              "sorted indices within the shape",
              fault,
              "sparse tensor " + name + ": " + fault));
    }
  }

  /** What is wrong with a sparse tensor; empty if nothing is. */
  private static String fault(SparseTensor sparse) {
    long[] dims = sparse.dims();
    long count = sparse.values().size();
    if (sparse.values().rank() != 1) {
      return "values have shape " + sparse.values().shape() + ", not [NNZ]";
    }
    if (sparse.indices().elementType() != ElementType.INT64) {
      return "indices are " + sparse.indices().elementType() + ", not int64";
    }
    boolean linear = sparse.indices().rank() == 1;
    long expected = linear ? count : count * dims.length;
    if (sparse.indices().rank() > 2 || sparse.indices().size() != expected) {
      return "indices have shape "
          + sparse.indices().shape()
          + " for "
          + count
          + " values of a tensor of rank "
          + dims.length;
    }
    return sparse.indices().isReadable() ? indexFault(sparse, linear) : "";
  }

  private static String indexFault(SparseTensor sparse, boolean linear) {
    long[] dims = sparse.dims();
    long count = sparse.values().size();
    long[] indices = sparse.indices().toLongs();
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    long last = -1;
    for (int i = 0; i < count; i++) {
      long position = 0;
      if (linear) {
        position = indices[i];
      } else {
        for (int axis = 0; axis < dims.length; axis++) {
          long index = indices[i * dims.length + axis];
          if (index < 0 || index >= dims[axis]) {
            return "index "
                + index
                + " of value "
                + i
                + " is outside axis "
                + axis
                + " of size "
                + dims[axis];
          }
          position = position * dims[axis] + index;
        }
      }
      if (position < 0 || position >= size) {
        return "index " + position + " of value " + i + " is outside a tensor of size " + size;
      }
      if (position <= last) {
        return "index " + position + " of value " + i + " does not come after " + last;
      }
      last = position;
    }
    return "";
  }
}
