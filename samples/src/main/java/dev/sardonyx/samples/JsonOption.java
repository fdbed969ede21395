package dev.sardonyx.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The option of all commands that can write their results for other programs. */
final class JsonOption {
  static final String NAME = "--json";

  @Option(
      names = NAME,
      paramLabel = "FILE",
      description = "Write all results into a JSON file as well; - is standard output.")
  private @Nullable Path file;

  /** The file asked for, if any. */
  List<Path> files() {
    return file == null ? List.of() : List.of(file);
  }

  boolean isGiven() {
    return file != null;
  }

  /**
   * Makes sure that the file asked for can be written later, and that this harms no other.
   *
   * @param others files that the command reads or writes
   * @throws ParameterException if it is one of the others
   * @throws IOException naming the file if it cannot be written
   */
  void requireWritable(CommandSpec command, Collection<Path> others) throws IOException {
    if (file != null) {
      OutputFiles.requireWritable(command, NAME, file, others);
    }
  }

  /** Writes what {@link OutputFiles#writeJson} takes, if a file is asked for. */
  void write(Object results) throws IOException {
    if (file != null) {
      OutputFiles.writeJson(file, results);
    }
  }
}
