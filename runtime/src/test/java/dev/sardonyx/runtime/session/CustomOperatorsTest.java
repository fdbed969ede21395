package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Operators of other people's native libraries, here those of onnxruntime-extensions, which {@code
 * -Dsardonyx.extensions} names: a library is built for one system, and none comes with Sardonyx.
 * The jar com.microsoft.onnxruntime:onnxruntime-extensions has it for three.
 */
class CustomOperatorsTest {
  @TempDir Path folder;

  private static Model upper() {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17, \"ai.onnx.contrib\" : 1]>"
            + " g (string[N] x) => (string[N] y) {"
            + " u = ai.onnx.contrib.StringUpper(x) y = Identity(u) }");
  }

  private static Path library() {
    String file = System.getProperty("sardonyx.extensions");
    assumeTrue(file != null, "-Dsardonyx.extensions=FILE names no library of custom operators");
    return Path.of(file);
  }

  @Test
  void theirKernelsRunBesideOnnxRuntimes() throws IOException {
    SessionOptions options = SessionOptions.DEFAULT.withCustomOperators(library());
    Path file = folder.resolve("upper.onnx");
    Files.write(file, OnnxWriter.toBytes(upper()));
    for (InferenceSession session :
        List.of(
            InferenceSession.of(upper(), options),
            InferenceSession.of(file, options),
            InferenceSession.of(file, options.withoutCheck()))) {
      try (session) {
        assertEquals(
            Tensor.ofStrings(List.of("ABC", "D"), 2),
            session.call().with("x", new String[] {"abc", "d"}).run().tensor("y"));
      }
    }
  }

  @Test
  void withoutTheLibraryTheOperatorIsNamed() {
    String message =
        assertThrows(UnsupportedModelException.class, () -> InferenceSession.of(upper()))
            .getMessage();
    assertTrue(message.contains("StringUpper"), message);
  }

  @Test
  void aFileThatIsNoLibraryIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("text.so"), "no library");
    SessionOptions options = SessionOptions.DEFAULT.withCustomOperators(file);
    String message =
        assertThrows(RuntimeException.class, () -> InferenceSession.of(upper(), options))
            .getMessage();
    assertTrue(message.contains(file.toString()), message);
  }
}
