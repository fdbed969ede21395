package dev.sardonyx.export.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.AllocatedBytes;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are larger than the memory they may take. */
class LargeFilesTest {
  private static final int SIDE = 2048;

  @TempDir Path folder;

  /** Layers of 16 MiB each, none equal to another. */
  private static Model model(int layers) {
    GraphBuilder b = GraphBuilder.of("large");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(1, SIDE)));
    for (int i = 0; i < layers; i++) {
      x = b.relu(nn.dense(x, SIDE));
    }
    b.output(x, "y");
    return b.buildModel();
  }

  @Test
  void weightsStayOutsideTheHeap() throws Exception {
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model(2), file);
    OnnxReader.read(file);
    long before = AllocatedBytes.soFar();
    OnnxReader.read(file);
    long allocated = AllocatedBytes.soFar() - before;
    assertTrue(
        allocated < Files.size(file) / 10,
        "reading " + Files.size(file) + " bytes allocated " + allocated);
  }

  @Test
  void aModelIsReadCheckedSimplifiedAndWrittenInLessMemoryThanItsWeightsTake() throws Exception {
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model(6), file);
    Path embedded = folder.resolve("embedded.onnx");
    assertEquals("", SmallHeap.run(48, file, embedded, "embedded"));
    Path beside = folder.resolve("beside.onnx");
    assertEquals("", SmallHeap.run(48, embedded, beside, "beside"));
    assertEquals(constants(embedded), constants(beside));
  }

  private static List<?> constants(Path file) throws IOException {
    return OnnxReader.read(file).graph().constants().stream().map(c -> c.data()).toList();
  }

  /** 5 GiB in a data file that is nearly all a hole. */
  @Test
  void dataOfManyTimesTheHeap() throws Exception {
    long size = 5L << 30;
    Path file = reference("big.data", size);
    Path data = folder.resolve("big.data");
    try (FileChannel channel =
        FileChannel.open(
            data,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {42}), size - 1);
    } catch (IOException e) {
      assumeTrue(false, "this file system has no sparse files: " + e.getMessage());
    }
    Model model = OnnxReader.read(file);
    Path other = folder.resolve("other.onnx");
    OnnxWriter.write(model, other);
    Tensor tensor = (Tensor) OnnxReader.read(other).graph().constants().get(0).data();
    assertEquals(size, tensor.byteSize());
    assertEquals(42, tensor.source().slice(size - 1, 1).get(0));
  }

  /** Takes 8 GiB of the disk and some minutes: with {@code -Dsardonyx.large=true}. */
  @Test
  void fourGigabytesAreWrittenAndReadInA256MegabyteHeap() throws Exception {
    assumeTrue(Boolean.getBoolean("sardonyx.large"), "asked for by -Dsardonyx.large=true");
    assertEquals("", SmallHeap.run(256, FourGigabytes.class, folder.toString()));
  }

  private Path reference(String location, long size) throws IOException {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
    model.getGraphBuilder().setName("g");
    TensorProto.Builder tensor = model.getGraphBuilder().addInitializerBuilder();
    tensor.setName("W").setDataType(2).addDims(size);
    tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL);
    tensor.addExternalDataBuilder().setKey("location").setValue(location);
    return Files.write(folder.resolve("big.onnx"), model.build().toByteArray());
  }

  @Test
  void aModelOnTheClassPath() throws Exception {
    Model model = OnnxReader.readResource(getClass(), "/text/models/006.onnx");
    assertFalse(model.graph().nodes().isEmpty());
    FileNotFoundException e =
        assertThrows(
            FileNotFoundException.class, () -> OnnxReader.readResource(getClass(), "no.onnx"));
    assertEquals("There is no resource 'no.onnx' beside " + getClass().getName(), e.getMessage());
  }

  @Test
  void theFormatOfOnnxRuntimeAloneIsNamed() throws Exception {
    Path file =
        Files.write(
            folder.resolve("m.ort"), "\24\0\0\0ORTM\0\0\0\0".getBytes(StandardCharsets.UTF_8));
    OnnxFormatException e = assertThrows(OnnxFormatException.class, () -> OnnxReader.read(file));
    assertTrue(e.getMessage().contains("m.ort: is in the .ort format"), e.getMessage());
  }
}
