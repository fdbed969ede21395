package dev.sardonyx.export.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TypeProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import dev.sardonyx.ir.infer.ShapeInference;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
        "initializer c has its elements in more than one place, also in float_data",
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
    // Of a type, what the model does not hold, such as a denotation, is no second value.
    for (AttributeProto.AttributeType type :
        List.of(
            AttributeProto.AttributeType.TYPE_PROTO, AttributeProto.AttributeType.TYPE_PROTOS)) {
      TypeProto meant = TypeProto.newBuilder().setDenotation("IMAGE").build();
      Consumer<ModelProto.Builder> once =
          m -> attribute(m).clear().setName("t").setType(type).setTp(meant).addTypeProtos(meant);
      String other = type == AttributeProto.AttributeType.TYPE_PROTO ? "TYPE_PROTOS" : "TYPE_PROTO";
      assertFault("of type " + type + " has a value of type " + other + " as well", once);
    }
  }

  /** What is added to the message, in protobuf's text format, and all that the checker says. */
  static Stream<Arguments> additions() {
    String twice = "data_type: 1 dims: 1 raw_data: '\\0\\0\\0\\0' float_data: 1";
    String once = "data_type: 1 dims: 1 float_data: 1";
    String index = "data_type: 7 dims: 1 int64_data: 0";
    String also = " its elements in more than one place, also in ";
    return Stream.of(
        arguments(
            "metadata_props { key: 'a' } metadata_props { key: 'b' } metadata_props { key: 'a' }",
            "the model has two metadata_props of one key"),
        arguments(
            constant("name: 'value' type: TENSOR t { " + twice + " }"),
            "attribute value of Constant -> k has" + also + "float_data"),
        arguments(
            constant("name: '__l' type: TENSORS tensors { " + once + " } tensors { " + twice + "}"),
            "attribute __l of Constant -> k has" + also + "float_data"),
        arguments(
            constant("name: '__s' type: SPARSE_TENSOR sparse_tensor {" + sparse(twice, index)),
            "attribute __s of Constant -> k has" + also + "float_data"),
        arguments(
            constant("name: '__s' type: SPARSE_TENSORS sparse_tensors {" + sparse(twice, index)),
            "attribute __s of Constant -> k has" + also + "float_data"),
        arguments(
            "graph { sparse_initializer {" + sparse("name: 's' " + twice, index) + "}",
            "initializer s has" + also + "float_data"),
        arguments(
            "graph { sparse_initializer {"
                + sparse("name: 's' " + once, index + " uint64_data: 0")
                + "}",
            "initializer s has" + also + "uint64_data"),
        arguments(initializer("data_type: 6 int32_data: 1 string_data: 'a'"), "string_data"),
        arguments(initializer("data_type: 11 double_data: 1 int32_data: 1"), "int32_data"),
        arguments(initializer("data_type: 8 string_data: 'a' raw_data: 'a'"), "raw_data"),
        arguments(
            initializer("data_type: 1 float_data: 1 uint64_data: 1 double_data: 1"),
            "double_data, uint64_data"),
        arguments(
            "graph { input { name: 'i' type { tensor_type { } } }}",
            "input i is declared without an element type, which runtimes refuse"),
        arguments(
            "graph { output { name: 'k' type { tensor_type { } } }}"
                + constant("name: 'value_int' type: INT i: 1"),
            "output k is declared without an element type, which runtimes refuse"),
        arguments(
            "graph { output { name: 'k' type { sparse_tensor_type { } } }}"
                + constant("name: 'value_int' type: INT i: 1"),
            "output k is declared without an element type, which runtimes refuse"),
        arguments(
            "graph { output { name: 'k' type { optional_type { elem_type { sequence_type {"
                + " elem_type { tensor_type { } } } } } } }}"
                + constant("name: 'value_int' type: INT i: 1"),
            "output k is declared without an element type, which runtimes refuse"),
        arguments(
            "graph { node { input: 'b' output: 'k' op_type: 'If' attribute { name: 'then_branch'"
                + " type: GRAPH g { name: 'n' initializer { name: 'k2' "
                + twice
                + " } output { name: 'k2' } } } } }",
            "initializer k2 has" + also + "float_data"));
  }

  private static String constant(String attribute) {
    return "graph { node { op_type: 'Constant' output: 'k' attribute { " + attribute + " } } }";
  }

  /** To stand within braces, of which it closes the outermost. */
  private static String sparse(String values, String indices) {
    return "values { " + values + " } indices { " + indices + " } dims: 3 }";
  }

  private static String initializer(String fields) {
    return "graph { initializer { name: 'c2' dims: 1 " + fields + " } }";
  }

  @ParameterizedTest
  @MethodSource("additions")
  void isToldWhereverItStands(String addition, String words) throws IOException {
    ModelProto.Builder message = message().toBuilder();
    TextFormat.merge(addition, message);
    List<String> faults =
        Checker.check(OnnxReader.read(message.build().toByteArray())).errors().stream()
            .filter(p -> p.code() == ProblemCode.FILE_FORM)
            .map(Problem::message)
            .toList();
    assertEquals(1, faults.size(), faults.toString());
    assertTrue(faults.get(0).endsWith(words), faults.get(0));
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
    assertFault(
        "value t is declared without an element type",
        m ->
            m.getGraphBuilder()
                .getValueInfoBuilder(0)
                .getTypeBuilder()
                .getSequenceTypeBuilder()
                .getElemTypeBuilder()
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
            { t = com.microsoft.Unheard (x) u = Flatten (t) y = Relu (u) }
            """);
    Model inferred = ShapeInference.infer(model).model();
    ModelProto written = ModelProto.parseFrom(OnnxWriter.toBytes(inferred));
    assertEquals(0, written.getGraph().getValueInfoCount(), written.toString());
    assertFalse(written.getGraph().getOutput(0).hasType(), written.toString());
    assertTrue(Checker.check(OnnxReader.read(written.toByteArray())).isValid());
  }
}
