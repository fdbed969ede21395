package dev.sardonyx.export.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Models that show whether they have their own weights: a number is in their names and weights. */
final class Marked {
  private static final int WEIGHTS = 3000;

  private Marked() {}

  static Model model(int mark) {
    return Model.of(
        Graph.of(
            "g" + mark,
            List.of(),
            List.of(),
            List.of(),
            List.of(Constant.of("v", weights(mark)), Constant.of("w", weights(mark)))),
        17);
  }

  private static Tensor weights(int mark) {
    float[] weights = new float[WEIGHTS];
    Arrays.fill(weights, mark);
    return Tensor.ofFloats(weights, WEIGHTS);
  }

  /** The number of a model, all of whose weights must be its own. */
  static int mark(Model model) {
    int mark = Integer.parseInt(model.graph().name().substring(1));
    for (Constant constant : model.graph().constants()) {
      assertEquals(weights(mark), constant.data(), "the weights of " + model.graph().name());
    }
    assertEquals(2, model.graph().constants().size());
    return mark;
  }

  static int mark(Path file) throws IOException {
    return mark(OnnxReader.read(file));
  }

  /** The names of a folder's files in order, hidden ones too. */
  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
