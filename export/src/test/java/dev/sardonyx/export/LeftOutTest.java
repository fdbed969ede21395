package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.NodeProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whether or not weights stay in the file, a model is read and written the same. */
class LeftOutTest {
  private static final byte[] FOUR = {1, 2, 3, 4};

  private static Model readMapped(byte[] bytes) throws IOException {
    LeftOut leftOut = LeftOut.of(1);
    ByteString rest = leftOut.leaveOut(ByteBuffer.wrap(bytes), Limits.standard());
    TensorReader tensors = new TensorReader("m", new ExternalFiles("m", null), leftOut);
    return new ModelReader("m", tensors).read(ModelProto.parseFrom(rest));
  }

  private static byte[] written(Model model) {
    return ModelBytes.of(model, KeptReferences.NONE, LeftOut.of(1)).toByteArray();
  }

  private static void assertSame(byte[] bytes) throws IOException {
    Model inHeap = OnnxReader.read(bytes);
    Model mapped = readMapped(bytes);
    assertArrayEquals(OnnxWriter.toBytes(inHeap), OnnxWriter.toBytes(mapped), "read otherwise");
    assertArrayEquals(OnnxWriter.toBytes(inHeap), written(mapped), "written otherwise");
    assertArrayEquals(OnnxWriter.toBytes(inHeap), written(inHeap), "written otherwise");
  }

  @Test
  void randomMessages() throws IOException {
    RandomMessages messages = new RandomMessages(20261125);
    for (int i = 0; i < 200; i++) {
      assertSame(messages.model().toByteArray());
    }
  }

  private static TensorProto.Builder tensor() {
    return TensorProto.newBuilder()
        .setName("W")
        .setDataType(2)
        .addDims(4)
        .setRawData(ByteString.copyFrom(FOUR));
  }

  private static ModelProto.Builder model(TensorProto tensor) {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
    model.getGraphBuilder().setName("g").addInitializer(tensor);
    return model;
  }

  @Test
  void elementsStayWhereTheyLie() throws IOException {
    byte[] bytes = model(tensor().build()).build().toByteArray();
    ByteString rest = LeftOut.of(4).leaveOut(ByteBuffer.wrap(bytes), Limits.standard());
    assertFalse(ModelProto.parseFrom(rest).getGraph().getInitializer(0).hasRawData());
    rest = LeftOut.of(5).leaveOut(ByteBuffer.wrap(bytes), Limits.standard());
    assertTrue(ModelProto.parseFrom(rest).getGraph().getInitializer(0).hasRawData());
  }

  /** A file may use the very number that stands for what was left out. */
  @Test
  void unknownFieldsOfThatNumberAreTheFilesOwn() throws IOException {
    Random random = new Random(7);
    for (int length : new int[] {0, 4, 12, 13}) {
      byte[] content = new byte[length];
      random.nextBytes(content);
      UnknownFieldSet unknown =
          UnknownFieldSet.newBuilder()
              .addField(
                  LeftOut.FIELD,
                  UnknownFieldSet.Field.newBuilder()
                      .addLengthDelimited(ByteString.copyFrom(content))
                      .addVarint(7)
                      .build())
              .build();
      assertSame(model(tensor().setUnknownFields(unknown).build()).build().toByteArray());
      assertSame(
          model(
                  tensor()
                      .clearRawData()
                      .addAllInt32Data(List.of(1, 2, 3, 4))
                      .setUnknownFields(unknown)
                      .build())
              .build()
              .toByteArray());
    }
  }

  @Test
  void groupsAndFieldsInAnyOrder() throws IOException {
    UnknownFieldSet inner =
        UnknownFieldSet.newBuilder()
            .addField(3, UnknownFieldSet.Field.newBuilder().addFixed32(1).addFixed64(2).build())
            .build();
    UnknownFieldSet groups =
        UnknownFieldSet.newBuilder()
            .addField(1000, UnknownFieldSet.Field.newBuilder().addGroup(inner).build())
            .build();
    assertSame(
        model(tensor().setUnknownFields(groups).build())
            .setUnknownFields(groups)
            .build()
            .toByteArray());
    // The graph before the version, the elements before the name.
    ByteString graph =
        field(
            5,
            ByteString.copyFrom(
                concat(
                    field(9, ByteString.copyFrom(FOUR)),
                    tensor().clearRawData().build().toByteString())));
    assertSame(
        concat(field(7, graph), ModelProto.newBuilder().setIrVersion(8).build().toByteString()));
  }

  /** protobuf merges what is there twice. */
  @Test
  void messagesThatAreThereTwice() throws IOException {
    ByteString half = attribute(tensor().build());
    ByteString names = attribute(TensorProto.newBuilder().setDocString("d").build());
    assertSame(modelOf(half.concat(names)));
    assertSame(modelOf(names.concat(half)));
    byte[] twice = modelOf(half.concat(attribute(tensor().clearDims().build())));
    assertSame(twice);
    byte[] two = concat(field(9, ByteString.copyFrom(FOUR)), tensor().build().toByteString());
    assertSame(concat(field(7, field(5, ByteString.copyFrom(two))), ByteString.EMPTY));
  }

  private static ByteString attribute(TensorProto tensor) {
    return field(AttributeProto.T_FIELD_NUMBER, tensor.toByteString());
  }

  private static byte[] modelOf(ByteString attribute) {
    ByteString named =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .build()
            .toByteString();
    ByteString node = field(NodeProto.ATTRIBUTE_FIELD_NUMBER, named.concat(attribute));
    return field(ModelProto.GRAPH_FIELD_NUMBER, field(GraphProto.NODE_FIELD_NUMBER, node))
        .toByteArray();
  }

  private static ByteString field(int number, ByteString content) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(content).build())
        .build()
        .toByteString();
  }

  private static byte[] concat(ByteString one, ByteString other) {
    return one.concat(other).toByteArray();
  }

  @Test
  void rawDataThatIsNotTheElementsIsKept() throws IOException {
    TensorProto.Builder said = tensor().setDataType(8).clearDims().addDims(1);
    assertSame(
        model(said.addStringData(ByteString.copyFromUtf8("s")).build()).build().toByteArray());
  }

  @Test
  void whatIsNotProtobufIsLeftToItsParser() {
    byte[] bytes = model(tensor().build()).build().toByteArray();
    for (int length = 1; length < bytes.length; length++) {
      ByteBuffer part = ByteBuffer.wrap(bytes, 0, length).slice();
      try {
        LeftOut.of(1).leaveOut(part, Limits.standard());
      } catch (TensorRewrite.Unreadable e) {
        assertThrows(IOException.class, () -> ModelProto.parseFrom(ByteString.copyFrom(part)));
      }
    }
  }
}
