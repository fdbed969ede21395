package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.nn.Networks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that come and go as streams. */
final class StreamedModelTest {
  @TempDir private Path folder;

  /** A stream that gives little at once and must not be closed. */
  private static InputStream slow(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        return super.read(into, offset, Math.min(length, 1009));
      }

      @Override
      public void close() {
        throw new AssertionError("closed");
      }
    };
  }

  @Test
  void aModelGoesThroughAStreamUnchanged() throws IOException {
    Model model = Networks.named("seed").build(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OnnxWriter.write(model, out);
    assertTrue(out.size() > 1 << 20, "large enough to be mapped");
    Model read = OnnxReader.read(slow(out.toByteArray()));
    assertArrayEquals(
        out.toByteArray(),
        OnnxWriter.toBytes(read),
        "its weights are there, though the file is not");
  }

  @Test
  void errorsNameTheStream() throws IOException {
    byte[] bytes = OnnxWriter.toBytes(Networks.named("seed").build(1));
    Limits small = Limits.standard().withBytes(1000);
    OnnxFormatException refused =
        assertThrows(
            OnnxFormatException.class, () -> OnnxReader.read(slow(bytes), "the pipe", small));
    assertTrue(refused.getMessage().startsWith("the pipe: is refused. "), refused.getMessage());
    OnnxFormatException empty =
        assertThrows(
            OnnxFormatException.class,
            () -> OnnxReader.read(slow(new byte[0]), "the pipe", Limits.standard()));
    assertEquals("the pipe: is empty", empty.getMessage());
  }

  @Test
  void externalDataIsLeftAloneIfAskedFor() throws IOException {
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(Networks.named("seed").build(1), file, ExternalData.beside().withThreshold(0));
    byte[] bytes = Files.readAllBytes(file);
    assertThrows(OnnxFormatException.class, () -> OnnxReader.read(slow(bytes)));
    Model alone = OnnxReader.readWithoutWeights(slow(bytes), "the pipe");
    assertTrue(alone.graph().constants().stream().noneMatch(c -> ((Tensor) c.data()).isReadable()));
    assertFalse(alone.graph().constants().isEmpty());
  }
}
