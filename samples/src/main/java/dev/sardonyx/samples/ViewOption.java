package dev.sardonyx.samples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option of commands that can show what they find in a drawing of the model. */
final class ViewOption {
  @Option(
      names = "--view",
      paramLabel = "FILE",
      description = "Write a page for the browser as well, with what was found in the graph.")
  private @Nullable Path file;

  boolean isGiven() {
    return file != null;
  }

  /** The file asked for, if any. */
  List<Path> files() {
    return file == null ? List.of() : List.of(file);
  }

  /**
   * Makes sure that the file asked for can be written later, and that this harms no other.
   *
   * @param others files that the command reads or writes
   */
  void requireWritable(CommandSpec command, Collection<Path> others) throws IOException {
    if (file != null) {
      OutputFiles.requireWritable(command, "--view", file, others);
    }
  }

  /** Writes a page, if one is asked for. */
  void write(Supplier<String> page) throws IOException {
    if (file != null) {
      OutputFiles.write(file, page.get().getBytes(StandardCharsets.UTF_8));
    }
  }
}
