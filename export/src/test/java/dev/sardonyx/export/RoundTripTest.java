package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TypeProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.pass.InferTypes;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is read is written as it was; what was changed replaces what the file said. */
class RoundTripTest {

  private static Model roundTrip(ModelProto message) throws Exception {
    byte[] bytes = message.toByteArray();
    Model model = OnnxReader.read(bytes);
    byte[] written = OnnxWriter.toBytes(model);
    assertEquals(message, ModelProto.parseFrom(written));
    assertArrayEquals(bytes, written, "the bytes differ where protobuf's equality does not look");
    return model;
  }

  private static Model graph(Consumer<GraphProto.Builder> fill) throws Exception {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(10);
    fill.accept(model.getGraphBuilder().setName("g"));
    return roundTrip(model.build());
  }

  private static TypeProto floats(String... dims) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getTensorTypeBuilder().setElemType(1).getShapeBuilder();
    for (String dim : dims) {
      type.getTensorTypeBuilder().getShapeBuilder().addDimBuilder().setDimParam(dim);
    }
    return type.build();
  }

  private static UnknownFieldSet unknown(int number) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
        .build();
  }

  @Test
  void randomMessagesComeBack() throws Exception {
    RandomMessages messages = new RandomMessages(20261123);
    for (int i = 0; i < 3000; i++) {
      ModelProto message = messages.model();
      byte[] bytes = message.toByteArray();
      assertArrayEquals(bytes, OnnxWriter.toBytes(OnnxReader.read(bytes)), "message " + i);
    }
  }

  @Test
  void emptyStringsThatArePresentStayPresent() throws Exception {
    ModelProto.Builder model = ModelProto.newBuilder().setProducerName("").setDomain("");
    model.setIrVersion(0).setModelVersion(0).setDocString("").setProducerVersion("");
    model.addOpsetImportBuilder().setVersion(17);
    model.addOpsetImportBuilder().setDomain("");
    GraphProto.Builder graph = model.getGraphBuilder().setName("").setDocString("");
    graph.addNodeBuilder().setName("").setDomain("").setOverload("").setOpType("").addInput("");
    graph.addInputBuilder().setName("").setDocString("").getTypeBuilder();
    graph.addOutputBuilder();
    roundTrip(model.build());
  }

  @Test
  void negativeDimensionsStayAsTheyAreWritten() throws Exception {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
    model.addOpsetImportBuilder().setVersion(17);
    GraphProto.Builder graph = model.getGraphBuilder().setName("g");
    graph.addNodeBuilder().setOpType("Relu").addInput("x").addOutput("h");
    graph.addNodeBuilder().setOpType("Relu").addInput("h").addOutput("y");
    for (ValueInfoProto.Builder value :
        List.of(graph.addInputBuilder(), graph.addValueInfoBuilder(), graph.addOutputBuilder())) {
      TypeProto.Tensor.Builder tensor = value.getTypeBuilder().getTensorTypeBuilder();
      tensor.setElemType(1).getShapeBuilder().addDimBuilder().setDimValue(-1);
      tensor.getShapeBuilder().addDimBuilder().setDimValue(Long.MIN_VALUE).setDenotation("C");
      tensor.getShapeBuilder().addDimBuilder().setDimValue(3);
    }
    graph.getInputBuilder(0).setName("x");
    graph.getValueInfoBuilder(0).setName("h");
    graph.getOutputBuilder(0).setName("y");
    byte[] bytes = model.build().toByteArray();
    Model read = OnnxReader.read(bytes);
    assertArrayEquals(bytes, OnnxWriter.toBytes(read));
    Model inferred = new InferTypes().apply(read).model();
    assertArrayEquals(bytes, OnnxWriter.toBytes(inferred), "types that say no less");
    assertEquals(
        "float[-1,-9223372036854775808,3]", read.graph().inputs().get(0).type().toString());
  }

  @Test
  void unknownFieldsSurviveAtEveryLevel() throws Exception {
    ModelProto.Builder model = ModelProto.newBuilder().setUnknownFields(unknown(900));
    model.addMetadataPropsBuilder().setKey("k").setValue("v").setUnknownFields(unknown(901));
    model.addOpsetImportBuilder().setVersion(3).setUnknownFields(unknown(902));
    GraphProto.Builder graph = model.getGraphBuilder().setUnknownFields(unknown(903));
    AttributeProto.Builder attribute =
        graph.addNodeBuilder().setUnknownFields(unknown(904)).addAttributeBuilder();
    attribute.setUnknownFields(unknown(905)).setType(AttributeProto.AttributeType.TENSOR);
    attribute.getTBuilder().setDataType(1).addDims(0).setUnknownFields(unknown(906));
    graph
        .addInputBuilder()
        .setName("x")
        .setUnknownFields(unknown(907))
        .getTypeBuilder()
        .setUnknownFields(unknown(908))
        .getTensorTypeBuilder()
        .setElemType(1)
        .setUnknownFields(unknown(909))
        .getShapeBuilder()
        .setUnknownFields(unknown(910))
        .addDimBuilder()
        .setDimValue(2)
        .setUnknownFields(unknown(911));
    graph.addQuantizationAnnotationBuilder().setTensorName("x").setUnknownFields(unknown(912));
    model.addFunctionsBuilder().setName("f").setUnknownFields(unknown(913));
    model.addTrainingInfoBuilder().setUnknownFields(unknown(914)).getInitializationBuilder();
    model.addConfigurationBuilder().setName("two devices").setNumDevices(2);
    roundTrip(model.build());
  }

  @Test
  void typedStorageStaysTyped() throws Exception {
    Model model =
        graph(
            g -> {
              g.addInitializerBuilder()
                  .setName("half")
                  .setDataType(10)
                  .addDims(2)
                  .addInt32Data(0x3C00)
                  .addInt32Data(0xC000);
              g.addInitializerBuilder()
                  .setName("nibbles")
                  .setDataType(22)
                  .addDims(3)
                  .addInt32Data(0xF1)
                  .addInt32Data(0x07);
              g.addInitializerBuilder()
                  .setName("flags")
                  .setDataType(9)
                  .addDims(3)
                  .addInt32Data(0)
                  .addInt32Data(1)
                  .addInt32Data(5);
              g.addInitializerBuilder()
                  .setName("complex")
                  .setDataType(14)
                  .addDims(1)
                  .addFloatData(1.5f)
                  .addFloatData(Float.intBitsToFloat(0x7F800001));
              g.addInitializerBuilder().setName("wide").setDataType(3).addDims(1).addInt32Data(255);
              g.addInitializerBuilder()
                  .setName("six")
                  .setDataType(27)
                  .addDims(3)
                  .addInt32Data(8)
                  .addInt32Data(0x3F)
                  .addInt32Data(0x21);
              g.addInitializerBuilder().setName("empty").setDataType(1).addDims(0);
              g.addInitializerBuilder()
                  .setName("emptyRaw")
                  .setDataType(1)
                  .addDims(0)
                  .setRawData(ByteString.EMPTY);
              g.addInitializerBuilder()
                  .setName("both")
                  .setDataType(7)
                  .addDims(1)
                  .addInt64Data(9)
                  .setRawData(ByteString.EMPTY);
              g.addInitializerBuilder()
                  .setName("leftover")
                  .setDataType(7)
                  .setRawData(ByteString.copyFrom(new byte[8]))
                  .addFloatData(3);
            });
    List<Constant> constants = model.graph().constants();
    assertEquals(
        Tensor.ofNumbers(ElementType.FLOAT16, new double[] {1, -2}, 2), data(constants, 0));
    assertEquals(
        Tensor.ofNumbers(ElementType.INT4, new double[] {1, -1, 7}, 3), data(constants, 1));
    assertEquals(Tensor.ofBooleans(new boolean[] {false, true, true}, 3), data(constants, 2));
    assertEquals(Tensor.ofNumbers(ElementType.INT8, new double[] {-1}, 1), data(constants, 4));
    assertEquals(
        Tensor.ofNumbers(ElementType.FLOAT6E2M3, new double[] {1, -7.5, -0.125}, 3),
        data(constants, 5));
    assertEquals(Tensor.ofLongs(new long[] {9}, 1), data(constants, 8));
  }

  private static Object data(List<Constant> constants, int i) {
    return constants.get(i).data();
  }

  @Test
  void valueInfoKeepsItsOrderAndItsOddEntries() throws Exception {
    Model model =
        graph(
            g -> {
              g.addNodeBuilder().setOpType("Relu").addInput("x").addOutput("a");
              g.addNodeBuilder().setOpType("Relu").addInput("a").addOutput("b");
              g.addNodeBuilder().setOpType("Relu").addInput("b").addOutput("y");
              g.addInputBuilder().setName("x").setType(floats("N"));
              g.addOutputBuilder().setName("y").setType(floats("N"));
              g.addInitializerBuilder().setName("w").setDataType(1).addDims(0);
              g.addValueInfoBuilder().setName("w").setType(floats("M"));
              g.addValueInfoBuilder().setName("y").setType(floats("K"));
              g.addValueInfoBuilder().setName("b").setType(floats("N"));
              g.addValueInfoBuilder().setName("elsewhere").setType(floats());
              g.addValueInfoBuilder().setName("a").setType(TypeProto.newBuilder());
              g.addValueInfoBuilder().setName("b").setDocString("again");
              g.addValueInfoBuilder().setName("x").setType(floats("N"));
            });
    List<Node> nodes = model.graph().nodes();
    assertEquals(TensorType.of(ElementType.FLOAT, Shape.parse("N")), nodes.get(1).output(0).type());
    assertFalse(nodes.get(0).output(0).type().isKnown());
    assertEquals("float[K]", nodes.get(2).output(0).type().toString());
    assertEquals("float[N]", model.graph().outputs().get(0).type().toString());
  }

  @Test
  void denotationsStay() throws Exception {
    graph(
        g -> {
          TypeProto.Builder type = TypeProto.newBuilder().setDenotation("IMAGE");
          type.getTensorTypeBuilder()
              .setElemType(1)
              .getShapeBuilder()
              .addDimBuilder()
              .setDimParam("N")
              .setDenotation("DATA_BATCH");
          g.addInputBuilder().setName("x").setType(type);
          g.addInputBuilder().setName("s").getTypeBuilder().getSequenceTypeBuilder();
          g.addInputBuilder()
              .setName("o")
              .getTypeBuilder()
              .getOptionalTypeBuilder()
              .getElemTypeBuilder();
          g.addInputBuilder().setName("m").getTypeBuilder().getMapTypeBuilder().setKeyType(7);
          g.addInputBuilder()
              .setName("p")
              .getTypeBuilder()
              .getOpaqueTypeBuilder()
              .setDomain("d")
              .setName("");
          g.addInputBuilder().setName("t").getTypeBuilder().getTensorTypeBuilder();
          g.addInputBuilder()
              .setName("new")
              .getTypeBuilder()
              .getTensorTypeBuilder()
              .setElemType(99);
        });
  }

  @Test
  void dimensionTexts() throws Exception {
    Model model =
        graph(
            g ->
                g.addInputBuilder()
                    .setName("x")
                    .setType(floats("N", "N+5", "5+N", "batch size", "3", "?", "", "((((")));
    List<Dim> dims = ((TensorType) model.graph().inputs().get(0).type()).shape().dims();
    assertEquals(Dim.symbol("N"), dims.get(0));
    assertEquals(Dim.parse("N+5"), dims.get(1));
    assertEquals(Dim.symbol("5+N"), dims.get(2), "would be written in another order");
    assertEquals(Dim.symbol("batch size"), dims.get(3));
    assertEquals(Dim.symbol("3"), dims.get(4));
    assertEquals(Dim.symbol("?"), dims.get(5));
    assertEquals(Dim.UNKNOWN, dims.get(6));
    assertEquals(Dim.symbol("(((("), dims.get(7));
  }

  @Test
  void attributesOfEveryKindOfOddity() throws Exception {
    UnknownFieldSet newType =
        UnknownFieldSet.newBuilder()
            .addField(20, UnknownFieldSet.Field.newBuilder().addVarint(99).build())
            .build();
    Model model =
        graph(
            g -> {
              var node = g.addNodeBuilder().setOpType("Op");
              node.addAttributeBuilder().setName("untyped").setI(3);
              node.addAttributeBuilder()
                  .setName("undefined")
                  .setF(2)
                  .setType(AttributeProto.AttributeType.UNDEFINED);
              node.addAttributeBuilder().setName("nothing");
              node.addAttributeBuilder()
                  .setName("two")
                  .setI(1)
                  .addInts(2)
                  .setType(AttributeProto.AttributeType.INTS);
              node.addAttributeBuilder().setName("zero").setType(AttributeProto.AttributeType.INT);
              node.addAttributeBuilder()
                  .setName("noTensor")
                  .setType(AttributeProto.AttributeType.TENSOR);
              node.addAttributeBuilder()
                  .setName("reference")
                  .setRefAttrName("alpha")
                  .setF(1)
                  .setType(AttributeProto.AttributeType.FLOAT);
              node.addAttributeBuilder().setName("future").setUnknownFields(newType);
              node.addAttributeBuilder()
                  .setName("bytes")
                  .setType(AttributeProto.AttributeType.STRING)
                  .setS(ByteString.copyFrom(new byte[] {(byte) 0x80, 0, 'a'}));
              node.addAttributeBuilder()
                  .setName("type")
                  .setDocString("said")
                  .setType(AttributeProto.AttributeType.TYPE_PROTO)
                  .getTpBuilder()
                  .setDenotation("d");
            });
    List<Attribute> attributes = model.graph().nodes().get(0).attributes();
    assertEquals(new AttributeValue.Int(3), attributes.get(0).value());
    assertEquals(new AttributeValue.Float(2), attributes.get(1).value());
    assertEquals(AttributeType.UNDEFINED, attributes.get(2).type());
    assertEquals(new AttributeValue.Ints(new long[] {2}), attributes.get(3).value());
    assertEquals(new AttributeValue.Int(0), attributes.get(4).value());
    assertEquals(
        new AttributeValue.Reference("alpha", AttributeType.FLOAT), attributes.get(6).value());
    assertEquals(new AttributeValue.String("\uDC80\0a"), attributes.get(8).value());
  }

  @Test
  void duplicateKeysAndInitializersStay() throws Exception {
    Model model =
        graph(
            g -> {
              g.addMetadataPropsBuilder().setKey("k").setValue("first");
              g.addMetadataPropsBuilder().setKey("k").setValue("second");
              g.addMetadataPropsBuilder().setValue("no key");
              g.addInitializerBuilder().setName("w").setDataType(7).addDims(0);
              g.addInitializerBuilder().setName("w").setDataType(6).addDims(0);
              g.addSparseInitializerBuilder()
                  .setValues(TensorProto.newBuilder().setName("s").setDataType(1).addDims(0))
                  .setIndices(TensorProto.newBuilder().setName("i").setDataType(7).addDims(0))
                  .addDims(4);
            });
    assertEquals("first", model.graph().metadata().properties().get("k"));
    assertEquals(
        List.of("w", "w", "s"), model.graph().constants().stream().map(Constant::name).toList());
  }

  // ---- Changed models

  private static ModelProto typedChain() {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(10);
    GraphProto.Builder g = model.getGraphBuilder();
    g.addNodeBuilder().setOpType("Relu").addInput("x").addOutput("a").setUnknownFields(unknown(99));
    g.addNodeBuilder().setOpType("Relu").addInput("a").addOutput("b");
    g.addNodeBuilder().setOpType("Relu").addInput("b").addOutput("y");
    g.addInputBuilder().setName("x").setType(floats("N"));
    g.addOutputBuilder().setName("y").setType(floats("N"));
    TypeProto.Builder denoted = floats("N").toBuilder();
    denoted.getTensorTypeBuilder().getShapeBuilder().getDimBuilder(0).setDenotation("D");
    g.addValueInfoBuilder().setName("b").setType(denoted);
    return model.build();
  }

  private static GraphProto written(Graph graph) throws Exception {
    return ModelProto.parseFrom(OnnxWriter.toBytes(Model.of(graph, 17))).getGraph();
  }

  @Test
  void newlyInferredTypesAreDeclared() throws Exception {
    Graph graph = OnnxReader.read(typedChain().toByteArray()).graph();
    ValueType type = TensorType.of(ElementType.FLOAT, Shape.parse("N"));
    List<Node> typed =
        graph.nodes().stream()
            .map(n -> n.withOutputs(List.of(n.output(0).withType(type))))
            .toList();
    GraphProto message = written(graph.withNodes(typed));
    assertEquals(2, message.getValueInfoCount(), message.toString());
    assertEquals("a", message.getValueInfo(0).getName());
    assertEquals(
        "D",
        message.getValueInfo(1).getType().getTensorType().getShape().getDim(0).getDenotation());
    assertEquals(unknown(99), message.getNode(0).getUnknownFields());
  }

  @Test
  void aChangedTypeReplacesTheDeclaredOneAndKeepsDenotations() throws Exception {
    Graph graph = OnnxReader.read(typedChain().toByteArray()).graph();
    List<Node> nodes = new java.util.ArrayList<>(graph.nodes());
    Result b = nodes.get(1).output(0);
    nodes.set(
        1, nodes.get(1).withOutputs(List.of(b.withType(TensorType.of(ElementType.FLOAT, 8)))));
    var dim =
        written(graph.withNodes(nodes))
            .getValueInfo(0)
            .getType()
            .getTensorType()
            .getShape()
            .getDim(0);
    assertEquals(8, dim.getDimValue());
    assertEquals("D", dim.getDenotation());
  }

  /** What a file says an image is says nothing of the sequence that takes its place. */
  @Test
  void aTypeOfAnotherKindLosesTheDenotation() throws Exception {
    ModelProto.Builder image = typedChain().toBuilder();
    image.getGraphBuilder().getInputBuilder(0).getTypeBuilder().setDenotation("IMAGE");
    Graph graph = OnnxReader.read(image.build().toByteArray()).graph();
    Input x = graph.inputs().get(0);
    TensorType other = TensorType.of(ElementType.DOUBLE, 3);
    for (ValueType type : List.of(other, new SequenceType(other))) {
      TypeProto written =
          written(graph.withInputs(List.of(x.withType(type)))).getInput(0).getType();
      assertEquals(type == other ? "IMAGE" : "", written.getDenotation());
    }
  }

  @Test
  void removedResultsLoseTheirDeclaration() throws Exception {
    Graph graph = OnnxReader.read(typedChain().toByteArray()).graph();
    GraphProto message = written(graph.withNodes(graph.nodes().subList(0, 1)));
    assertEquals(0, message.getValueInfoCount());
  }

  @Test
  void staleDeclarationsOfConstantsGo() throws Exception {
    ModelProto.Builder model = ModelProto.newBuilder();
    GraphProto.Builder g = model.getGraphBuilder();
    g.addInitializerBuilder().setName("w").setDataType(1).addDims(0);
    g.addValueInfoBuilder().setName("w").setType(floats("M"));
    Graph graph = OnnxReader.read(model.build().toByteArray()).graph();
    assertEquals(1, written(graph).getValueInfoCount());
    Constant changed = graph.constants().get(0).withData(Tensor.ofLongs(new long[2], 1, 2));
    assertEquals(0, written(graph.withConstants(List.of(changed))).getValueInfoCount());
  }

  @Test
  void aChangedAttributeDropsWhatTheFileSaidOfAnotherType() throws Exception {
    ModelProto.Builder model = ModelProto.newBuilder();
    model.getGraphBuilder().addNodeBuilder().addAttributeBuilder().setName("a").setI(3);
    Node node = OnnxReader.read(model.build().toByteArray()).graph().nodes().get(0);
    Attribute changed = node.attributes().get(0).withValue(new AttributeValue.String("t"));
    AttributeProto message =
        written(
                Graph.of(
                    "g", List.of(), List.of(), List.of(node.withAttribute(changed)), List.of()))
            .getNode(0)
            .getAttribute(0);
    assertEquals(AttributeProto.AttributeType.STRING, message.getType());
    assertFalse(message.hasI());
    assertTrue(message.hasS());
  }
}
