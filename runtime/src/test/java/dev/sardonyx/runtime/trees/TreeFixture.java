package dev.sardonyx.runtime.trees;

import dev.sardonyx.export.trees.LightGbmReader;
import dev.sardonyx.export.trees.XgboostReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model that the genuine XGBoost or LightGBM trained, and what it predicts for some rows. The
 * programs in {@code src/test/generators} of {@code export} made them.
 *
 * @param rows {@code float[N, F]}
 * @param predictions {@code N * K}
 */
record TreeFixture(Path file, Tensor rows, double[] predictions) {
  static final Path FOLDER = Path.of("../export/src/test/resources/trees");
  private static final String LINEAR_LEAVES = "lightgbm/linear.txt";

  /** All that are read. */
  static List<TreeFixture> all() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(f -> f.toString().endsWith(".predictions"))
          .map(f -> Path.of(f.toString().replace(".predictions", "")))
          .filter(f -> !f.endsWith(LINEAR_LEAVES))
          .sorted()
          .map(TreeFixture::of)
          .toList();
    }
  }

  private static TreeFixture of(Path file) {
    try {
      List<String> lines = Files.readAllLines(Path.of(file + ".predictions"));
      float[] rows = features(lines);
      double[] predictions =
          lines.stream()
              .flatMap(l -> Arrays.stream(l.substring(l.indexOf("->") + 3).split(" ", -1)))
              .mapToDouble(Double::parseDouble)
              .toArray();
      return new TreeFixture(
          file, Tensor.ofFloats(rows, lines.size(), rows.length / lines.size()), predictions);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static float[] features(List<String> lines) {
    List<Float> all =
        lines.stream()
            .flatMap(l -> Arrays.stream(l.substring(0, l.indexOf(" ->")).split(" ", -1)))
            .map(Float::valueOf)
            .toList();
    float[] floats = new float[all.size()];
    for (int i = 0; i < all.size(); i++) {
      floats[i] = all.get(i);
    }
    return floats;
  }

  Model read() throws IOException {
    return file.toString().endsWith(".txt")
        ? LightGbmReader.standard().read(file)
        : XgboostReader.standard().read(file);
  }

  /** The first prediction that is not the library's up to the rounding of sums of floats. */
  Optional<String> difference(double[] actual) {
    if (actual.length != predictions.length) {
      return Optional.of(this + ": " + actual.length + " predictions for " + predictions.length);
    }
    for (int i = 0; i < actual.length; i++) {
      double expected = predictions[i];
      double allowed = 1e-6 * Math.abs(expected) + 1e-7;
      if (actual[i] != expected && !(Math.abs(actual[i] - expected) <= allowed)) {
        return Optional.of("%s, value %d: %s, not %s".formatted(this, i, actual[i], expected));
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return FOLDER.relativize(file).toString();
  }
}
