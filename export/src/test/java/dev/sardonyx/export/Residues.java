package dev.sardonyx.export;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TrainingInfo;
import java.util.List;

/** Models without what a reader kept of their files, as if they had been built. */
final class Residues {
  private Residues() {}

  static Model without(Model model) {
    return new Model(
        model.irVersion(),
        model.opsetImports(),
        model.producerName(),
        model.producerVersion(),
        model.domain(),
        model.modelVersion(),
        without(model.graph()),
        model.functions().stream().map(Residues::without).toList(),
        model.training().stream()
            .map(
                t ->
                    new TrainingInfo(
                        without(t.initialization()),
                        without(t.algorithm()),
                        t.initializationBinding(),
                        t.updateBinding(),
                        without(t.metadata())))
            .toList(),
        without(model.metadata()));
  }

  private static Metadata without(Metadata metadata) {
    return metadata.withResidue(null);
  }

  private static Function without(Function f) {
    return new Function(
        f.domain(),
        f.name(),
        f.overload(),
        f.inputs(),
        f.outputs(),
        f.attributes(),
        f.defaults().stream().map(Residues::without).toList(),
        f.nodes().stream().map(Residues::without).toList(),
        f.opsetImports(),
        f.values().stream().map(Residues::without).toList(),
        without(f.metadata()));
  }

  private static Graph without(Graph graph) {
    return new Graph(
        graph.name(),
        graph.inputs().stream().map(Residues::without).toList(),
        graph.outputs().stream()
            .map(o -> new Output(o.name(), o.type(), without(o.metadata())))
            .toList(),
        graph.nodes().stream().map(Residues::without).toList(),
        graph.constants().stream()
            .map(c -> new Constant(c.name(), without(c.data()), without(c.metadata())))
            .toList(),
        graph.quantization().stream()
            .map(q -> new QuantizationAnnotation(q.value(), q.parameters(), without(q.metadata())))
            .toList(),
        without(graph.metadata()));
  }

  private static Input without(Input input) {
    return new Input(input.name(), input.type(), without(input.metadata()));
  }

  private static Node without(Node node) {
    return node.withMetadata(without(node.metadata()))
        .withOutputs(
            node.outputs().stream()
                .map(r -> new Result(r.name(), r.type(), without(r.metadata())))
                .toList())
        .withAttributes(node.attributes().stream().map(Residues::without).toList());
  }

  private static Attribute without(Attribute attribute) {
    AttributeValue value = attribute.value();
    if (value instanceof AttributeValue.Tensor t) {
      value = new AttributeValue.Tensor(without(t.value()));
    } else if (value instanceof AttributeValue.SparseTensor t) {
      value = new AttributeValue.SparseTensor(without(t.value()));
    } else if (value instanceof AttributeValue.Graph g) {
      value = new AttributeValue.Graph(without(g.value()));
    } else if (value instanceof AttributeValue.Tensors list) {
      value = new AttributeValue.Tensors(list.values().stream().map(Residues::without).toList());
    } else if (value instanceof AttributeValue.SparseTensors list) {
      value =
          new AttributeValue.SparseTensors(list.values().stream().map(Residues::without).toList());
    } else if (value instanceof AttributeValue.Graphs list) {
      List<Graph> graphs = list.values().stream().map(Residues::without).toList();
      value = new AttributeValue.Graphs(graphs);
    }
    return new Attribute(attribute.name(), value, without(attribute.metadata()));
  }

  private static TensorData without(TensorData data) {
    return data instanceof SparseTensor sparse ? without(sparse) : without((Tensor) data);
  }

  private static SparseTensor without(SparseTensor tensor) {
    return new SparseTensor(
        without(tensor.values()),
        without(tensor.indices()),
        tensor.dims(),
        without(tensor.metadata()));
  }

  private static Tensor without(Tensor tensor) {
    return tensor.withMetadata(without(tensor.metadata()));
  }
}
