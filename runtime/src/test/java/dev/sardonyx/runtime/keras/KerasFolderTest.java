package dev.sardonyx.runtime.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.runtime.OrtBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A folder of models that Keras has saved: they give in the reference evaluator and in ONNX Runtime
 * what Keras gave, within 1e-5 of the largest element of an output, or of 1 where all are smaller.
 * A table of them is written into target/keras-models.txt.
 */
@EnabledIfSystemProperty(
    named = "sardonyx.keras",
    matches = ".+",
    disabledReason =
        "needs -Dsardonyx.keras=FOLDER of models that keras_random.py or keras_applications.py made"
            + " (export/src/test/python), which takes a Python with keras")
final class KerasFolderTest {
  private static final Path FOLDER = Path.of(System.getProperty("sardonyx.keras", ""));
  private static final List<String> TABLE = new ArrayList<>();

  @AfterAll
  static void writeTable() throws IOException {
    Files.createDirectories(Path.of("target"));
    List<String> lines = new ArrayList<>();
    lines.add(String.format("%-28s %6s %9s %9s", "model", "nodes", "evaluator", "runtime"));
    lines.addAll(TABLE);
    Files.write(Path.of("target", "keras-models.txt"), lines);
  }

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.matches(".*\\.(keras|h5)") && !n.equals("recorded.h5"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAreKerass(String file) throws IOException {
    Model read = KerasReader.standard().read(FOLDER.resolve(file));
    KerasRecording recording = KerasRecording.of(FOLDER, file, read);
    double evaluated =
        compare(file + " in the reference evaluator", new ReferenceBackend(), read, recording);
    Model exported = OnnxExport.of(Passes.simplify().apply(read).model()).toModel();
    double run = compare(file + " in ONNX Runtime", OrtBackend.cpu(), exported, recording);
    int nodes = exported.graph().nodes().size();
    TABLE.add(String.format("%-28s %6d %9.1e %9.1e", file, nodes, evaluated, run));
  }

  private static double compare(
      String what, Backend backend, Model model, KerasRecording recording) {
    Outputs outputs;
    try (PreparedModel prepared = backend.prepare(model)) {
      outputs = prepared.run(recording.inputs());
    }
    assertEquals(
        new TreeSet<>(recording.outputs().keySet()),
        new TreeSet<>(model.graph().outputs().stream().map(o -> o.name()).toList()));
    double farthest = 0;
    StringBuilder wrong = new StringBuilder();
    for (Map.Entry<String, Tensor> expected : recording.outputs().entrySet()) {
      Tensor actual = outputs.tensor(expected.getKey());
      assertArrayEquals(
          expected.getValue().dims(), actual.dims(), what + ": shape of " + expected.getKey());
      double far = farthest(expected.getValue(), actual);
      farthest = Math.max(farthest, far);
      if (!(far <= 1e-5)) {
        wrong.append(what + ": " + expected.getKey() + " is off by " + far + "; ");
      }
    }
    assertTrue(wrong.isEmpty(), wrong.toString());
    return farthest;
  }

  /** The largest difference in parts of the largest element; NaN if one side is. */
  private static double farthest(Tensor expected, Tensor actual) {
    double[] all = expected.toDoubles();
    double[] own = actual.toDoubles();
    double largest = 1;
    double far = 0;
    for (int i = 0; i < all.length; i++) {
      double difference = Math.abs(all[i] - own[i]);
      far = Double.isNaN(difference) ? Double.NaN : Math.max(far, difference);
      largest = Math.max(largest, Math.abs(all[i]));
    }
    return far / largest;
  }
}
