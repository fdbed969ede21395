package dev.sardonyx.export;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.Set;
import java.util.stream.Collectors;

/** The oldest IR version whose file format can hold the model, and the part that needs it. */
final class IrVersionNeeded {
  private long version;
  private String reason = "";

  private IrVersionNeeded() {}

  static IrVersionNeeded of(Model model) {
    IrVersionNeeded needed = new IrVersionNeeded();
    needed.atLeast(IrVersion.OPSET_IMPORTS, "operator sets");
    if (!model.training().isEmpty()) {
      needed.atLeast(IrVersion.TRAINING, "training information");
    }
    for (Function function : model.functions()) {
      needed.function(function);
    }
    new GraphWalk(needed::graph, needed::node).model(model);
    return needed;
  }

  long version() {
    return version;
  }

  /** Such as {@code initializer 'w' of type int4}. */
  String reason() {
    return reason;
  }

  private void atLeast(long candidate, String because) {
    if (candidate > version) {
      version = candidate;
      reason = because;
    }
  }

  private void function(Function function) {
    String label = "function '" + function.name() + "'";
    atLeast(function.firstIrVersion(), label + " with what it declares");
    metadata(function.metadata(), label);
    for (Input value : function.values()) {
      type(value.type(), "value '" + value.name() + "'");
    }
  }

  private void graph(Graph graph) {
    metadata(graph.metadata(), "graph '" + graph.name() + "'");
    Set<String> inputs = graph.inputs().stream().map(Input::name).collect(Collectors.toSet());
    for (Constant constant : graph.constants()) {
      String label = "initializer '" + constant.name() + "'";
      if (!inputs.contains(constant.name())) {
        atLeast(IrVersion.SEPARATE_INITIALIZERS, label + ", which is not an input");
      }
      data(constant.data(), label);
      metadata(constant.metadata(), label);
    }
    for (Input input : graph.inputs()) {
      type(input.type(), "input '" + input.name() + "'");
      metadata(input.metadata(), "input '" + input.name() + "'");
    }
    for (Output output : graph.outputs()) {
      type(output.type(), "output '" + output.name() + "'");
      metadata(output.metadata(), "output '" + output.name() + "'");
    }
    if (!graph.quantization().isEmpty()) {
      atLeast(IrVersion.QUANTIZATION, "quantisation annotations");
    }
  }

  private void node(Node node) {
    String label = node.label();
    metadata(node.metadata(), label);
    if (!node.overload().isEmpty()) {
      atLeast(IrVersion.FUNCTION_OVERLOADS, label + " with an overload");
    }
    for (Result result : node.outputs()) {
      type(result.type(), "value '" + result.name() + "'");
      metadata(result.metadata(), "value '" + result.name() + "'");
    }
    for (Attribute attribute : node.attributes()) {
      AttributeValue value = attribute.value();
      String of = "attribute '" + attribute.name() + "' of " + label;
      if (value instanceof AttributeValue.Tensor dense) {
        data(dense.value(), of);
      } else if (value instanceof AttributeValue.SparseTensor sparse) {
        data(sparse.value(), of);
      } else if (value instanceof AttributeValue.Type type) {
        type(type.value(), of);
      } else if (value instanceof AttributeValue.Tensors list) {
        list.values().forEach(tensor -> data(tensor, of));
      }
    }
  }

  private void metadata(Metadata metadata, String label) {
    if (!metadata.properties().isEmpty()) {
      atLeast(IrVersion.METADATA, "the properties of " + label);
    }
  }

  private void data(TensorData data, String label) {
    if (data instanceof SparseTensor) {
      atLeast(IrVersion.SPARSE_TENSORS, label + ", a sparse tensor");
    }
    elementType(data.elementType(), label);
  }

  private void type(ValueType type, String label) {
    if (type instanceof TensorType tensor) {
      elementType(tensor.elementType(), label);
    } else if (type instanceof SparseTensorType sparse) {
      atLeast(IrVersion.OPTIONAL_TYPES, label + " of type " + type);
      elementType(sparse.elementType(), label);
    } else if (type instanceof OptionalType optional) {
      atLeast(IrVersion.OPTIONAL_TYPES, label + " of type " + type);
      type(optional.element(), label);
    } else if (type instanceof SequenceType sequence) {
      type(sequence.element(), label);
    }
  }

  private void elementType(ElementType type, String label) {
    atLeast(IrVersion.of(type), label + " of element type " + type);
  }
}
