package dev.sardonyx.samples.report;

import java.util.List;
import java.util.Locale;

/**
 * Numbers that belong together in a chart.
 *
 * @param name in the legend
 * @param form how they are drawn
 * @param values one for each place of the chart; NaN where there is none
 */
public record ChartSeries(String name, Form form, List<Double> values) {
  public ChartSeries {
    values = List.copyOf(values);
  }

  /** How numbers are drawn. */
  public enum Form {
    /** Points that are joined. */
    LINE,
    /** Bars beside those of other series. */
    BARS,
    /** A dashed line without points: what others are to stay below or above. */
    LIMIT;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A line in a colour of its own. */
  public static ChartSeries line(String name, List<Double> values) {
    return new ChartSeries(name, Form.LINE, values);
  }

  /** Bars in a colour of their own. */
  public static ChartSeries bars(String name, List<Double> values) {
    return new ChartSeries(name, Form.BARS, values);
  }

  /** A dashed line. */
  public static ChartSeries limit(String name, List<Double> values) {
    return new ChartSeries(name, Form.LIMIT, values);
  }
}
