package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import dev.sardonyx.export.OnnxResidue.AttributeFields;
import dev.sardonyx.export.OnnxResidue.Declared;
import dev.sardonyx.export.OnnxResidue.DeclaredAnew;
import dev.sardonyx.export.OnnxResidue.DeclaredResult;
import dev.sardonyx.export.OnnxResidue.GraphFields;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.NodeProto;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.TensorAnnotation;
import dev.sardonyx.export.proto.TensorProto;
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
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads graphs, nodes and attributes. */
record GraphReader(TensorReader tensors) {

  Graph read(GraphProto message) throws OnnxFormatException {
    Map<String, ValueInfoProto> declared = new HashMap<>();
    for (ValueInfoProto value : message.getValueInfoList()) {
      declared.putIfAbsent(Utf8.decode(value.getNameBytes()), value);
    }
    List<Input> inputs = new ArrayList<>(message.getInputCount());
    for (ValueInfoProto input : message.getInputList()) {
      inputs.add(input(input));
    }
    List<Output> outputs = new ArrayList<>(message.getOutputCount());
    for (ValueInfoProto output : message.getOutputList()) {
      outputs.add(new Output(Utf8.decode(output.getNameBytes()), type(output), metadata(output)));
    }
    List<QuantizationAnnotation> quantization =
        new ArrayList<>(message.getQuantizationAnnotationCount());
    for (TensorAnnotation annotation : message.getQuantizationAnnotationList()) {
      quantization.add(quantization(annotation));
    }
    Graph graph =
        new Graph(
            Utf8.decode(message.getNameBytes()),
            inputs,
            outputs,
            nodes(message.getNodeList(), declared),
            constants(message),
            quantization,
            Metadata.EMPTY);
    return graph.withMetadata(metadata(message, graph));
  }

  private static Metadata metadata(GraphProto message, Graph graph) {
    GraphProto.Builder rest =
        message.toBuilder()
            .clearNode()
            .clearInitializer()
            .clearSparseInitializer()
            .clearInput()
            .clearOutput()
            .clearValueInfo()
            .clearQuantizationAnnotation();
    if (!message.getNameBytes().isEmpty()) {
      rest.clearName();
    }
    if (!message.getDocStringBytes().isEmpty()) {
      rest.clearDocString();
    }
    if (Entries.arePlain(message.getMetadataPropsList())) {
      rest.clearMetadataProps();
    }
    List<Declared> order = declaredOrder(message, graph);
    GraphProto kept = rest.build();
    boolean plain = order == null && kept.getSerializedSize() == 0;
    if (plain && message.getDocStringBytes().isEmpty() && message.getMetadataPropsCount() == 0) {
      return Metadata.EMPTY;
    }
    return new Metadata(
        Utf8.decode(message.getDocStringBytes()),
        Entries.read(message.getMetadataPropsList()),
        plain ? null : new GraphFields(kept, order));
  }

  /** The order of {@code value_info}; null if the writer would use the same order anyway. */
  private static @Nullable List<Declared> declaredOrder(GraphProto message, Graph graph) {
    Map<String, Result> results = ValueInfos.results(graph);
    if (isDefaultOrder(message, ValueInfos.defaultOrder(graph, results))) {
      return null;
    }
    Map<String, ValueType> types = ValueInfos.types(graph, results);
    List<Declared> order = new ArrayList<>(message.getValueInfoCount());
    for (ValueInfoProto value : message.getValueInfoList()) {
      String name = Utf8.decode(value.getNameBytes());
      // If a result has several entries, the first one counts.
      order.add(
          results.remove(name) != null
              ? new DeclaredResult(name)
              : new DeclaredAnew(name, value, types.getOrDefault(name, ValueType.unknown())));
    }
    return order;
  }

  private static boolean isDefaultOrder(GraphProto message, List<Result> byDefault) {
    if (message.getValueInfoCount() != byDefault.size()) {
      return false;
    }
    for (int i = 0; i < byDefault.size(); i++) {
      if (!byDefault.get(i).name().equals(Utf8.decode(message.getValueInfo(i).getNameBytes()))) {
        return false;
      }
    }
    return true;
  }

  private List<Constant> constants(GraphProto message) throws OnnxFormatException {
    List<Constant> constants =
        new ArrayList<>(message.getInitializerCount() + message.getSparseInitializerCount());
    for (TensorProto initializer : message.getInitializerList()) {
      Tensor tensor = tensors.read(initializer, "an initializer without a name");
      // The tensor's name and metadata become the initializer's; the form of storage stays with the
      // tensor.
      Metadata said = tensor.metadata();
      constants.add(
          new Constant(
              tensor.name(),
              tensor.withName("").withMetadata(Metadata.EMPTY.withResidue(said.residue())),
              Metadata.of(said.docString(), said.properties())));
    }
    for (SparseTensorProto initializer : message.getSparseInitializerList()) {
      String name = Utf8.decode(initializer.getValues().getNameBytes());
      SparseTensor sparse = tensors.read(initializer, "sparse initializer '" + name + "'");
      constants.add(
          Constant.of(
              name,
              new SparseTensor(
                  sparse.values().withName(""),
                  sparse.indices(),
                  sparse.dims(),
                  sparse.metadata())));
    }
    return constants;
  }

  private static QuantizationAnnotation quantization(TensorAnnotation message) {
    TensorAnnotation.Builder rest = message.toBuilder();
    if (!message.getTensorNameBytes().isEmpty()) {
      rest.clearTensorName();
    }
    if (Entries.arePlain(message.getQuantParameterTensorNamesList())) {
      rest.clearQuantParameterTensorNames();
    }
    return new QuantizationAnnotation(
        Utf8.decode(message.getTensorNameBytes()),
        Entries.read(message.getQuantParameterTensorNamesList()),
        ModelReader.metadata(ByteString.EMPTY, List.of(), rest.build()));
  }

  static Input input(ValueInfoProto message) {
    return new Input(Utf8.decode(message.getNameBytes()), type(message), metadata(message));
  }

  private static ValueType type(ValueInfoProto message) {
    return TypeMessages.read(message.getType());
  }

  private static Metadata metadata(ValueInfoProto message) {
    ValueInfoProto.Builder rest = message.toBuilder();
    if (!message.getNameBytes().isEmpty()) {
      rest.clearName();
    }
    if (!message.getDocStringBytes().isEmpty()) {
      rest.clearDocString();
    }
    if (TypeMessages.isPlain(message.getType())) {
      rest.clearType();
    }
    if (Entries.arePlain(message.getMetadataPropsList())) {
      rest.clearMetadataProps();
    }
    return ModelReader.metadata(
        message.getDocStringBytes(), message.getMetadataPropsList(), rest.build());
  }

  /**
   * @param declared the entries of {@code value_info} for the nodes' results, by name
   */
  List<Node> nodes(List<NodeProto> messages, Map<String, ValueInfoProto> declared)
      throws OnnxFormatException {
    List<Node> nodes = new ArrayList<>(messages.size());
    for (NodeProto message : messages) {
      nodes.add(node(message, declared));
    }
    return nodes;
  }

  private Node node(NodeProto message, Map<String, ValueInfoProto> declared)
      throws OnnxFormatException {
    List<Result> outputs = new ArrayList<>(message.getOutputCount());
    for (String name : ModelReader.strings(message.getOutputList().asByteStringList())) {
      ValueInfoProto value = name.isEmpty() ? null : declared.get(name);
      if (value != null) {
        outputs.add(new Result(name, type(value), metadata(value)));
      } else {
        outputs.add(name.isEmpty() ? Result.ABSENT : Result.of(name));
      }
    }
    String name = Utf8.decode(message.getNameBytes());
    String opType = Utf8.decode(message.getOpTypeBytes());
    return new Node(
        Utf8.decode(message.getDomainBytes()),
        opType,
        Utf8.decode(message.getOverloadBytes()),
        name,
        ModelReader.strings(message.getInputList().asByteStringList()),
        message.getAttributeCount() == 0
            ? List.of()
            : attributes(
                message.getAttributeList(), "node '" + (name.isEmpty() ? opType : name) + "'"),
        outputs,
        metadata(message));
  }

  private static Metadata metadata(NodeProto message) {
    NodeProto.Builder rest = message.toBuilder().clearInput().clearOutput().clearAttribute();
    if (!message.getNameBytes().isEmpty()) {
      rest.clearName();
    }
    if (!message.getOpTypeBytes().isEmpty()) {
      rest.clearOpType();
    }
    if (!message.getDomainBytes().isEmpty()) {
      rest.clearDomain();
    }
    if (!message.getOverloadBytes().isEmpty()) {
      rest.clearOverload();
    }
    if (!message.getDocStringBytes().isEmpty()) {
      rest.clearDocString();
    }
    if (Entries.arePlain(message.getMetadataPropsList())) {
      rest.clearMetadataProps();
    }
    return ModelReader.metadata(
        message.getDocStringBytes(), message.getMetadataPropsList(), rest.build());
  }

  List<Attribute> attributes(List<AttributeProto> messages, String owner)
      throws OnnxFormatException {
    List<Attribute> attributes = new ArrayList<>(messages.size());
    for (AttributeProto message : messages) {
      attributes.add(attribute(message, owner));
    }
    return attributes;
  }

  private Attribute attribute(AttributeProto message, String owner) throws OnnxFormatException {
    String name = Utf8.decode(message.getNameBytes());
    String reference = Utf8.decode(message.getRefAttrNameBytes());
    AttributeType declared =
        message.hasType()
            ? AttributeType.of(message.getType().getNumber())
            : AttributeType.UNDEFINED;
    AttributeType type =
        declared == AttributeType.UNDEFINED && reference.isEmpty()
            ? AttributeMessages.filled(message)
            : declared;
    AttributeProto.Builder rest = message.toBuilder();
    AttributeValue value;
    if (reference.isEmpty()) {
      value = value(message, type, owner + ", attribute '" + name + "'");
    } else {
      value = new AttributeValue.Reference(reference, type);
      rest.clearRefAttrName();
    }
    boolean hasValue = !(value instanceof AttributeValue.Reference);
    if (hasValue) {
      AttributeMessages.clear(rest, type);
    }
    if (!name.isEmpty()) {
      rest.clearName();
    }
    if (!message.getDocStringBytes().isEmpty()) {
      rest.clearDocString();
    }
    if (declared != AttributeType.UNDEFINED) {
      rest.clearType();
    }
    boolean typeOmitted = !message.hasType();
    boolean valueOmitted = hasValue && AttributeMessages.isOmitted(message, type);
    AttributeProto kept = tensors.leftOut().putBack(rest.build(), MessageKind.ATTRIBUTE);
    boolean plain = kept.getSerializedSize() == 0 && !typeOmitted && !valueOmitted;
    Metadata said =
        ModelReader.metadata(
            message.getDocStringBytes(), List.of(), AttributeProto.getDefaultInstance());
    return new Attribute(
        name,
        value,
        plain
            ? said
            : said.withResidue(new AttributeFields(kept, type, typeOmitted, valueOmitted)));
  }

  /** The value in the type's field; a reference with an empty name if there is none. */
  private AttributeValue value(AttributeProto message, AttributeType type, String owner)
      throws OnnxFormatException {
    return switch (type) {
      case FLOAT -> new AttributeValue.Float(message.getF());
      case INT -> new AttributeValue.Int(message.getI());
      case STRING -> new AttributeValue.String(Utf8.decode(message.getS()));
      case TENSOR ->
          message.hasT()
              ? new AttributeValue.Tensor(tensors.read(message.getT(), owner))
              : nothing(type);
      case GRAPH -> message.hasG() ? new AttributeValue.Graph(read(message.getG())) : nothing(type);
      case SPARSE_TENSOR ->
          message.hasSparseTensor()
              ? new AttributeValue.SparseTensor(tensors.read(message.getSparseTensor(), owner))
              : nothing(type);
      case TYPE_PROTO ->
          message.hasTp()
              ? new AttributeValue.Type(TypeMessages.read(message.getTp()))
              : nothing(type);
      case UNDEFINED -> nothing(type);
      default -> list(message, type, owner);
    };
  }

  private static AttributeValue nothing(AttributeType type) {
    return new AttributeValue.Reference("", type);
  }

  private AttributeValue list(AttributeProto message, AttributeType type, String owner)
      throws OnnxFormatException {
    switch (type) {
      case FLOATS -> {
        float[] floats = new float[message.getFloatsCount()];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = message.getFloats(i);
        }
        return new AttributeValue.Floats(floats);
      }
      case INTS -> {
        long[] ints = new long[message.getIntsCount()];
        for (int i = 0; i < ints.length; i++) {
          ints[i] = message.getInts(i);
        }
        return new AttributeValue.Ints(ints);
      }
      case STRINGS -> {
        return new AttributeValue.Strings(
            message.getStringsList().stream().map(Utf8::decode).toList());
      }
      case TYPE_PROTOS -> {
        return new AttributeValue.Types(
            message.getTypeProtosList().stream().map(TypeMessages::read).toList());
      }
      case TENSORS -> {
        List<Tensor> list = new ArrayList<>(message.getTensorsCount());
        for (TensorProto tensor : message.getTensorsList()) {
          list.add(tensors.read(tensor, owner));
        }
        return new AttributeValue.Tensors(list);
      }
      case SPARSE_TENSORS -> {
        List<SparseTensor> list = new ArrayList<>(message.getSparseTensorsCount());
        for (SparseTensorProto tensor : message.getSparseTensorsList()) {
          list.add(tensors.read(tensor, owner));
        }
        return new AttributeValue.SparseTensors(list);
      }
      default -> {
        List<Graph> list = new ArrayList<>(message.getGraphsCount());
        for (GraphProto graph : message.getGraphsList()) {
          list.add(read(graph));
        }
        return new AttributeValue.Graphs(list);
      }
    }
  }
}
