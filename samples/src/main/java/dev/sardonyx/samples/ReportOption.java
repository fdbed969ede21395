package dev.sardonyx.samples;

import dev.sardonyx.samples.report.ReportPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The option of commands that can tell what they found in a page with charts.
 *
 * <p>A command has it as a mixin, calls {@link ResultFile#requireWritable} before its work, and
 * {@link #write} after it, also if it failed. What is in the page is made by a class of the
 * command's own, such as {@link BenchReport}; its last section is {@link RunEnvironment#section}.
 */
final class ReportOption implements ResultFile {
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

  @Override
  public String name() {
    return "--report";
  }

  @Override
  public @Nullable Path file() {
    return file;
  }

  /** Writes the page, whole or not at all, if one is asked for. */
  void write(PageSource source) throws IOException {
    if (file != null) {
      OutputFiles.write(file, source.page().html().getBytes(StandardCharsets.UTF_8));
    }
  }
}
