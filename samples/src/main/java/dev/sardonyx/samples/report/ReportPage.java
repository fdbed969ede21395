package dev.sardonyx.samples.report;

import java.util.List;

/**
 * A report.
 *
 * @param summary what matters most, above all else
 */
public record ReportPage(String title, List<Remark> summary, List<ReportSection> sections) {
  public ReportPage {
    summary = List.copyOf(summary);
    sections = List.copyOf(sections);
  }

  /** A page for the browser, with all it needs inside. */
  public String html() {
    return ReportHtml.of(this);
  }

  /** The charts, in order. */
  public List<Chart> charts() {
    return sections.stream()
        .flatMap(section -> section.parts().stream())
        .filter(Chart.class::isInstance)
        .map(Chart.class::cast)
        .toList();
  }
}
