package dev.sardonyx.export;

import dev.sardonyx.export.proto.FunctionProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.OperatorSetIdProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TrainingInfoProto;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes model messages; {@link GraphWriter} writes the graphs. */
final class ModelWriter {
  /** How deep messages may be nested for protobuf's parsers. */
  private static final int DEEPEST = 100;

  private final GraphWriter graphs;

  ModelWriter(TensorWriter tensors) {
    this.graphs = new GraphWriter(tensors);
  }

  /**
   * @throws UnsupportedModelException if graphs or types nest deeper than an ONNX file allows
   */
  ModelProto write(Model model) {
    Nesting nesting = Nesting.of(model);
    if (nesting.messages() > DEEPEST) {
      throw new UnsupportedModelException(
          "The graphs or types of the model nest too deep for an ONNX file, whose messages may nest "
              + DEEPEST
              + " levels; the deepest is at "
              + nesting.deepest());
    }
    ModelProto.Builder message =
        OnnxResidue.rest(model.metadata(), ModelProto.getDefaultInstance()).toBuilder();
    if (model.irVersion() != 0) {
      message.setIrVersion(model.irVersion());
    }
    if (!model.producerName().isEmpty()) {
      message.setProducerNameBytes(Utf8.encode(model.producerName()));
    }
    if (!model.producerVersion().isEmpty()) {
      message.setProducerVersionBytes(Utf8.encode(model.producerVersion()));
    }
    if (!model.domain().isEmpty()) {
      message.setDomainBytes(Utf8.encode(model.domain()));
    }
    if (model.modelVersion() != 0) {
      message.setModelVersion(model.modelVersion());
    }
    if (!model.metadata().docString().isEmpty()) {
      message.setDocStringBytes(Utf8.encode(model.metadata().docString()));
    }
    List<OperatorSetIdProto> opsets = opsets(model.opsetImports(), message.getOpsetImportList());
    List<StringStringEntryProto> properties =
        Entries.write(model.metadata().properties(), message.getMetadataPropsList());
    message
        .clearOpsetImport()
        .addAllOpsetImport(opsets)
        .clearMetadataProps()
        .addAllMetadataProps(properties)
        .setGraph(graphs.write(model.graph()));
    for (TrainingInfo info : model.training()) {
      message.addTrainingInfo(training(info));
    }
    for (Function function : model.functions()) {
      message.addFunctions(function(function));
    }
    return message.build();
  }

  /** The imports as messages: the original messages if they still hold the same imports. */
  static List<OperatorSetIdProto> opsets(
      List<OpsetImport> imports, List<OperatorSetIdProto> original) {
    if (!original.isEmpty() && ModelReader.opsets(original).equals(imports)) {
      return original;
    }
    List<OperatorSetIdProto> messages = new ArrayList<>(imports.size());
    for (OpsetImport opset : imports) {
      messages.add(
          OperatorSetIdProto.newBuilder()
              .setDomainBytes(Utf8.encode(opset.domain()))
              .setVersion(opset.version())
              .build());
    }
    return messages;
  }

  private TrainingInfoProto training(TrainingInfo info) {
    TrainingInfoProto.Builder message =
        OnnxResidue.rest(info.metadata(), TrainingInfoProto.getDefaultInstance()).toBuilder();
    GraphProto initialization = graphs.write(info.initialization());
    if (initialization.getSerializedSize() > 0) {
      message.setInitialization(initialization);
    }
    GraphProto algorithm = graphs.write(info.algorithm());
    if (algorithm.getSerializedSize() > 0) {
      message.setAlgorithm(algorithm);
    }
    List<StringStringEntryProto> first =
        Entries.write(info.initializationBinding(), message.getInitializationBindingList());
    List<StringStringEntryProto> update =
        Entries.write(info.updateBinding(), message.getUpdateBindingList());
    return message
        .clearInitializationBinding()
        .addAllInitializationBinding(first)
        .clearUpdateBinding()
        .addAllUpdateBinding(update)
        .build();
  }

  private FunctionProto function(Function function) {
    FunctionProto.Builder message =
        OnnxResidue.rest(function.metadata(), FunctionProto.getDefaultInstance()).toBuilder();
    if (!function.domain().isEmpty()) {
      message.setDomainBytes(Utf8.encode(function.domain()));
    }
    if (!function.name().isEmpty()) {
      message.setNameBytes(Utf8.encode(function.name()));
    }
    if (!function.overload().isEmpty()) {
      message.setOverloadBytes(Utf8.encode(function.overload()));
    }
    if (!function.metadata().docString().isEmpty()) {
      message.setDocStringBytes(Utf8.encode(function.metadata().docString()));
    }
    List<OperatorSetIdProto> opsets = opsets(function.opsetImports(), message.getOpsetImportList());
    List<StringStringEntryProto> properties =
        Entries.write(function.metadata().properties(), message.getMetadataPropsList());
    message
        .clearOpsetImport()
        .addAllOpsetImport(opsets)
        .clearMetadataProps()
        .addAllMetadataProps(properties);
    function.inputs().forEach(name -> message.addInputBytes(Utf8.encode(name)));
    function.outputs().forEach(name -> message.addOutputBytes(Utf8.encode(name)));
    function.attributes().forEach(name -> message.addAttributeBytes(Utf8.encode(name)));
    function.defaults().forEach(a -> message.addAttributeProto(graphs.attribute(a)));
    function.nodes().forEach(node -> message.addNode(graphs.node(node)));
    addValues(message, function);
    return message.build();
  }

  /** Adds the declared values, and the types of results in the body that were inferred since. */
  private static void addValues(FunctionProto.Builder message, Function function) {
    Set<String> declared = new HashSet<>();
    for (Input value : function.values()) {
      message.addValueInfo(GraphWriter.value(value.name(), value.type(), value.metadata()));
      declared.add(value.name());
    }
    for (Node node : function.nodes()) {
      for (Result result : node.outputs()) {
        if (result.isPresent()
            && result.type().isKnown()
            && FileFaults.hasElementType(result.type())
            && declared.add(result.name())) {
          message.addValueInfo(GraphWriter.value(result.name(), result.type(), result.metadata()));
        }
      }
    }
  }
}
