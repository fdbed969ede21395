package dev.sardonyx.samples;

import dev.sardonyx.runtime.TextTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How fast a model ran in one way, as {@code sardonyx bench} writes it.
 *
 * @param x its examples in a second, as a multiple of the first row's
 */
record MeasuredRow(
    Path file,
    String accelerator,
    Map<String, Long> sizes,
    int threads,
    int intraThreads,
    long examplesPerRun,
    RunTimes times,
    double examplesPerSecond,
    double x) {
  private static final List<TextTable.Column> COLUMNS =
      List.of(
          TextTable.left("model"),
          TextTable.left("on"),
          TextTable.left("sizes"),
          TextTable.right("threads"),
          TextTable.right("runs"),
          TextTable.right("min ms"),
          TextTable.right("mean ms"),
          TextTable.right("p50 ms"),
          TextTable.right("p90 ms"),
          TextTable.right("p99 ms"),
          TextTable.right("runs/s"),
          TextTable.right("examples/s"),
          TextTable.right("x"));

  /** The rows below each other. */
  static String table(List<MeasuredRow> rows) {
    return TextTable.of(COLUMNS, rows.stream().map(MeasuredRow::cells).toList());
  }

  private List<String> cells() {
    return List.of(
        StandardStreams.input(file),
        accelerator,
        sizes.entrySet().stream()
            .map(size -> size.getKey() + "=" + size.getValue())
            .collect(Collectors.joining(" ")),
        String.valueOf(threads),
        String.format(Locale.ROOT, "%,d", times.runs()),
        millis(times.minMs()),
        millis(times.meanMs()),
        millis(times.p50Ms()),
        millis(times.p90Ms()),
        millis(times.p99Ms()),
        Progress.number(times.runsPerSecond()),
        Progress.number(examplesPerSecond),
        // Of no examples there is no ratio.
        Double.isFinite(x) ? String.format(Locale.ROOT, "%.2f", x) : "-");
  }

  private static String millis(double millis) {
    return String.format(Locale.ROOT, millis < 10 ? "%.3f" : "%,.1f", millis);
  }

  /**
   * The row in words.
   *
   * @param all the files of all rows
   */
  String name(List<Path> all) {
    StringBuilder name = new StringBuilder();
    if (all.size() > 1) {
      boolean tellsApart = all.stream().map(Path::getFileName).distinct().count() == all.size();
      name.append(tellsApart ? file.getFileName() : file).append(", ");
    }
    name.append(accelerator);
    sizes.forEach((symbol, size) -> name.append(", ").append(symbol).append('=').append(size));
    return name.append(", ").append(Count.of(threads, "thread")).toString();
  }
}
