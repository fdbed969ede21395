package dev.sardonyx.runtime.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A line of the README's table of stages.
 *
 * @param difference the largest that was measured; - for text and indices
 */
record StageTable(String name, List<String> operators, String difference) {
  static List<StageTable> read() throws IOException {
    return Files.readAllLines(Path.of("README.md")).stream()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.split("\\|"))
        .map(
            cells ->
                new StageTable(
                    cells[1].replace("`", "").strip(),
                    List.of(cells[2].strip().split(",? +")),
                    cells[4].strip()))
        .toList();
  }

  static StageTable of(String name) {
    try {
      return read().stream()
          .filter(line -> line.name().equals(name))
          .findFirst()
          .orElseThrow(() -> new AssertionError(name + " is not in the table"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
