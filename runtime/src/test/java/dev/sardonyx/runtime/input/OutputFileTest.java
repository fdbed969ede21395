package dev.sardonyx.runtime.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written is read again, bit by bit, or refused with nothing left behind. */
final class OutputFileTest {
  @TempDir private Path folder;

  /** Any bits, as far as the type allows, so that NaN, infinities and extremes are among them. */
  private static Tensor random(ElementType type, long... dims) {
    Random random = new Random(type.code());
    int count = 1;
    for (long dim : dims) {
      count *= (int) dim;
    }
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(
          random.ints(count, 0, 99).mapToObj(i -> "\u00e9\"" + i).toList(), dims);
    }
    ByteBuffer bytes = Tensor.allocate(type, count);
    byte[] any = new byte[bytes.capacity()];
    random.nextBytes(any);
    if (type == ElementType.BOOL) {
      for (int i = 0; i < any.length; i++) {
        any[i] &= 1;
      }
    }
    bytes.duplicate().put(any);
    return Tensor.of(type, dims, bytes);
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeIsReadAgainOrRefused(ElementType type) throws IOException {
    if (type == ElementType.UNDEFINED) {
      return;
    }
    for (long[] dims : new long[][] {{2, 3, 4}, {}, {0, 3}, {5}}) {
      Tensor tensor = random(type, dims);
      Input input = Input.of("x", TensorType.of(type, dims));
      for (String ending : List.of(".npy", ".json", ".pb")) {
        Path file = folder.resolve(type + "-" + dims.length + ending);
        try {
          OutputFile.of(file).write("x", tensor);
        } catch (IOException refused) {
          assertTrue(refused.getMessage().startsWith(file + ": "), refused.getMessage());
          assertTrue(refused.getMessage().contains(tensor.type().toString()), refused.getMessage());
          assertFalse(Files.exists(file));
          assertFalse(ending.equals(".pb"), "any value is one");
          continue;
        }
        Tensor read = (Tensor) InputFile.of(file).read(input);
        // In JSON one NaN is like another, and an array of no arrays does not say how long they
        // are.
        if (!ending.equals(".json")) {
          assertEquals(tensor, read, file::toString);
        } else if (tensor.size() > 0 && type != ElementType.STRING) {
          double[] expected = tensor.toDoubles();
          double[] found = read.toDoubles();
          for (int i = 0; i < expected.length; i++) {
            // Numbers become float8e5m2 as by Cast, which makes the largest of infinity.
            boolean saturated = type == ElementType.FLOAT8E5M2 && Double.isInfinite(expected[i]);
            assertEquals(
                saturated ? Math.copySign(57344, expected[i]) : expected[i],
                found[i],
                file + " " + i);
          }
        } else if (tensor.size() > 0) {
          assertEquals(tensor, read);
        }
      }
    }
  }

  @Test
  void aSequenceIsForOneFormOnly() throws IOException {
    Tensor one = Tensor.ofFloats(new float[] {1}, 1);
    SequenceDatum sequence = new SequenceDatum(one.type(), List.of(one));
    Path file = folder.resolve("s.npy");
    IOException refused =
        assertThrows(IOException.class, () -> OutputFile.of(file).write("s", sequence));
    assertTrue(refused.getMessage().contains("which only a .pb file can hold"));
    assertFalse(Files.exists(file));
    OutputFile.of(folder.resolve("s.pb")).write("s", sequence);
    assertFalse(OutputFile.of(folder.resolve("s.txt")).isKnown());
  }

  @Test
  void jsonIsNestedByTheShape() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Tensor tensor = Tensor.ofFloats(new float[] {1, -0.5f, Float.NaN, 1e-9f}, 2, 2);
    OutputFile.write(".json", out, "out", "x", tensor);
    assertEquals("[[1.0,-0.5],[\"NaN\",1.0E-9]]\n", out.toString(StandardCharsets.UTF_8));
  }
}
