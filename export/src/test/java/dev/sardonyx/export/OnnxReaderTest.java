package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.NodeProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken files are refused with a reason, whatever is wrong with them. */
class OnnxReaderTest {
  @TempDir Path folder;

  private static String problem(byte[] bytes) {
    return assertThrows(OnnxFormatException.class, () -> OnnxReader.read(bytes)).getMessage();
  }

  private static String problem(TensorProto.Builder tensor) {
    ModelProto.Builder model = ModelProto.newBuilder();
    model.getGraphBuilder().addInitializer(tensor.setName("W"));
    return problem(model.build().toByteArray());
  }

  private static void assertSays(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "'" + part + "' is missing in: " + message);
    }
  }

  @Test
  void filesThatAreNoModels() throws IOException {
    assertSays(problem(new byte[0]), "empty");
    assertSays(
        problem("PK\3\4 something zipped".getBytes(StandardCharsets.US_ASCII)), "not an ONNX");
    assertSays(problem(ModelProto.newBuilder().setIrVersion(9).build().toByteArray()), "no graph");
    Path file = Files.write(folder.resolve("cut.onnx"), new byte[] {0x3A, 0x7F, 0x0A});
    IOException cut = assertThrows(IOException.class, () -> OnnxReader.read(file));
    assertSays(cut.getMessage(), "cut.onnx", "truncated");
    Path missing = folder.resolve("missing.onnx");
    assertSays(
        assertThrows(IOException.class, () -> OnnxReader.read(missing)).getMessage(),
        "missing.onnx",
        "does not exist");
    assertSays(
        assertThrows(IOException.class, () -> OnnxReader.read(folder)).getMessage(), "folder");
  }

  @Test
  void tensorsWithTheWrongSize() {
    TensorProto.Builder raw = TensorProto.newBuilder().setDataType(1).addDims(2).addDims(3);
    assertSays(
        problem(raw.setRawData(ByteString.copyFrom(new byte[20]))),
        "'W'",
        "float[2,3]",
        "24 bytes",
        "20");
    assertSays(problem(TensorProto.newBuilder().setDataType(1).addDims(2)), "'W'", "2", "has 0");
    assertSays(problem(TensorProto.newBuilder().setDataType(8).addDims(2)), "'W'", "2 strings");
    assertSays(problem(TensorProto.newBuilder().setDataType(1).addDims(-1)), "'W'", "negative");
    assertSays(problem(TensorProto.newBuilder().setDataType(77)), "'W'", "77");
    assertSays(problem(TensorProto.newBuilder()), "'W'", "element type");
    assertSays(
        problem(TensorProto.newBuilder().setDataType(11).addDims(1L << 40).addDims(1L << 40)),
        "'W'",
        "too large");
    assertSays(problem(TensorProto.newBuilder().setDataType(11).addDims(1L << 50)), "'W'", "has 0");
  }

  @Test
  void noElementsHaveAnyDimensions() throws Exception {
    for (long[] dims : new long[][] {{1L << 60, 0}, {1L << 40, 1L << 40, 0}, {0, 1L << 60}}) {
      TensorProto.Builder none = TensorProto.newBuilder().setName("W").setDataType(1);
      for (long dim : dims) {
        none.addDims(dim);
      }
      byte[] file =
          ModelProto.newBuilder()
              .setGraph(GraphProto.newBuilder().addInitializer(none))
              .build()
              .toByteArray();
      assertEquals(0, ((Tensor) OnnxReader.read(file).graph().constants().get(0).data()).size());
    }
  }

  @Test
  void nestingBeyondProtobufsLimit() {
    ModelProto.Builder model = ModelProto.newBuilder();
    byte[] graph = new byte[0];
    for (int i = 0; i < 60; i++) {
      byte[] attribute = field(6, graph);
      graph = field(1, field(5, attribute));
    }
    byte[] nested = field(7, graph);
    assertSays(problem(nested), "100 levels");
    assertEquals(0, model.build().getSerializedSize());
  }

  /** The bytes of a message with one message field. */
  private static byte[] field(int number, byte[] content) {
    ByteString.Output out = ByteString.newOutput();
    out.write(number << 3 | 2);
    int length = content.length;
    while (length > 0x7F) {
      out.write(length & 0x7F | 0x80);
      length >>>= 7;
    }
    out.write(length);
    byte[] head = out.toByteString().toByteArray();
    byte[] all = Arrays.copyOf(head, head.length + content.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return all;
  }

  /** Cut and changed bytes give a model or a reason, never anything else. */
  @Test
  void damagedFilesNeverDoWorse() throws Exception {
    RandomMessages messages = new RandomMessages(7);
    Random random = new Random(7);
    for (int i = 0; i < 4000; i++) {
      byte[] bytes = messages.model().toByteArray();
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      int end = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
      readOrRefuse(Arrays.copyOf(bytes, end));
    }
  }

  @Test
  void damagedSuiteModelsNeverDoWorse() throws Exception {
    Random random = new Random(8);
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> models = suite.models();
      for (int i = 0; i < models.size(); i += 5) {
        byte[] bytes = suite.bytes(models.get(i));
        for (int round = 0; round < 10; round++) {
          byte[] damaged = bytes.clone();
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
          readOrRefuse(damaged);
        }
      }
    }
  }

  private static void readOrRefuse(byte[] bytes) {
    try {
      OnnxWriter.toBytes(OnnxReader.read(bytes));
    } catch (OnnxFormatException refused) {
      assertTrue(refused.getMessage().length() > 10);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      fail("instead of a reason", e);
    }
  }

  @Test
  void filesOfManyEmptyPartsAreRefusedBeforeTheyBecomeObjects() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
    for (int i = 0; i < 5_000; i++) {
      graph.addNode(NodeProto.getDefaultInstance());
    }
    byte[] nodes = ModelProto.newBuilder().setGraph(graph).build().toByteArray();
    UnknownFieldSet.Builder unknown = UnknownFieldSet.newBuilder();
    for (int i = 0; i < 5_000; i++) {
      unknown.mergeVarintField(200, 1);
    }
    byte[] fields = ModelProto.newBuilder().setUnknownFields(unknown.build()).build().toByteArray();
    Limits limits = Limits.standard().withObjects(1_000);
    for (byte[] file : List.of(nodes, fields)) {
      OnnxFormatException e =
          assertThrows(OnnxFormatException.class, () -> OnnxReader.read(file, limits));
      assertTrue(e.getMessage().contains("the limit objects is 1000"), e.getMessage());
    }
    assertEquals(5_000, OnnxReader.read(nodes, limits.withObjects(5_001)).graph().nodes().size());
    assertThrows(
        OnnxFormatException.class, () -> OnnxReader.read(nodes, limits.withObjects(5_000)));
  }

  @Test
  void largeFilesAreRefusedBeforeTheyAreRead(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("large.onnx");
    Files.write(file, new byte[2_000]);
    Limits limits = Limits.standard().withBytes(1_000);
    OnnxFormatException e =
        assertThrows(OnnxFormatException.class, () -> OnnxReader.read(file, limits));
    assertTrue(e.getMessage().contains("2000 bytes; the limit bytes is 1000"), e.getMessage());
  }
}
