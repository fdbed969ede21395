package dev.sardonyx.samples.report;

/**
 * An axis of a chart.
 *
 * @param title what is measured, and in which unit
 * @param isLog whether equal distances are equal ratios. Zeros are shown below all others then.
 * @param lowest where it begins at the latest; NaN to leave it to the numbers
 * @param highest where it ends at the earliest; NaN to leave it to the numbers
 */
public record ChartAxis(String title, boolean isLog, double lowest, double highest) {
  /** An axis from zero, or below if there are negative numbers. */
  public static ChartAxis linear(String title) {
    return new ChartAxis(title, false, 0, Double.NaN);
  }

  /** An axis about the numbers, such as years, which need not show zero. */
  public static ChartAxis between(String title, double lowest, double highest) {
    return new ChartAxis(title, false, lowest, highest);
  }

  /** A logarithmic axis. */
  public static ChartAxis log(String title) {
    return new ChartAxis(title, true, Double.NaN, Double.NaN);
  }
}
