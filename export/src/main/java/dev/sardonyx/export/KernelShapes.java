package dev.sardonyx.export;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.internal.NameMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Adds the {@code kernel_shape} attribute to convolutions that lack it, taken from the weight's
 * shape {@code [M, C/group, spatial...]}, since some runtimes require it.
 */
final class KernelShapes {
  private KernelShapes() {}

  static Model state(Model model) {
    return model.withGraph(state(model.graph(), name -> ValueType.unknown()));
  }

  private static Graph state(Graph graph, Function<String, ValueType> around) {
    NameMap<ValueType> types = NameMap.of(graph.nodes().size());
    Function<String, ValueType> here =
        name -> {
          ValueType own = types.get(name);
          return own == null ? around.apply(name) : own;
        };
    graph.inputs().forEach(input -> types.put(input.name(), input.type()));
    for (Constant constant : graph.constants()) {
      types.put(constant.name(), constant.type());
    }
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      nodes.add(state(node, here));
      node.outputs().forEach(result -> types.put(result.name(), typeOf(node, result.type())));
    }
    return graph.withNodes(nodes);
  }

  /** The type of a node's result; that of a Constant node is the type of its tensor. */
  private static ValueType typeOf(Node node, ValueType declared) {
    return node.is("Constant")
        ? node.attribute("value", AttributeValue.Tensor.class)
            .<ValueType>map(dense -> dense.value().type())
            .orElse(declared)
        : declared;
  }

  private static Node state(Node node, Function<String, ValueType> types) {
    int weight = weight(node);
    if (weight >= 0 && weight < node.inputs().size() && node.attribute("kernel_shape").isEmpty()) {
      Shape shape =
          types.apply(node.input(weight)) instanceof TensorType tensor
              ? tensor.shape()
              : Shape.UNKNOWN;
      if (shape.isStatic() && shape.rank() > 2) {
        long[] kernel = Arrays.copyOfRange(shape.toLongs(), 2, shape.rank());
        return node.withAttribute(Attribute.ofInts("kernel_shape", kernel));
      }
      return node;
    }
    return node.withSubgraphs(graph -> state(graph, types));
  }

  /** Which input is the weight of a convolution; -1 for other operators. */
  private static int weight(Node node) {
    if (node.is("Conv")
        || node.is("ConvTranspose")
        || node.is("ConvInteger")
        || node.is("DeformConv")) {
      return 1;
    }
    return node.is("QLinearConv") ? 3 : -1;
  }
}
