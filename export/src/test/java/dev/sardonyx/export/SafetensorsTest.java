package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.build.GraphBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of PyTorch's safetensors package, and everything that is no such file. */
class SafetensorsTest {
  private static final Path FIXTURES = Path.of("src/test/resources/safetensors");

  @TempDir private Path folder;

  @Test
  void everyTypeThatPyTorchWritesIsRead() throws IOException {
    Safetensors read = Safetensors.read(FIXTURES.resolve("every-type.safetensors"));
    assertEquals(Map.of("format", "pt"), read.metadata());
    assertEquals(20, read.tensors().size());
    for (Map.Entry<String, Tensor> each : read.tensors().entrySet()) {
      Tensor tensor = each.getValue();
      ElementType named = ElementType.named(each.getKey()).orElse(null);
      if (named != null) {
        assertEquals(named, tensor.elementType());
        assertArrayEquals(new long[] {2, 3}, tensor.dims());
        double[] expected =
            named == ElementType.BOOL
                ? new double[] {0, 1, 1, 1, 0, 1}
                : new double[] {0, 1, 2, 1, 0, 3};
        assertArrayEquals(expected, tensor.toDoubles(), each.getKey());
      }
    }
    assertEquals(2.5, read.tensors().get("scalar").toScalar());
    assertEquals("float[0,3]", read.tensors().get("empty").type().toString());
    assertTrue(read.tensors().containsKey("Größe \"x\"\n"));
  }

  @Test
  void whatIsWrittenIsToTheByteWhatThePackageWrites() throws IOException {
    Path original = FIXTURES.resolve("every-type.safetensors");
    Path copy = folder.resolve("copy.safetensors");
    Safetensors.read(original).write(copy);
    assertEquals(Safetensors.read(original), Safetensors.read(copy));
    assertEquals(Files.size(original), Files.size(copy));
    Path part = folder.resolve("part.safetensors");
    Safetensors.read(FIXTURES.resolve("part-2.safetensors")).write(part);
    assertEquals(-1, Files.mismatch(FIXTURES.resolve("part-2.safetensors"), part));
  }

  @Test
  void anIndexBringsItsFilesTogether() throws IOException {
    Safetensors read = Safetensors.read(FIXTURES.resolve("parts.safetensors.index.json"));
    assertEquals(List.of("a", "b", "c"), List.copyOf(read.tensors().keySet()));
    assertArrayEquals(new float[] {1, 1}, read.tensors().get("a").toFloats());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../part-1.safetensors", "/etc/passwd", "link.safetensors"})
  void anIndexDoesNotLeadOutOfItsFolder(String location) throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Files.copy(FIXTURES.resolve("part-1.safetensors"), folder.resolve("part-1.safetensors"));
    Files.createSymbolicLink(
        inner.resolve("link.safetensors"), folder.resolve("part-1.safetensors"));
    Path index = inner.resolve("x.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\": {\"a\": \"" + location + "\"}}");
    IOException refused = assertThrows(IOException.class, () -> Safetensors.read(index));
    assertTrue(refused.getMessage().contains("which is refused"), refused.getMessage());
  }

  private static Model model() {
    GraphBuilder b = GraphBuilder.of("g");
    b.output(
        b.add(
            b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2))),
            b.mul(
                b.constant("a", Tensor.ofFloats(new float[] {5, 6}, 2)),
                b.constant("own", Tensor.ofFloats(new float[] {7, 8}, 2)))),
        "y");
    return b.buildModel();
  }

  @Test
  void weightsGoIntoAModelByName() throws IOException {
    Safetensors weights = Safetensors.read(FIXTURES.resolve("parts.safetensors.index.json"));
    Safetensors.Loaded loaded = weights.into(model());
    assertEquals(List.of("a"), loaded.taken());
    assertEquals(List.of("b", "c"), loaded.unknown());
    assertEquals(List.of("own"), loaded.untouched());
    Path file = folder.resolve("out.safetensors");
    Safetensors.of(loaded.model()).write(file);
    assertArrayEquals(new float[] {1, 1}, Safetensors.read(file).tensors().get("a").toFloats());
    assertArrayEquals(new float[] {7, 8}, Safetensors.read(file).tensors().get("own").toFloats());
  }

  /** As most checkpoints are shared, for models that were exported in 32 bits. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void shorterFloatsAreWidened(ElementType type) {
    Tensor half = Tensor.ofNumbers(type, new double[] {0.1, Double.NEGATIVE_INFINITY}, 2);
    Safetensors.Loaded loaded = new Safetensors(Map.of("a", half), Map.of()).into(model());
    assertEquals(List.of("a"), loaded.taken());
    Tensor wide = Safetensors.of(loaded.model()).tensors().get("a");
    assertEquals(ElementType.FLOAT, wide.elementType());
    assertArrayEquals(half.toDoubles(), wide.toDoubles());
    for (ElementType other : List.of(ElementType.DOUBLE, ElementType.INT16)) {
      Safetensors wrong =
          new Safetensors(Map.of("a", Tensor.ofNumbers(other, new double[2], 2)), Map.of());
      assertThrows(IllegalArgumentException.class, () -> wrong.into(model()));
    }
  }

  @Test
  void otherShapesOtherNamesAndTypesWithoutANameAreRefused() {
    Safetensors wrong = new Safetensors(Map.of("a", Tensor.ofFloats(new float[3], 3)), Map.of());
    assertEquals(
        "Initializer a is float[2], but the tensor of that name is float[3]",
        assertThrows(IllegalArgumentException.class, () -> wrong.into(model())).getMessage());
    Safetensors strange = new Safetensors(Map.of("q", Tensor.ofFloats(new float[3], 3)), Map.of());
    assertEquals(
        "No tensor has the name of an initializer: there are tensors [q] and initializers [a, own]",
        assertThrows(IllegalArgumentException.class, () -> strange.into(model())).getMessage());
    Path file = folder.resolve("never.safetensors");
    Safetensors texts = new Safetensors(Map.of("s", Tensor.ofStrings(List.of("x"), 1)), Map.of());
    assertEquals(
        "A safetensors file cannot hold tensor s of type string[1]",
        assertThrows(IllegalArgumentException.class, () -> texts.write(file)).getMessage());
    assertFalse(Files.exists(file));
  }

  private Path file(String header, int data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    return Files.write(folder.resolve("bad.safetensors"), bytes.array());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
        "{\"a\":{\"dtype\":\"Q7\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":7}",
        "[]",
        "{",
        ""
      })
  void whatDoesNotAddUpIsRefused(String header) throws IOException {
    Path bad = file(header, 8);
    String message =
        assertThrows(SafetensorsException.class, () -> Safetensors.read(bad)).getMessage();
    assertTrue(message.startsWith(bad + ": "), message);
  }

  @Test
  void anIndexThatIsNoJsonIsRefusedByName() throws IOException {
    byte[] whole =
        "{\"metadata\":{},\"weight_map\":{\"\u00e4\":\"p\"}}".getBytes(StandardCharsets.UTF_8);
    Path index = folder.resolve("bad.safetensors.index.json");
    for (int length = 0; length < whole.length; length++) {
      Files.write(index, Arrays.copyOf(whole, length));
      String message =
          assertThrows(SafetensorsException.class, () -> Safetensors.read(index)).getMessage();
      assertTrue(message.startsWith(index + ": "), message);
    }
    Files.write(index, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    String message =
        assertThrows(SafetensorsException.class, () -> Safetensors.read(index)).getMessage();
    assertTrue(message.startsWith(index + ": "), message);
  }

  @Test
  void damagedFilesAreRefusedOrReadButNeverMore() throws IOException {
    byte[] whole = Files.readAllBytes(FIXTURES.resolve("every-type.safetensors"));
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = whole.clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        damaged[random.nextInt(whole.length)] = (byte) random.nextInt(256);
      }
      int length = random.nextBoolean() ? whole.length : random.nextInt(whole.length);
      Path file =
          Files.write(folder.resolve("damaged.safetensors"), Arrays.copyOf(damaged, length));
      try {
        Safetensors.read(file).tensors().values().forEach(t -> t.bytes().remaining());
      } catch (SafetensorsException expected) {
        assertTrue(expected.getMessage().contains("damaged.safetensors"));
      }
    }
  }
}
