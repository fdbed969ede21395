package dev.sardonyx.runtime.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models of Keras, simplified and exported, give in ONNX Runtime what Keras gave. */
final class KerasInOrtTest {
  private static final Path FOLDER =
      Path.of(
          System.getProperty(
              "sardonyx.keras.fixtures", "../export/src/test/resources/dev/sardonyx/export/keras"));

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.endsWith(".keras") || n.matches("keras[12].*"))
          .filter(n -> !List.of("own_layer.keras", "refused.keras").contains(n))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAreKerass(String file) throws IOException {
    Model read = KerasReader.standard().read(FOLDER.resolve(file));
    Model exported = OnnxExport.of(Passes.simplify().apply(read).model()).toModel();
    KerasRecording recording = KerasRecording.of(FOLDER, file, read);
    boolean half = file.startsWith("mixed");
    VerificationReport report =
        Verifier.of(OrtBackend.cpu())
            .withTolerance(half ? new Tolerance(1e-2, 1e-3) : new Tolerance(1e-5, 1e-5))
            .againstRecorded(
                "Keras",
                exported,
                List.of(new Verifier.Recorded(recording.inputs(), recording.outputs())));
    assertEquals(recording.outputs().size(), report.values().size());
    assertTrue(report.passed(), report.table());
  }
}
