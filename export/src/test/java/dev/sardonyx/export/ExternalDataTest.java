package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors in files beside the model, and files that are there whole or not at all. */
class ExternalDataTest {
  @TempDir Path folder;

  private static Model model(Constant... constants) {
    return Model.of(Graph.of("g", List.of(), List.of(), List.of(), List.of(constants)), 17);
  }

  private static Tensor floats(int size, long seed) {
    Random random = new Random(seed);
    float[] elements = new float[size];
    for (int i = 0; i < size; i++) {
      elements[i] = random.nextFloat();
    }
    return Tensor.ofFloats(elements, size);
  }

  private static ModelProto message(Path file) throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(file));
  }

  private static String entry(TensorProto tensor, String key) {
    return tensor.getExternalDataList().stream()
        .filter(e -> e.getKey().equals(key))
        .map(StringStringEntryProto::getValue)
        .findFirst()
        .orElse("");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void goesBesideTheModelAndComesBack() throws Exception {
    Model model =
        model(
            Constant.of("small", floats(10, 1)),
            Constant.of("middle", floats(300, 2)),
            Constant.of("large", floats(1 << 18, 3)),
            Constant.of("next", floats(300, 4)));
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model, file, ExternalData.beside());
    List<TensorProto> tensors = message(file).getGraph().getInitializerList();
    assertTrue(tensors.get(0).hasRawData());
    assertEquals("0", entry(tensors.get(1), "offset"));
    assertEquals("65536", entry(tensors.get(2), "offset"));
    assertEquals("1048576", entry(tensors.get(2), "length"));
    String data = entry(tensors.get(3), "location");
    assertTrue(data.matches("m\\.onnx\\.[0-9a-f]{32}\\.data"), data);
    assertEquals(List.of("m.onnx", data), files());

    Model read = OnnxReader.read(file);
    assertEquals(model, read);
    assertArrayEquals(Files.readAllBytes(file), OnnxWriter.toBytes(read, folder));
    assertEquals(model, OnnxReader.read(OnnxWriter.toBytes(read)), "embedded");
  }

  @Test
  void aSecondExportReplacesBothFilesAndTheFirstModelStaysUsable() throws Exception {
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model(Constant.of("w", floats(1000, 1))), file, ExternalData.beside());
    Model first = OnnxReader.read(file);
    List<String> before = files();
    OnnxWriter.write(model(Constant.of("w", floats(1000, 2))), file, ExternalData.beside());
    assertEquals(2, files().size());
    assertNotEquals(before, files(), "a name is used once");
    assertEquals(floats(1000, 2), OnnxReader.read(file).graph().constants().get(0).data());
    assertEquals(floats(1000, 1), first.graph().constants().get(0).data());
    OnnxWriter.write(first, file, ExternalData.beside());
    assertEquals(2, files().size());
    assertEquals(first, OnnxReader.read(file));
  }

  @Test
  void writingElsewhereEmbeds() throws Exception {
    Path file = folder.resolve("m.onnx");
    Model model = model(Constant.of("w", floats(1000, 1)));
    OnnxWriter.write(model, file, ExternalData.beside());
    Path elsewhere = Files.createDirectory(folder.resolve("sub")).resolve("m.onnx");
    OnnxWriter.write(OnnxReader.read(file), elsewhere);
    assertTrue(message(elsewhere).getGraph().getInitializer(0).hasRawData());
    assertEquals(model, OnnxReader.read(elsewhere));
    Path sibling = folder.resolve("copy.onnx");
    OnnxWriter.write(OnnxReader.read(file), sibling);
    assertEquals(message(file), message(sibling));
  }

  /** Fails when a later piece of it is asked for, as a disk or a mapped file may. */
  private record Failing(long byteSize) implements TensorSource {
    @Override
    public ByteBuffer slice(long offset, int length) {
      if (offset > 0) {
        throw new UncheckedIOException(new IOException("the disk is gone"));
      }
      return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Test
  void aFailedExportLeavesTheOldFilesWhole() throws Exception {
    Path file = folder.resolve("m.onnx");
    Model old = model(Constant.of("w", floats(1000, 1)));
    OnnxWriter.write(old, file, ExternalData.beside());
    List<String> before = files();
    Model broken =
        model(
            Constant.of(
                "w", Tensor.of(ElementType.UINT8, new long[] {1 << 27}, new Failing(1 << 27))));
    assertThrows(
        UncheckedIOException.class, () -> OnnxWriter.write(broken, file, ExternalData.beside()));
    assertEquals(before, files());
    assertEquals(old, OnnxReader.read(file));
  }

  @Test
  void aFileForEachTensor() throws Exception {
    Model model = model(Constant.of("v", floats(600, 1)), Constant.of("w", floats(600, 2)));
    Path file = folder.resolve("m.onnx");
    ExternalData data = ExternalData.beside().withFilePerTensor();
    for (int i = 0; i < 2; i++) {
      OnnxWriter.write(model, file, data);
      List<String> files = files();
      assertEquals(3, files.size(), "the former ones are gone: " + files);
      assertTrue(files.get(1).matches("m\\.onnx\\.[0-9a-f]{32}\\.0\\.data"), files.get(1));
      assertEquals(model.graph().constants(), OnnxReader.read(file).graph().constants());
    }
    OnnxWriter.write(model, file, ExternalData.embedded());
    assertEquals(List.of("m.onnx"), files());
  }

  @Test
  void aNameOfOnesOwnIsNeverOverwritten() throws Exception {
    Model model = model(Constant.of("w", floats(600, 1)));
    ExternalData data = ExternalData.beside().withFileName("weights.bin");
    OnnxWriter.write(model, folder.resolve("m.onnx"), data);
    assertEquals(List.of("m.onnx", "weights.bin"), files());
    assertEquals(
        "weights.bin",
        entry(message(folder.resolve("m.onnx")).getGraph().getInitializer(0), "location"));
    Model other = model(Constant.of("w", floats(600, 2)));
    for (String name : List.of("m.onnx", "other.onnx")) {
      IOException e =
          assertThrows(
              IOException.class, () -> OnnxWriter.write(other, folder.resolve(name), data));
      assertTrue(e.getMessage().contains("weights.bin: exists, and a model may"), e.getMessage());
    }
    assertEquals(List.of("m.onnx", "weights.bin"), files());
    assertEquals(
        model.graph().constants(), OnnxReader.read(folder.resolve("m.onnx")).graph().constants());
    for (String name : List.of("", ".", "..", "a/b", "/b", "a\\b", "C:", "a.", "a\nb")) {
      assertThrows(IllegalArgumentException.class, () -> data.withFileName(name), name);
    }
    assertThrows(IllegalArgumentException.class, data::withFilePerTensor);
  }

  @Test
  void aNameOfOnesOwnIsNotThatOfTheModel() throws Exception {
    Model model = model(Constant.of("w", floats(600, 1)));
    for (String name : List.of("m.onnx", "M.ONNX")) {
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  OnnxWriter.write(
                      model, folder.resolve("m.onnx"), ExternalData.beside().withFileName(name)));
      assertTrue(e.getMessage().contains(name + ": is the model itself"), e.getMessage());
    }
    assertEquals(List.of(), files());
  }

  /** Elements during whose reading something else happens. */
  private record Interrupted(Runnable event, long byteSize) implements TensorSource {
    @Override
    public ByteBuffer slice(long offset, int length) {
      event.run();
      return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static Tensor interrupted(int size, Runnable event) {
    return Tensor.of(ElementType.FLOAT, new long[] {size}, new Interrupted(event, size * 4L));
  }

  @Test
  void ofTwoExportsOnlyOneTakesAName() throws Exception {
    Model other = model(Constant.of("w", floats(600, 2)));
    ExternalData data = ExternalData.beside().withFileName("weights.bin");
    Runnable export =
        () -> {
          try {
            OnnxWriter.write(other, folder.resolve("other.onnx"), data);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    Model slow = model(Constant.of("w", interrupted(600, export)));
    IOException e =
        assertThrows(
            IOException.class, () -> OnnxWriter.write(slow, folder.resolve("slow.onnx"), data));
    assertTrue(e.getMessage().contains("weights.bin: exists"), e.getMessage());
    assertEquals(List.of("other.onnx", "weights.bin"), files());
    assertEquals(
        other.graph().constants(),
        OnnxReader.read(folder.resolve("other.onnx")).graph().constants());
  }

  @Test
  void aModelThatCannotBeWrittenLeavesNoDataOfANameOfOnesOwn() throws Exception {
    Runnable failure =
        () -> {
          throw new UncheckedIOException(new IOException("the disk is full"));
        };
    Node node =
        Node.of("Constant", List.of(), List.of(Result.of("y")))
            .withAttribute(
                Attribute.of("value", new AttributeValue.Tensor(interrupted(1 << 20, failure))));
    Constant weights = Constant.of("w", floats(600, 1));
    Model model =
        Model.of(Graph.of("g", List.of(), List.of(), List.of(node), List.of(weights)), 17);
    ExternalData data = ExternalData.beside().withFileName("weights.bin");
    assertThrows(
        UncheckedIOException.class, () -> OnnxWriter.write(model, folder.resolve("m.onnx"), data));
    assertEquals(List.of(), files());
  }

  @Test
  void tensorsOfAttributesGoBesideIfAskedFor() throws Exception {
    Node node =
        Node.of("Constant", List.of(), List.of(Result.of("y")))
            .withAttribute(Attribute.of("value", new AttributeValue.Tensor(floats(600, 1))));
    Model model = Model.of(Graph.of("g", List.of(), List.of(), List.of(node), List.of()), 17);
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model, file, ExternalData.beside());
    assertEquals(List.of("m.onnx"), files());
    OnnxWriter.write(model, file, ExternalData.beside().withAttributes());
    assertEquals(2, files().size());
    assertEquals(model.graph().nodes(), OnnxReader.read(file).graph().nodes());
  }

  @Test
  void aModelWithoutItsWeights() throws Exception {
    Graph graph =
        Graph.of(
            "g",
            List.of(Input.of("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,600")))),
            List.of(Output.of("y", TensorType.of(ElementType.FLOAT, Shape.parse("N,600")))),
            List.of(Node.of("Add", List.of("x", "w"), List.of(Result.of("y")))),
            List.of(
                Constant.of("w", floats(600, 1)),
                Constant.of("shape", Tensor.ofLongs(new long[300], 300))));
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(Model.of(graph, 17), file, ExternalData.beside());
    Files.delete(folder.resolve(files().get(1)));
    assertThrows(OnnxFormatException.class, () -> OnnxReader.read(file));
    Model read = OnnxReader.readWithoutWeights(file);
    assertEquals(List.of(), Checker.check(read).problems());
    Tensor w = (Tensor) read.graph().constants().get(0).data();
    assertFalse(w.isReadable());
    assertEquals("float[600]", w.type().toString());
    assertTrue(ModelPrinter.print(read).contains("w = {...}"), ModelPrinter.print(read));
    for (ExternalData data :
        List.of(ExternalData.asRead(), ExternalData.embedded(), ExternalData.beside())) {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () -> OnnxWriter.write(read, folder.resolve("n.onnx"), data));
      assertTrue(
          e.getMessage().startsWith("The model was read without its weights: tensor 'w'"),
          e.getMessage());
    }
    assertEquals(List.of("m.onnx"), files());
  }

  @Test
  void anImpossiblePlaceIsNamed() {
    Path nowhere = folder.resolve("no").resolve("m.onnx");
    IOException e = assertThrows(IOException.class, () -> OnnxWriter.write(model(), nowhere));
    assertTrue(
        e.getMessage().contains("m.onnx") && e.getMessage().contains("folder"), e.getMessage());
    assertThrows(IOException.class, () -> OnnxWriter.write(model(), folder));
  }

  /** Says it has so many bytes, all of them zero. */
  private record Zeros(long byteSize) implements TensorSource {
    @Override
    public ByteBuffer slice(long offset, int length) {
      return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Test
  void moreThanProtobufHoldsIsRefusedWithAdvice() {
    Tensor half = Tensor.of(ElementType.UINT8, new long[] {3L << 29}, new Zeros(3L << 29));
    Model model = model(Constant.of("a", half), Constant.of("b", half));
    UnsupportedModelException e =
        assertThrows(UnsupportedModelException.class, () -> OnnxWriter.toBytes(model));
    assertTrue(
        e.getMessage().contains("'b'") && e.getMessage().contains("external"), e.getMessage());
  }

  /** A data file of 5 GiB, which takes hardly any disk as nearly all of it is a hole. */
  @Test
  void dataBeyondTwoGibibytes() throws Exception {
    long size = 5L << 30;
    Path data = folder.resolve("big.data");
    try (FileChannel channel =
        FileChannel.open(
            data,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {42}), size - 1);
      channel.write(ByteBuffer.wrap(new byte[] {7, 8}), (1L << 30) - 1);
    } catch (IOException e) {
      assumeTrue(false, "this file system has no sparse files: " + e.getMessage());
    }
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
    model
        .getGraphBuilder()
        .addInitializer(reference("big.data", 0, size).setDataType(2).addDims(size));
    Path file = Files.write(folder.resolve("big.onnx"), model.build().toByteArray());
    Tensor tensor = (Tensor) OnnxReader.read(file).graph().constants().get(0).data();
    assertEquals(size, tensor.byteSize());
    TensorSource source = tensor.source();
    assertEquals(42, source.slice(size - 4, 4).get(3));
    ByteBuffer acrossWindows = source.slice((1L << 30) - 2, 4);
    assertArrayEquals(new byte[] {0, 7, 8, 0}, bytes(acrossWindows));
    assertThrows(IllegalStateException.class, tensor::bytes);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static TensorProto.Builder reference(String location, long offset, long length) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName("W").setDataLocation(TensorProto.DataLocation.EXTERNAL);
    tensor.addExternalDataBuilder().setKey("location").setValue(location);
    tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(offset));
    tensor.addExternalDataBuilder().setKey("length").setValue(Long.toString(length));
    return tensor;
  }

  private String refusal(TensorProto.Builder tensor) throws IOException {
    ModelProto.Builder model = ModelProto.newBuilder();
    model.getGraphBuilder().addInitializer(tensor.setDataType(2).addDims(4));
    Path file = Files.write(folder.resolve("m.onnx"), model.build().toByteArray());
    return assertThrows(OnnxFormatException.class, () -> OnnxReader.read(file)).getMessage();
  }

  private void assertRefused(String location, String reason) throws IOException {
    String message = refusal(reference(location, 0, 4));
    assertTrue(message.contains("'W'") && message.contains(reason), message);
  }

  @Test
  void pathsThatLeaveTheFolderAreRefused() throws Exception {
    Path outside = Files.write(folder.resolve("outside.bin"), new byte[4]);
    folder = Files.createDirectory(folder.resolve("model"));
    Files.write(folder.resolve("own.bin"), new byte[4]);
    assertRefused("../outside.bin", "leads out");
    assertRefused("sub/../../outside.bin", "leads out");
    assertRefused("./../outside.bin", "leads out");
    assertRefused("sub/./.././../outside.bin", "leads out");
    assertRefused(outside.toString(), "not relative");
    assertRefused("missing.bin", "does not exist");
    assertRefused(".", "regular file");
    assertRefused("", "which");
    assertRefused("a\0b", "no path");
    assertRefused("w".repeat(300), "cannot be read");
    Files.createSymbolicLink(folder.resolve("link.bin"), outside);
    assertRefused("link.bin", "symbolic link");
    Files.createSymbolicLink(folder.resolve("up"), folder.getParent());
    assertRefused("up/outside.bin", "symbolic link");
    assertRefused("up/../own.bin", "symbolic link");
    Files.createLink(folder.resolve("hard.bin"), outside);
    assertRefused("hard.bin", "hard link");
  }

  @Test
  void aPathThatComesBackIntoTheFolderIsTaken() throws Exception {
    Files.write(folder.resolve("own.bin"), new byte[] {1, 2, 3, 4});
    Files.createDirectory(folder.resolve("sub"));
    for (String location : List.of("sub/../own.bin", "./own.bin", "sub/.././sub/../own.bin")) {
      ModelProto.Builder model = ModelProto.newBuilder();
      model.getGraphBuilder().addInitializer(reference(location, 0, 4).setDataType(2).addDims(4));
      Path file = Files.write(folder.resolve("m.onnx"), model.build().toByteArray());
      Tensor tensor = (Tensor) OnnxReader.read(file).graph().constants().get(0).data();
      assertArrayEquals(new byte[] {1, 2, 3, 4}, bytes(tensor.bytes()), location);
    }
  }

  @Test
  void rangesAndChecksumsAreChecked() throws Exception {
    Files.write(folder.resolve("w.bin"), new byte[] {1, 2, 3, 4, 5});
    assertTrue(refusal(reference("w.bin", 2, 4)).contains("has 5 bytes"));
    assertTrue(refusal(reference("w.bin", Long.MAX_VALUE, 4)).contains("has 5 bytes"));
    assertTrue(
        refusal(reference("w.bin", Long.MAX_VALUE, 4))
            .contains("bytes 9223372036854775807 to 9223372036854775811 of"));
    assertTrue(refusal(reference("w.bin", 0, 5)).contains("takes 4 bytes"));
    assertTrue(refusal(reference("w.bin", -1, 4)).contains("offset '-1'"));
    TensorProto.Builder wrong = reference("w.bin", 0, 4);
    wrong.addExternalDataBuilder().setKey("checksum").setValue("00");
    assertTrue(refusal(wrong).contains("SHA-1"));
    ModelProto.Builder model = ModelProto.newBuilder();
    TensorProto.Builder right = reference("w.bin", 1, 4);
    right
        .addExternalDataBuilder()
        .setKey("checksum")
        .setValue("11966ab9c099f8fabefac54c08d5be2bd8c903af");
    model.getGraphBuilder().addInitializer(right.setDataType(2).addDims(4));
    byte[] bytes = model.build().toByteArray();
    Tensor tensor = (Tensor) OnnxReader.read(bytes, folder).graph().constants().get(0).data();
    assertArrayEquals(new byte[] {2, 3, 4, 5}, bytes(tensor.bytes()));
    String nowhere =
        assertThrows(OnnxFormatException.class, () -> OnnxReader.read(bytes)).getMessage();
    assertTrue(nowhere.contains("folder"), nowhere);
    assertFalse(nowhere.contains("null"));
  }
}
