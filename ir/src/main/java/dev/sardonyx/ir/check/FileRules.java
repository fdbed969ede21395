package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.ValueType;
import java.util.List;

/** Rules about what only the file says; its reader keeps that with the elements. */
final class FileRules {
  private final List<Problem> problems;

  FileRules(List<Problem> problems) {
    this.problems = problems;
  }

  void model(Model model, Place place) {
    metadata(model.metadata(), ValueType.unknown(), "the model", "", "", place);
  }

  void graph(Graph graph, Place place) {
    metadata(graph.metadata(), ValueType.unknown(), "graph " + graph.name(), "", "", place);
    for (Input input : graph.inputs()) {
      metadata(input.metadata(), input.type(), "input " + input.name(), "", input.name(), place);
    }
    for (Output output : graph.outputs()) {
      metadata(
          output.metadata(), output.type(), "output " + output.name(), "", output.name(), place);
    }
    for (Constant constant : graph.constants()) {
      data(constant.data(), "initializer " + constant.name(), "", constant.name(), place);
    }
  }

  void node(Node node, Place place) {
    String label = node.label();
    metadata(node.metadata(), ValueType.unknown(), "node " + label, label, "", place);
    for (Result result : node.outputs()) {
      metadata(
          result.metadata(), result.type(), "value " + result.name(), label, result.name(), place);
    }
    for (Attribute attribute : node.attributes()) {
      attribute(attribute, label, place);
    }
  }

  private void attribute(Attribute attribute, String node, Place place) {
    String name = attribute.name();
    String what = "attribute " + name + " of " + node;
    metadata(attribute.metadata(), ValueType.unknown(), what, node, name, place);
    AttributeValue value = attribute.value();
    if (value instanceof AttributeValue.Tensor dense) {
      data(dense.value(), what, node, name, place);
    } else if (value instanceof AttributeValue.SparseTensor sparse) {
      data(sparse.value(), what, node, name, place);
    } else if (value instanceof AttributeValue.Tensors list) {
      list.values().forEach(t -> data(t, what, node, name, place));
    } else if (value instanceof AttributeValue.SparseTensors list) {
      list.values().forEach(t -> data(t, what, node, name, place));
    }
  }

  private void data(TensorData data, String what, String node, String name, Place place) {
    if (data instanceof Tensor tensor) {
      metadata(tensor.metadata(), tensor.type(), what, node, name, place);
    } else if (data instanceof SparseTensor sparse) {
      metadata(sparse.metadata(), sparse.type(), what, node, name, place);
      data(sparse.values(), what, node, name, place);
      data(sparse.indices(), what, node, name, place);
    }
  }

  private void metadata(
      Metadata metadata, ValueType type, String what, String node, String value, Place place) {
    if (metadata.residue() == null) {
      return;
    }
    for (String fault : metadata.residue().faults(type)) {
      problems.add(
          Problem.error(
              ProblemCode.FILE_FORM,
              place.path(),
              node,
              value,
              "one statement",
              fault,
              what + " " + fault));
    }
  }
}
