/**
 * Reports: pages that tell what a command found, with charts, for people to read, print and pass
 * on.
 *
 * <p>A report is described by values, and {@link ReportPage#html} makes a page of it that needs
 * nothing else:
 *
 * <pre>{@code
 * ReportPage page =
 *     new ReportPage(
 *         "model.onnx trained",
 *         List.of(Remark.passed("PASS: 15 values agree")),
 *         List.of(
 *             ReportSection.of(
 *                 "Loss",
 *                 Chart.byNumber(
 *                     "Loss by epoch",
 *                     "It falls from 0.41 to 0.05.",
 *                     ChartAxis.linear("epoch"),
 *                     List.of(1.0, 2.0),
 *                     ChartAxis.linear("loss"),
 *                     List.of(ChartSeries.line("training", List.of(0.41, 0.05)))))));
 * Files.writeString(file, page.html());
 * }</pre>
 *
 * <p>All texts may be anyone's; they are shown as text. A chart is a table of numbers, which stands
 * beneath it, and is drawn by Apache ECharts as SVG. To add a report to a command: a class that
 * makes a {@code ReportPage} of its result, and the command line's option {@code --report}. To add
 * a kind of part: a record that implements {@link ReportPart}, and how {@code ReportHtml} writes
 * it.
 */
@NullMarked
package dev.sardonyx.samples.report;

import org.jspecify.annotations.NullMarked;
