package dev.sardonyx.export.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import dev.sardonyx.ir.infer.ShapeInference;
import java.io.IOException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What only the message shows is a fault of the model, and the model still reads and writes. */
class FileFaultsTest {
  private static ModelProto message() throws IOException {
    return ModelProto.parseFrom(
        OnnxWriter.toBytes(
            ModelParser.parse(
                """
                <ir_version: 10, opset_import: ["": 21, "com.microsoft": 1]>
                g (float[2] x) => (float[2] y) <float[2] c = {1.0, 2.0}, float[2] t>
                { t = Add (x, c) y = LeakyRelu <alpha: float = 0.5> (t) }
                """)));
  }

  private static Report report(Consumer<ModelProto.Builder> change) throws IOException {
    ModelProto.Builder message = message().toBuilder();
    change.accept(message);
    Model model = OnnxReader.read(message.build().toByteArray());
    assertEquals(message.build(), ModelProto.parseFrom(OnnxWriter.toBytes(model)), "kept");
    return Checker.check(model);
  }

  private static void assertFault(String words, Consumer<ModelProto.Builder> change)
      throws IOException {
    Report report = report(change);
    assertTrue(
        report.errors().stream()
            .anyMatch(p -> p.code().id().equals("SX-409") && p.message().contains(words)),
        () -> words + " is not in\n" + report);
  }

  @Test
  void theModelItselfHasNone() throws IOException {
    assertEquals("", report(message -> {}).toString());
  }

  @Test
  void elementsInTwoPlaces() throws IOException {
    assertFault(
        "constant c has its elements in more than one place, also in float_data",
        m -> m.getGraphBuilder().getInitializerBuilder(0).addFloatData(1).addFloatData(2));
    assertFault(
        "also in int64_data", m -> m.getGraphBuilder().getInitializerBuilder(0).addInt64Data(1));
  }

  @Test
  void dataOfNoElements() throws IOException {
    TensorProto empty =
        TensorProto.newBuilder()
            .setName("c")
            .addDims(0)
            .setDataType(1)
            .setRawData(ByteString.EMPTY)
            .addDoubleData(1)
            .build();
    assertFault(
        "has no elements, but data in double_data",
        m -> m.getGraphBuilder().setInitializer(0, empty));
  }

  @Test
  void attributesWithoutATypeOrWithTwoValues() throws IOException {
    assertFault("does not say its type", m -> attribute(m).clearType());
    assertFault("has a value of type INT as well", m -> attribute(m).setI(3));
  }

  private static AttributeProto.Builder attribute(ModelProto.Builder message) {
    return message.getGraphBuilder().getNodeBuilder(1).getAttributeBuilder(0);
  }

  @Test
  void aValueDeclaredTwiceInDifferentWays() throws IOException {
    assertFault(
        "declares value t as float[2] and again as double[2]",
        m -> {
          GraphProto.Builder graph = m.getGraphBuilder();
          ValueInfoProto.Builder again = graph.getValueInfo(0).toBuilder();
          again.getTypeBuilder().getTensorTypeBuilder().setElemType(11);
          graph.addValueInfo(again);
        });
  }

  @Test
  void aTypeWithoutAnElementType() throws IOException {
    assertFault(
        "value t is declared without an element type",
        m ->
            m.getGraphBuilder()
                .getValueInfoBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(0));
  }

  @Test
  void typesWithoutAnElementTypeAreNotWritten() throws IOException {
    Model model =
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21, "com.microsoft": 1]>
            g (float[2,2] x) => (y)
            { t = com.microsoft.Inverse (x) u = Flatten (t) y = Relu (u) }
            """);
    Model inferred = ShapeInference.infer(model).model();
    ModelProto written = ModelProto.parseFrom(OnnxWriter.toBytes(inferred));
    assertEquals(0, written.getGraph().getValueInfoCount(), written.toString());
    assertFalse(written.getGraph().getOutput(0).hasType(), written.toString());
    assertTrue(Checker.check(OnnxReader.read(written.toByteArray())).isValid());
  }
}
