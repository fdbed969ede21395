package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sardonyx convert} with the files that Keras has made for the tests. */
final class ConvertCommandTest {
  private static final Path KERAS =
      Path.of("../export/src/test/resources/dev/sardonyx/export/keras");

  @TempDir private Path folder;

  @Test
  void aKerasModelIsVerifiedAndWritten() throws IOException {
    Path source = Files.copy(KERAS.resolve("sequential.keras"), folder.resolve("net.keras"));
    Path output = folder.resolve("model.onnx");
    String out = CommandRun.of("convert", "--dim", "N=4", source, output).expect(0).out();
    assertTrue(out.contains(source + ": Keras, "), out);
    assertTrue(out.contains("[image float[N,12,12,1]] -> [digits float[N,5]]"), out);
    assertTrue(out.contains("PASS"), out);
    assertTrue(out.contains(output + ": "), out);
    Model written = OnnxReader.read(output);
    Checker.require(written);
    assertEquals("net.keras", written.metadata().properties().get("sardonyx.source"));
  }

  @Test
  void bothKindsOfKerasFilesGiveTheSameModel() throws IOException {
    Path one = folder.resolve("one.onnx");
    Path other = folder.resolve("other.onnx");
    CommandRun.of("convert", "--no-verify", KERAS.resolve("sequential.keras"), one).expect(0);
    CommandRun.of("convert", "--no-verify", KERAS.resolve("sequential.h5"), other).expect(0);
    assertEquals(OnnxReader.read(one).graph(), OnnxReader.read(other).graph());
  }

  @Test
  void whatIsRefusedIsOneLineAndWritesNothing() {
    Path output = folder.resolve("model.onnx");
    CommandRun run = CommandRun.of("convert", KERAS.resolve("refused.keras"), output).expect(1);
    assertTrue(run.err().contains("(Lambda)") && run.err().contains("(Shift)"), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(Files.exists(output));
  }

  @Test
  void aFileOfAnotherKindAndASizeOfNoNameAreRefused() {
    Path output = folder.resolve("model.onnx");
    CommandRun unknown = CommandRun.of("convert", folder.resolve("net.pt"), output).expect(1);
    assertTrue(unknown.err().contains("Keras (.keras, .h5, .hdf5)"), unknown.err());
    CommandRun size =
        CommandRun.of("convert", "--dim", "M=2", KERAS.resolve("sequential.keras"), output)
            .expect(2);
    assertTrue(size.err().contains("'M'"), size.err());
    assertFalse(Files.exists(output));
  }
}
