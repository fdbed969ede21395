package dev.sardonyx.samples.report;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Series of numbers over one pair of axes. It is a table too, with a row for each place along the
 * horizontal axis and a column for each series, which stands beneath it.
 *
 * @param summary what is to be seen, for those who do not see it
 * @param x the horizontal axis
 * @param labels the names of the places along it
 * @param places where they are; empty if they have names alone, which are then as far apart as each
 *     other
 * @param tones whether what is there is good or bad; empty if it is neither
 * @param y the vertical axis
 * @param series each with a number for each place
 */
public record Chart(
    String title,
    String summary,
    ChartAxis x,
    List<String> labels,
    List<Double> places,
    List<Tone> tones,
    ChartAxis y,
    List<ChartSeries> series)
    implements ReportPart {
  public Chart {
    labels = List.copyOf(labels);
    places = List.copyOf(places);
    tones = List.copyOf(tones);
    series = List.copyOf(series);
    for (List<?> each : List.of(places, tones)) {
      if (!each.isEmpty() && each.size() != labels.size()) {
        throw new IllegalArgumentException(
            "%s: %d for %d labels".formatted(title, each.size(), labels.size()));
      }
    }
    for (ChartSeries one : series) {
      if (one.values().size() != labels.size()) {
        throw new IllegalArgumentException(
            "%s: %d numbers of %s for %d places"
                .formatted(title, one.values().size(), one.name(), labels.size()));
      }
    }
  }

  /** A chart over names, such as those of values in graph order. */
  public static Chart byName(
      String title,
      String summary,
      String xTitle,
      List<String> names,
      ChartAxis y,
      List<ChartSeries> series) {
    return new Chart(
        title, summary, ChartAxis.linear(xTitle), names, List.of(), List.of(), y, series);
  }

  /** A chart over numbers, in rising order. */
  public static Chart byNumber(
      String title,
      String summary,
      ChartAxis x,
      List<Double> places,
      ChartAxis y,
      List<ChartSeries> series) {
    List<String> labels = places.stream().map(ShortNumber::of).toList();
    return new Chart(title, summary, x, labels, places, List.of(), y, series);
  }

  /** The same, where some places are good and some bad. */
  public Chart withTones(List<Tone> each) {
    return new Chart(title, summary, x, labels, places, each, y, series);
  }

  /** A list of numbers for a series. */
  public static List<Double> numbers(DoubleStream numbers) {
    return numbers.boxed().toList();
  }
}
