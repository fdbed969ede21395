package dev.sardonyx.export.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that Keras has saved compute what Keras computes. */
final class KerasFixturesTest {
  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(Recorded.FOLDER)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.matches(".*\\.(keras|h5)"))
          .filter(n -> !List.of("recorded.h5", "refused.keras").contains(n))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAreKerass(String file) throws IOException {
    Model model =
        KerasReader.standard()
            .withLayer("Shift", KerasReaderTest.SHIFT)
            .read(Recorded.FOLDER.resolve(file));
    Checker.require(model);
    Recorded recorded = Recorded.of(file.replaceFirst("\\.[a-z0-9]+$", ""), model);
    Outputs outputs;
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      outputs = prepared.run(recorded.inputs());
    }
    StringBuilder wrong = new StringBuilder();
    assertEquals(
        new TreeSet<>(recorded.outputs().keySet()),
        new TreeSet<>(model.graph().outputs().stream().map(o -> o.name()).toList()));
    for (Map.Entry<String, Tensor> expected : recorded.outputs().entrySet()) {
      Tensor actual = outputs.tensor(expected.getKey());
      String name = file + " " + expected.getKey();
      assertArrayEquals(expected.getValue().dims(), actual.dims(), name);
      double far = farthest(expected.getValue(), actual);
      double allowed = file.startsWith("mixed") ? 2e-3 : 1e-5;
      if (!(far <= allowed)) {
        wrong.append(name).append(" is off by ").append(far).append('\n');
      }
    }
    assertTrue(wrong.isEmpty(), wrong.toString());
  }

  /** The largest difference; of large numbers in parts of them. */
  private static double farthest(Tensor expected, Tensor actual) {
    double[] all = expected.toDoubles();
    double[] own = actual.toDoubles();
    double far = 0;
    for (int i = 0; i < all.length; i++) {
      double difference = Math.abs(all[i] - own[i]) / Math.max(1, Math.abs(all[i]));
      far = Double.isNaN(difference) ? Double.NaN : Math.max(far, difference);
    }
    return far;
  }
}
