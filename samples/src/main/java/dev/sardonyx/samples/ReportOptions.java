package dev.sardonyx.samples;

import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.JUnitXml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The files that a conformance run writes its report to. */
@SuppressWarnings("NullAway.Init")
final class ReportOptions {
  @Mixin private JsonOption json;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Write the results as JUnit's XML as well.")
  private @Nullable Path junit;

  @Mixin private ReportOption page;

  boolean areGiven() {
    return json.isGiven() || junit != null || page.isGiven();
  }

  /**
   * Refuses files that cannot be written, before the work is done.
   *
   * @param read files that the command reads
   */
  void requireWritable(CommandSpec command, List<Path> read) throws IOException {
    json.requireWritable(command, read);
    List<Path> others = new ArrayList<>(read);
    others.addAll(json.files());
    requireWritable(command, others, "--junit", junit);
    page.requireWritable(command, others);
  }

  private static void requireWritable(
      CommandSpec command, List<Path> others, String option, @Nullable Path file)
      throws IOException {
    if (file != null) {
      OutputFiles.requireWritable(command, option, file, others);
      others.add(file);
    }
  }

  /**
   * Writes the files that were asked for.
   *
   * @param title such as what was tested
   */
  void write(CommandSpec command, String title, ConformanceReport report) throws IOException {
    json.write(
        Map.of("version", BuildVersions.sardonyx(), "passed", report.passed(), "report", report));
    if (junit != null) {
      OutputFiles.write(junit, JUnitXml.of(report).getBytes(StandardCharsets.UTF_8));
    }
    page.write(() -> ConformancePage.of(title, report, RunEnvironment.section(command, List.of())));
  }
}
