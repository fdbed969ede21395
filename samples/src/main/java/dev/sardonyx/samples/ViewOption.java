package dev.sardonyx.samples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of commands that can show what they find in a drawing of the model. */
final class ViewOption implements ResultFile {
  @Option(
      names = "--view",
      paramLabel = "FILE",
      description = "Write a page for the browser as well, with what was found in the graph.")
  private @Nullable Path file;

  @Override
  public String name() {
    return "--view";
  }

  @Override
  public @Nullable Path file() {
    return file;
  }

  /** Writes a page, if one is asked for. */
  void write(Supplier<String> page) throws IOException {
    if (file != null) {
      OutputFiles.write(file, page.get().getBytes(StandardCharsets.UTF_8));
    }
  }
}
