package dev.sardonyx.samples;

import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of all commands that can write their results for other programs. */
final class JsonOption {
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write all results into a JSON file as well.")
  private @Nullable Path file;

  /**
   * Makes sure that the file asked for can be written later.
   *
   * @throws IOException naming the file if not
   */
  void requireWritable() throws IOException {
    if (file != null) {
      AtomicFile.requireWritable(file);
    }
  }

  /** Writes what {@link Outputs#writeJson} takes, if a file is asked for. */
  void write(Object results) throws IOException {
    if (file != null) {
      Outputs.writeJson(file, results);
    }
  }
}
