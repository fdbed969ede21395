package dev.sardonyx.samples.report;

import java.util.List;

/** A heading of a report with what stands under it. */
public record ReportSection(String heading, List<ReportPart> parts) {
  public ReportSection {
    parts = List.copyOf(parts);
  }

  /** A section of some parts. */
  public static ReportSection of(String heading, ReportPart... parts) {
    return new ReportSection(heading, List.of(parts));
  }
}
