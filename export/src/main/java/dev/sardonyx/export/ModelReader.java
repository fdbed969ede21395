package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.sardonyx.export.proto.FunctionProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.OperatorSetIdProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TrainingInfoProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.TrainingInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads model messages; {@link GraphReader} reads the graphs. */
final class ModelReader {
  private final String file;
  private final GraphReader graphs;

  ModelReader(String file, TensorReader tensors) {
    this.file = file;
    this.graphs = new GraphReader(tensors);
  }

  Model read(ModelProto message) throws OnnxFormatException {
    if (!message.hasGraph()) {
      throw new OnnxFormatException(file, "is not an ONNX model: it has no graph");
    }
    List<Function> functions = new ArrayList<>(message.getFunctionsCount());
    for (FunctionProto function : message.getFunctionsList()) {
      functions.add(function(function));
    }
    List<TrainingInfo> training = new ArrayList<>(message.getTrainingInfoCount());
    for (TrainingInfoProto info : message.getTrainingInfoList()) {
      training.add(training(info));
    }
    return new Model(
        message.getIrVersion(),
        opsets(message.getOpsetImportList()),
        Utf8.decode(message.getProducerNameBytes()),
        Utf8.decode(message.getProducerVersionBytes()),
        Utf8.decode(message.getDomainBytes()),
        message.getModelVersion(),
        graphs.read(message.getGraph()),
        functions,
        training,
        metadata(message));
  }

  private static Metadata metadata(ModelProto message) {
    ModelProto.Builder rest = message.toBuilder().clearGraph().clearFunctions().clearTrainingInfo();
    if (message.getIrVersion() != 0) {
      rest.clearIrVersion();
    }
    if (message.getModelVersion() != 0) {
      rest.clearModelVersion();
    }
    if (!message.getProducerNameBytes().isEmpty()) {
      rest.clearProducerName();
    }
    if (!message.getProducerVersionBytes().isEmpty()) {
      rest.clearProducerVersion();
    }
    if (!message.getDomainBytes().isEmpty()) {
      rest.clearDomain();
    }
    if (!message.getDocStringBytes().isEmpty()) {
      rest.clearDocString();
    }
    if (arePlain(message.getOpsetImportList())) {
      rest.clearOpsetImport();
    }
    if (Entries.arePlain(message.getMetadataPropsList())) {
      rest.clearMetadataProps();
    }
    return metadata(message.getDocStringBytes(), message.getMetadataPropsList(), rest.build());
  }

  static List<OpsetImport> opsets(List<OperatorSetIdProto> messages) {
    List<OpsetImport> imports = new ArrayList<>(messages.size());
    for (OperatorSetIdProto message : messages) {
      imports.add(OpsetImport.of(Utf8.decode(message.getDomainBytes()), message.getVersion()));
    }
    return imports;
  }

  private static boolean arePlain(List<OperatorSetIdProto> messages) {
    return ModelWriter.opsets(opsets(messages), List.of()).equals(messages);
  }

  private Function function(FunctionProto message) throws OnnxFormatException {
    String name = Utf8.decode(message.getNameBytes());
    String owner = "function '" + name + "'";
    List<Attribute> defaults = graphs.attributes(message.getAttributeProtoList(), owner);
    List<Node> nodes = graphs.nodes(message.getNodeList(), Map.of());
    List<Input> values = new ArrayList<>(message.getValueInfoCount());
    for (ValueInfoProto value : message.getValueInfoList()) {
      values.add(GraphReader.input(value));
    }
    FunctionProto.Builder rest =
        message.toBuilder()
            .clearInput()
            .clearOutput()
            .clearAttribute()
            .clearAttributeProto()
            .clearNode()
            .clearValueInfo();
    if (!name.isEmpty()) {
      rest.clearName();
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
    if (arePlain(message.getOpsetImportList())) {
      rest.clearOpsetImport();
    }
    if (Entries.arePlain(message.getMetadataPropsList())) {
      rest.clearMetadataProps();
    }
    return new Function(
        Utf8.decode(message.getDomainBytes()),
        name,
        Utf8.decode(message.getOverloadBytes()),
        strings(message.getInputList().asByteStringList()),
        strings(message.getOutputList().asByteStringList()),
        strings(message.getAttributeList().asByteStringList()),
        defaults,
        nodes,
        opsets(message.getOpsetImportList()),
        values,
        metadata(message.getDocStringBytes(), message.getMetadataPropsList(), rest.build()));
  }

  private TrainingInfo training(TrainingInfoProto message) throws OnnxFormatException {
    TrainingInfoProto.Builder rest = message.toBuilder();
    // An absent graph reads as an empty one, and the writer leaves empty ones out.
    if (message.getInitialization().getSerializedSize() > 0) {
      rest.clearInitialization();
    }
    if (message.getAlgorithm().getSerializedSize() > 0) {
      rest.clearAlgorithm();
    }
    if (Entries.arePlain(message.getInitializationBindingList())) {
      rest.clearInitializationBinding();
    }
    if (Entries.arePlain(message.getUpdateBindingList())) {
      rest.clearUpdateBinding();
    }
    return new TrainingInfo(
        graphs.read(message.getInitialization()),
        graphs.read(message.getAlgorithm()),
        Entries.read(message.getInitializationBindingList()),
        Entries.read(message.getUpdateBindingList()),
        metadata(ByteString.EMPTY, List.of(), rest.build()));
  }

  static List<String> strings(List<ByteString> list) {
    List<String> strings = new ArrayList<>(list.size());
    for (ByteString string : list) {
      strings.add(Utf8.decode(string));
    }
    return strings;
  }

  static Metadata metadata(
      ByteString docString, List<StringStringEntryProto> properties, Message rest) {
    boolean plain = rest.getSerializedSize() == 0;
    if (plain && docString.isEmpty() && properties.isEmpty()) {
      return Metadata.EMPTY;
    }
    return new Metadata(
        Utf8.decode(docString),
        Entries.read(properties),
        plain ? null : new OnnxResidue.Fields(rest));
  }
}
