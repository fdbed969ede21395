package dev.sardonyx.export;

import dev.sardonyx.export.OnnxResidue.AttributeFields;
import dev.sardonyx.export.OnnxResidue.Declared;
import dev.sardonyx.export.OnnxResidue.DeclaredAnew;
import dev.sardonyx.export.OnnxResidue.GraphFields;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.NodeProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TensorAnnotation;
import dev.sardonyx.export.proto.TypeProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes graphs, nodes and attributes. */
final class GraphWriter {
  /** Each subgraph takes three of protobuf's 100 levels: node, attribute and graph. */
  private static final int DEEPEST_GRAPH = 30;

  private final TensorWriter tensors;
  private int depth;

  GraphWriter(TensorWriter tensors) {
    this.tensors = tensors;
  }

  GraphProto write(Graph graph) {
    if (++depth > DEEPEST_GRAPH) {
      throw new UnsupportedModelException(
          "Graph '"
              + graph.name()
              + "' lies in "
              + DEEPEST_GRAPH
              + " graphs around it; a file that nests deeper than protobuf's limit could not be"
              + " read again");
    }
    GraphFields kept = kept(graph);
    GraphProto.Builder message = kept.rest().toBuilder();
    if (!graph.name().isEmpty()) {
      message.setNameBytes(Utf8.encode(graph.name()));
    }
    if (!graph.metadata().docString().isEmpty()) {
      message.setDocStringBytes(Utf8.encode(graph.metadata().docString()));
    }
    List<StringStringEntryProto> properties =
        Entries.write(graph.metadata().properties(), message.getMetadataPropsList());
    message.clearMetadataProps().addAllMetadataProps(properties);
    for (Node node : graph.nodes()) {
      message.addNode(node(node));
    }
    for (Constant constant : graph.constants()) {
      if (constant.data() instanceof SparseTensor sparse) {
        message.addSparseInitializer(tensors.initializer(constant, sparse));
      } else if (constant.data() instanceof Tensor dense) {
        message.addInitializer(tensors.initializer(constant, dense));
      }
    }
    for (Input input : graph.inputs()) {
      message.addInput(value(input.name(), input.type(), input.metadata()));
    }
    for (Output output : graph.outputs()) {
      message.addOutput(value(output.name(), output.type(), output.metadata()));
    }
    addValueInfo(message, graph, kept);
    for (QuantizationAnnotation annotation : graph.quantization()) {
      message.addQuantizationAnnotation(quantization(annotation));
    }
    depth--;
    return message.build();
  }

  private static GraphFields kept(Graph graph) {
    return graph.metadata().residue() instanceof GraphFields kept
        ? kept
        : new GraphFields(GraphProto.getDefaultInstance(), null);
  }

  private static void addValueInfo(GraphProto.Builder message, Graph graph, GraphFields kept) {
    Map<String, Result> results = ValueInfos.results(graph);
    Set<String> written = new HashSet<>();
    if (kept.valueInfo() != null) {
      Map<String, ValueType> types = ValueInfos.types(graph, results);
      for (Declared declared : kept.valueInfo()) {
        String name = declared.name();
        Result result = results.get(name);
        if (declared instanceof DeclaredAnew anew) {
          if (stillFits(anew, types.getOrDefault(name, ValueType.unknown()))) {
            message.addValueInfo(anew.message());
          }
        } else if (result != null) {
          message.addValueInfo(value(name, result.type(), result.metadata()));
          written.add(name);
        }
      }
    }
    for (Result result : ValueInfos.defaultOrder(graph, results)) {
      if (!written.contains(result.name())) {
        message.addValueInfo(value(result.name(), result.type(), result.metadata()));
      }
    }
  }

  /** Whether a declaration from the file fits the value's type as well as when it was read. */
  private static boolean stillFits(DeclaredAnew declared, ValueType now) {
    ValueType then = TypeMessages.read(declared.message().getType());
    if (now.equals(declared.of())) {
      return true;
    }
    if (then instanceof TensorType a && now instanceof TensorType b) {
      return a.elementType() == b.elementType() && a.shape().isCompatibleWith(b.shape());
    }
    return !then.isKnown() || !now.isKnown() || then.getClass() == now.getClass();
  }

  static ValueInfoProto value(String name, ValueType type, Metadata metadata) {
    ValueInfoProto.Builder message =
        OnnxResidue.rest(metadata, ValueInfoProto.getDefaultInstance()).toBuilder();
    if (!name.isEmpty()) {
      message.setNameBytes(Utf8.encode(name));
    }
    // Runtimes refuse types without an element type, so such a type is written only if it was read.
    boolean asRead = message.hasType() && TypeMessages.read(message.getType()).equals(type);
    if (type.isKnown() && (asRead || FileFaults.hasElementType(type))) {
      message.setType(TypeMessages.write(type, message.getType()));
    } else if (TypeMessages.read(message.getType()).isKnown()) {
      message.clearType();
    }
    if (!metadata.docString().isEmpty()) {
      message.setDocStringBytes(Utf8.encode(metadata.docString()));
    }
    if (!metadata.properties().isEmpty() || message.getMetadataPropsCount() > 0) {
      List<StringStringEntryProto> properties =
          Entries.write(metadata.properties(), message.getMetadataPropsList());
      message.clearMetadataProps().addAllMetadataProps(properties);
    }
    return message.build();
  }

  private static TensorAnnotation quantization(QuantizationAnnotation annotation) {
    TensorAnnotation.Builder message =
        OnnxResidue.rest(annotation.metadata(), TensorAnnotation.getDefaultInstance()).toBuilder();
    if (!annotation.value().isEmpty()) {
      message.setTensorNameBytes(Utf8.encode(annotation.value()));
    }
    List<StringStringEntryProto> parameters =
        Entries.write(annotation.parameters(), message.getQuantParameterTensorNamesList());
    return message
        .clearQuantParameterTensorNames()
        .addAllQuantParameterTensorNames(parameters)
        .build();
  }

  NodeProto node(Node node) {
    NodeProto.Builder message =
        OnnxResidue.rest(node.metadata(), NodeProto.getDefaultInstance()).toBuilder();
    for (String input : node.inputs()) {
      message.addInputBytes(Utf8.encode(input));
    }
    for (Result output : node.outputs()) {
      message.addOutputBytes(Utf8.encode(output.name()));
    }
    if (!node.name().isEmpty()) {
      message.setNameBytes(Utf8.encode(node.name()));
    }
    if (!node.opType().isEmpty()) {
      message.setOpTypeBytes(Utf8.encode(node.opType()));
    }
    if (!node.domain().isEmpty()) {
      message.setDomainBytes(Utf8.encode(node.domain()));
    }
    if (!node.overload().isEmpty()) {
      message.setOverloadBytes(Utf8.encode(node.overload()));
    }
    for (Attribute attribute : node.attributes()) {
      message.addAttribute(attribute(attribute));
    }
    if (!node.metadata().docString().isEmpty()) {
      message.setDocStringBytes(Utf8.encode(node.metadata().docString()));
    }
    if (!node.metadata().properties().isEmpty() || message.getMetadataPropsCount() > 0) {
      List<StringStringEntryProto> properties =
          Entries.write(node.metadata().properties(), message.getMetadataPropsList());
      message.clearMetadataProps().addAllMetadataProps(properties);
    }
    return message.build();
  }

  AttributeProto attribute(Attribute attribute) {
    AttributeFields kept = kept(attribute);
    AttributeProto.Builder message = kept.rest().toBuilder();
    if (!attribute.name().isEmpty()) {
      message.setNameBytes(Utf8.encode(attribute.name()));
    }
    if (!attribute.metadata().docString().isEmpty()) {
      message.setDocStringBytes(Utf8.encode(attribute.metadata().docString()));
    }
    AttributeType type = attribute.type();
    if (!kept.typeOmitted() && !message.hasType() && type != AttributeType.UNDEFINED) {
      message.setType(AttributeProto.AttributeType.forNumber(type.code()));
    }
    setValue(message, attribute.value(), kept.valueOmitted());
    return message.build();
  }

  private static AttributeFields kept(Attribute attribute) {
    return attribute.metadata().residue() instanceof AttributeFields kept
            && kept.readAs() == attribute.type()
        ? kept
        : new AttributeFields(AttributeProto.getDefaultInstance(), attribute.type(), false, false);
  }

  private void setValue(AttributeProto.Builder message, AttributeValue value, boolean omitDefault) {
    if (value instanceof AttributeValue.Float f) {
      if (!omitDefault || Float.floatToRawIntBits(f.value()) != 0) {
        message.setF(f.value());
      }
    } else if (value instanceof AttributeValue.Int i) {
      if (!omitDefault || i.value() != 0) {
        message.setI(i.value());
      }
    } else if (value instanceof AttributeValue.String s) {
      if (!omitDefault || !s.value().isEmpty()) {
        message.setS(Utf8.encode(s.value()));
      }
    } else if (value instanceof AttributeValue.Tensor t) {
      message.setT(tensors.write(t.value()));
    } else if (value instanceof AttributeValue.SparseTensor t) {
      message.setSparseTensor(tensors.write(t.value()));
    } else if (value instanceof AttributeValue.Graph g) {
      message.setG(write(g.value()));
    } else if (value instanceof AttributeValue.Type t) {
      message.setTp(TypeMessages.write(t.value(), message.getTp()));
    } else if (value instanceof AttributeValue.Reference reference) {
      if (!reference.attribute().isEmpty()) {
        message.setRefAttrNameBytes(Utf8.encode(reference.attribute()));
      }
    } else {
      addValues(message, value);
    }
  }

  private void addValues(AttributeProto.Builder message, AttributeValue value) {
    if (value instanceof AttributeValue.Floats floats) {
      for (float f : floats.values()) {
        message.addFloats(f);
      }
    } else if (value instanceof AttributeValue.Ints ints) {
      for (long i : ints.values()) {
        message.addInts(i);
      }
    } else if (value instanceof AttributeValue.Strings texts) {
      texts.values().forEach(text -> message.addStrings(Utf8.encode(text)));
    } else if (value instanceof AttributeValue.Tensors list) {
      list.values().forEach(tensor -> message.addTensors(tensors.write(tensor)));
    } else if (value instanceof AttributeValue.SparseTensors list) {
      list.values().forEach(tensor -> message.addSparseTensors(tensors.write(tensor)));
    } else if (value instanceof AttributeValue.Graphs graphs) {
      graphs.values().forEach(graph -> message.addGraphs(write(graph)));
    } else if (value instanceof AttributeValue.Types types) {
      List<TypeProto> before = new ArrayList<>(message.getTypeProtosList());
      message.clearTypeProtos();
      for (int i = 0; i < types.values().size(); i++) {
        TypeProto original =
            before.size() == types.values().size() ? before.get(i) : TypeProto.getDefaultInstance();
        message.addTypeProtos(TypeMessages.write(types.values().get(i), original));
      }
    }
  }
}
