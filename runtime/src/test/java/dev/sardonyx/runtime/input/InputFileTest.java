package dev.sardonyx.runtime.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxData;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of every kind become what the input takes; others are refused in one line. */
class InputFileTest {
  @TempDir private Path folder;

  /** A file that arrays.py made. */
  private Path array(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(name))) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  private static Input input(String type, String shape) {
    return Input.of("x", TensorType.of(ElementType.named(type).orElseThrow(), Shape.parse(shape)));
  }

  private static Tensor read(Path file, Input input) throws IOException {
    return (Tensor) InputFile.of(file).read(input);
  }

  private String refusal(Path file, Input input) {
    String message =
        String.valueOf(
            assertThrows(IOException.class, () -> InputFile.of(file).read(input)).getMessage());
    assertTrue(message.startsWith(file.toString()), message);
    assertEquals(1, message.lines().count(), message);
    return message.substring(file.toString().length());
  }

  private Path text(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @ParameterizedTest
  @CsvSource({
    "i1,int8",
    "i2,int16",
    "i4,int32",
    "i8,int64",
    "u1,uint8",
    "u2,uint16",
    "u4,uint32",
    "u8,uint64",
    "f2,float16",
    "f4,float",
    "f8,double",
    "big-i4,int32",
    "big-f8,double",
    "fortran,float"
  })
  void arraysOfNumbers(String file, String type) throws IOException {
    Tensor tensor = read(array(file + ".npy"), input(type, "N,3"));
    assertEquals(ElementType.named(type).orElseThrow(), tensor.elementType());
    assertEquals("[2,3]", tensor.shape().toString());
    assertEquals("[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]", Arrays.toString(tensor.toDoubles()));
  }

  /** An archive whose list says that an entry of it, which is small, has 4 GB. */
  private Path largeEntry() throws IOException {
    Path file = folder.resolve("large.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("x.npy"));
      zip.write(new byte[100]);
    }
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer list = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (list.getInt(at) != 0x02014b50) { // the list's signature of an entry
      at++;
    }
    list.putInt(at + 24, 0xfffffff0);
    return Files.write(file, bytes);
  }

  @Test
  void arraysOfOtherKinds() throws IOException {
    assertEquals(
        "[0, 1, 1, 1, 1, 1]",
        Arrays.toString(read(array("b1.npy"), input("bool", "2,3")).toLongs()));
    for (String file : List.of("c8.npy", "big-c8.npy")) {
      Tensor complex = read(array(file), input("complex64", "2,3"));
      assertEquals(2f, complex.bytes().asFloatBuffer().get(4), file);
      assertEquals(0f, complex.bytes().asFloatBuffer().get(5), file);
    }
    assertEquals(
        ElementType.COMPLEX128, read(array("c16.npy"), input("complex128", "N,3")).elementType());
    assertEquals(2.5, read(array("scalar.npy"), input("float", "")).toScalar());
    assertEquals("[0,3]", read(array("empty.npy"), input("float", "N,3")).shape().toString());
    Tensor three = read(array("fortran3.npy"), input("int64", "2,3,4"));
    assertEquals(23, three.toLongs()[23]);
    assertEquals(7, three.toLongs()[7]);
    assertEquals(
        List.of("a", "bb", "", "grün \ud835\udd4f"),
        read(array("unicode.npy"), input("string", "2,2")).strings());
    assertEquals(List.of("a", "bb\0c"), read(array("bytes.npy"), input("string", "N")).strings());
    Tensor raw = read(array("void.npy"), input("bfloat16", "N"));
    assertEquals("[1.0, -2.0]", Arrays.toString(raw.toDoubles()));
  }

  /** Python 2's sizes, either quotation marks, and ml_dtypes' name of float8e5m2. */
  @Test
  void headersThatOthersWrite() throws IOException {
    for (String header :
        List.of(
            "{'descr': '|i1', 'fortran_order': False, 'shape': (3L,), }",
            "{\"descr\": \"|i1\", \"fortran_order\": False, \"shape\": (3,)}")) {
      assertEquals(
          "[65.0, 0.0, 66.0]",
          Arrays.toString(read(npy(header, "A\0B"), input("int8", "N")).toDoubles()));
    }
    String half = "{'descr': '<f1', 'fortran_order': False, 'shape': (3,), }";
    assertEquals(
        "[2.5, 0.0, 3.0]",
        Arrays.toString(read(npy(half, "A\0B"), input("float8e5m2", "N")).toDoubles()));
    for (String other : List.of("int8", "uint8", "float8e4m3fn")) {
      assertEquals(
          ": holds elements of NumPy's type f1, but input 'x' takes " + other + "[N]",
          refusal(npy(half, "A\0B"), input(other, "N")));
    }
    String words = "{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }";
    assertEquals(
        List.of("A\0B"),
        read(npy(words, "A\0\0\0\0\0\0\0B\0\0\0"), input("string", "N")).strings());
  }

  private Path npy(String header, String elements) throws IOException {
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0};
    Path file = Files.write(folder.resolve("other.npy"), magic);
    return Files.writeString(file, header + elements, StandardOpenOption.APPEND);
  }

  @Test
  void numbersGetTheTypeOfTheInputIfTheyFit() throws IOException {
    assertEquals(ElementType.FLOAT, read(array("f8.npy"), input("float", "2,3")).elementType());
    assertEquals(ElementType.INT64, read(array("i4.npy"), input("int64", "2,3")).elementType());
    assertEquals(ElementType.UINT8, read(array("i8.npy"), input("uint8", "2,3")).elementType());
    assertTrue(
        refusal(array("i8.npy"), input("uint2", "2,3")).contains("holds 4, which does not fit"));
    assertEquals(
        ": holds int64[2,3], but input 'x' takes float[N,3]",
        refusal(array("i8.npy"), input("float", "N,3")));
  }

  @Test
  void severalArraysInOneFile() throws IOException {
    Path two = array("two.npz");
    assertEquals(ElementType.FLOAT, read(two, input("float", "2,3")).elementType());
    assertEquals(
        ElementType.INT64,
        new InputFile(two, "y").read(input("int64", "2,3")).type() instanceof TensorType t
            ? t.elementType()
            : null);
    assertEquals(5, read(array("one.npz"), input("float", "2,3")).toDoubles()[5]);
    assertTrue(
        refusal(two, Input.of("other", input("float", "2,3").type()))
            .contains("has no array 'other'; there are [x, y]"));
    assertTrue(refusal(text("no.npz", "PK"), input("float", "1")).contains("no archive of NumPy"));
    String bomb = refusal(largeEntry(), input("float", "N,3"));
    assertTrue(bomb.startsWith("#x: is larger than the "), bomb);
  }

  @ParameterizedTest
  @ValueSource(strings = {"objects.npy", "records.npy"})
  void arraysOfObjectsAreRefused(String name) throws IOException {
    refusal(array(name), input("float", "N"));
  }

  /** Every cut and many flipped bytes give a tensor or one line, never another exception. */
  @Test
  void brokenArraysAreRefused() throws IOException {
    byte[] good = Files.readAllBytes(array("fortran.npy"));
    Random random = new Random(3);
    for (int round = 0; round < 400; round++) {
      byte[] bad = round < good.length ? Arrays.copyOf(good, round) : good.clone();
      if (round >= good.length) {
        bad[random.nextInt(90)] = (byte) random.nextInt(128);
      }
      Path file = Files.write(folder.resolve("bad.npy"), bad);
      try {
        read(file, input("float", "N,3"));
      } catch (IOException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith(file.toString()), e.getMessage());
      }
    }
  }

  @Test
  void linesOfText() throws IOException {
    Path lines = text("lines.txt", "one\ntwo words\n\nÄ\n");
    List<String> all = List.of("one", "two words", "", "Ä");
    assertEquals(all, read(lines, input("string", "N")).strings());
    assertEquals("[4,1]", read(lines, input("string", "N,1")).shape().toString());
    assertEquals("[1,4]", read(lines, input("string", "1,N")).shape().toString());
    assertEquals("[]", read(text("one.txt", "word\n"), input("string", "")).shape().toString());
    assertTrue(refusal(lines, input("float", "N")).contains("give numbers as .json or .npy"));
    Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {(byte) 0xE4, '\n'});
    assertTrue(refusal(latin, input("string", "N")).contains("is not text in UTF-8"));
  }

  @Test
  void json() throws IOException {
    Path numbers = text("numbers.json", "[[1, 2.5], [\"NaN\", -1e3]]");
    assertEquals(
        "[1.0, 2.5, NaN, -1000.0]",
        Arrays.toString(read(numbers, input("float", "N,2")).toDoubles()));
    Path large = text("large.json", "[9223372036854775807, -1]");
    assertEquals(Long.MAX_VALUE, read(large, input("int64", "2")).toLongs()[0]);
    assertEquals(
        ": there is -1 where a number of type uint64 is needed; input 'x' takes uint64[2]",
        refusal(large, input("uint64", "2")));
    assertEquals(1, read(text("b.json", "[true]"), input("bool", "1")).toLongs()[0]);
    assertEquals(List.of("a"), read(text("s.json", "\"a\""), input("string", "")).strings());
    assertEquals(
        "[2,0]", read(text("e.json", "[[],[]]"), input("float", "N,M")).shape().toString());
    assertTrue(
        refusal(text("ragged.json", "[[1], [2, 3]]"), input("float", "N,M"))
            .contains("arrays on axis 1 have 1 and 2 elements"));
    assertTrue(refusal(text("no.json", "[1,"), input("float", "N")).contains("is no JSON"));
    for (String huge : new String[] {"1e100000000", "-1e2147483647"}) {
      assertTrue(
          refusal(text("huge.json", "[" + huge + "]"), input("int64", "N"))
              .contains("is larger than any integer type holds"));
    }
    assertTrue(refusal(text("deep.json", "[".repeat(5000)), input("float", "N")).length() < 150);
    assertEquals(
        1.0,
        ((Tensor) new InputFile(text("named.json", "{\"a\": [1]}"), "a").read(input("float", "1")))
            .toDoubles()[0]);
  }

  @Test
  void jsonOfSequencesMapsAndOptionals() throws IOException {
    ValueType floats = TensorType.of(ElementType.FLOAT, Shape.UNKNOWN);
    SequenceDatum sequence =
        (SequenceDatum)
            InputFile.of(text("seq.json", "[[1, 2], [3]]"))
                .read(Input.of("x", new SequenceType(floats)));
    assertEquals("[2]", ((Tensor) sequence.items().get(0)).shape().toString());
    MapDatum map =
        (MapDatum)
            InputFile.of(text("map.json", "{\"7\": 0.5, \"-2\": 1}"))
                .read(Input.of("x", new MapType(ElementType.INT64, floats)));
    assertEquals("[7, -2]", Arrays.toString(map.keys().toLongs()));
    OptionalDatum absent =
        (OptionalDatum)
            InputFile.of(text("null.json", "null")).read(Input.of("x", new OptionalType(floats)));
    assertNull(absent.value());
    assertTrue(
        refusal(
                text("word.json", "{\"a\": 1}"),
                Input.of("x", new MapType(ElementType.INT64, floats)))
            .contains("'a' is no whole number"));
  }

  @Test
  void protobuf() throws IOException {
    Tensor tensor = Tensor.ofFloats(new float[] {1, 2}, 2);
    Path file = Files.write(folder.resolve("x.pb"), OnnxData.toBytes(tensor, "x"));
    assertEquals(tensor, read(file, input("float", "N")));
  }

  @Test
  void imagesGetTheSizeAndLayoutOfTheInput() throws IOException {
    BufferedImage image = new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < 4; x++) {
      for (int y = 0; y < 2; y++) {
        image.setRGB(x, y, 0xFF8000);
      }
    }
    Path png = folder.resolve("orange.PNG");
    ImageIO.write(image, "png", png.toFile());
    Tensor chw = read(png, input("float", "N,3,8,8"));
    assertEquals("[1,3,8,8]", chw.shape().toString());
    assertEquals(1, chw.toFloats()[0]);
    assertEquals(128 / 255f, chw.toFloats()[64], 1e-6);
    Tensor hwc = read(png, input("uint8", "N,H,W,3"));
    assertEquals("[1,2,4,3]", hwc.shape().toString());
    assertEquals("[255, 128, 0]", Arrays.toString(Arrays.copyOf(hwc.toLongs(), 3)));
    assertEquals("[1,5,5]", read(png, input("float16", "1,5,5")).shape().toString());
    assertTrue(
        refusal(png, input("float", "N,10")).contains("holds an image, but input 'x' takes"));
    assertTrue(refusal(text("no.jpg", "no"), input("float", "1,3,2,2")).contains("is no image"));
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    assertTrue(refusal(text("x.csv", "1"), input("float", "1")).contains(".npy, .npz, .pb"));
    Path missing = folder.resolve("missing.npy");
    assertThrows(IOException.class, () -> read(missing, input("float", "1")));
    Path directory = Files.createDirectory(folder.resolve("d.npy"));
    assertThrows(IOException.class, () -> read(directory, input("float", "1")));
    assertThrows(
        IOException.class,
        () ->
            InputFile.of(array("f4.npy"))
                .read(
                    ModelParser.parse(
                            "<ir_version: 8, opset_import: [\"\": 17]> g (seq(float[N]) s) =>"
                                + " (int64 n) { n = SequenceLength (s) }")
                        .graph()
                        .inputs()
                        .get(0)));
  }
}
