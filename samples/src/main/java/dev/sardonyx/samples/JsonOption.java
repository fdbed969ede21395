package dev.sardonyx.samples;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of all commands that can write their results for other programs. */
final class JsonOption implements ResultFile {
  static final String NAME = "--json";

  @Option(
      names = NAME,
      paramLabel = "FILE",
      description = "Write all results into a JSON file as well; - is standard output.")
  private @Nullable Path file;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public @Nullable Path file() {
    return file;
  }

  /** Writes what {@link OutputFiles#writeJson} takes, if a file is asked for. */
  void write(Object results) throws IOException {
    if (file != null) {
      OutputFiles.writeJson(file, results);
    }
  }
}
