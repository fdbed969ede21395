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
    List<Path> others = new ArrayList<>(read);
    if (junit != null) {
      OutputFiles.requireWritable(command, "--junit", junit, others);
      others.add(junit);
    }
    ResultFile.requireWritable(command, others, json, page);
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
