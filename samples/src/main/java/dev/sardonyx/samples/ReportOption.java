package dev.sardonyx.samples;

import dev.sardonyx.samples.report.ReportPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The option of commands that can tell what they found in a page with charts.
 *
 * <p>A command has it as a mixin, calls {@link #requireWritable} before its work, and {@link
 * #write} after it, also if it failed. What is in the page is made by a class of the command's own,
 * such as {@link BenchReport}; its last section is {@link RunEnvironment#section}.
 */
final class ReportOption {
  /** A page, which may look into files. */
  @FunctionalInterface
  interface PageSource {
    ReportPage page() throws IOException;
  }

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write a report with charts, a page for the browser, as well.")
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
   * @throws ParameterException if it is one of the others
   * @throws IOException naming the file if it cannot be written
   */
  void requireWritable(CommandSpec command, Collection<Path> others) throws IOException {
    if (file != null) {
      OutputFiles.requireWritable(command, "--report", file, others);
    }
  }

  /** Writes the page, whole or not at all, if one is asked for. */
  void write(PageSource source) throws IOException {
    if (file != null) {
      OutputFiles.write(file, source.page().html().getBytes(StandardCharsets.UTF_8));
    }
  }
}
