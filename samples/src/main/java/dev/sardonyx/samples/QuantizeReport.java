package dev.sardonyx.samples;

import dev.sardonyx.runtime.quantize.LayerError;
import dev.sardonyx.runtime.quantize.ObservedValue;
import dev.sardonyx.samples.report.Chart;
import dev.sardonyx.samples.report.ChartAxis;
import dev.sardonyx.samples.report.ChartSeries;
import dev.sardonyx.samples.report.DataTable;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPart;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.report.ShortNumber;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What quantisation costs and gains, as a report.
 *
 * @param any whether any node is quantised
 * @param signalToNoise of the outputs, in dB
 * @param compared sizes, times and the like, before and after
 * @param layers what each loses; empty if it was not measured
 * @param values what was seen of each on calibration data; empty if there was none
 */
record QuantizeReport(
    boolean any,
    double signalToNoise,
    List<QuantizeReport.Compared> compared,
    List<LayerError> layers,
    List<ObservedValue> values) {
  static final String NOTHING = "Nothing is quantised: no node is of a kind that this method takes";

  /** Values with a chart of their own: those of which most is cut off. */
  private static final int MOST_CHARTS = 12;

  QuantizeReport {
    compared = List.copyOf(compared);
    layers = List.copyOf(layers);
    values = List.copyOf(values);
  }

  /**
   * A quantity of both models.
   *
   * @param name such as {@code size, kB}
   */
  record Compared(String name, double before, double after) {}

  /** In a line. */
  String verdict() {
    return any ? signal() : NOTHING;
  }

  private String signal() {
    return "Signal to noise of the outputs: %s dB".formatted(ShortNumber.of(signalToNoise));
  }

  /**
   * The sections.
   *
   * @param model stands before their headings; empty if there is no other model
   */
  List<ReportSection> sections(String model) {
    List<ReportSection> sections = new ArrayList<>();
    sections.add(ReportSection.of(model + "Before and after", comparisons(), shares()));
    if (!layers.isEmpty()) {
      sections.add(ReportSection.of(model + "Layers", layerChart(), layerTable()));
    }
    if (!values.isEmpty()) {
      sections.add(new ReportSection(model + "Ranges of values", ranges()));
    }
    return sections;
  }

  /** Sizes, times and shares in one chart, for what counts is how they change. */
  private Chart shares() {
    return Chart.byName(
        "After quantisation",
        "As a share of what it was before.",
        "",
        compared.stream().map(Compared::name).toList(),
        ChartAxis.linear("% of before"),
        List.of(
            ChartSeries.bars(
                "after",
                Chart.numbers(compared.stream().mapToDouble(q -> 100 * q.after / q.before))),
            ChartSeries.limit("before", compared.stream().map(q -> 100.0).toList())));
  }

  private DataTable comparisons() {
    return new DataTable(
        "",
        List.of(
            TableColumn.text(""),
            TableColumn.number("before"),
            TableColumn.number("after"),
            TableColumn.number("after / before")),
        compared.stream()
            .map(
                q ->
                    TableRow.of(
                        List.of(
                            q.name,
                            ShortNumber.of(q.before),
                            ShortNumber.of(q.after),
                            ShortNumber.of(q.after / q.before))))
            .toList());
  }

  private Chart layerChart() {
    LayerError worst =
        layers.stream().min(Comparator.comparingDouble(LayerError::alone)).orElseThrow();
    return Chart.byName(
        "Signal to noise by layer",
        "The model is most sensitive to '%s', alone with %s dB."
            .formatted(worst.node(), ShortNumber.of(worst.alone())),
        "layer, in graph order",
        layers.stream().map(LayerError::node).toList(),
        ChartAxis.linear("signal to noise, dB: higher is better"),
        List.of(
            ChartSeries.bars("its result, in the quantised model", decibels(LayerError::inPlace)),
            ChartSeries.bars(
                "the outputs, if it alone is quantised", decibels(LayerError::alone))));
  }

  /** Nothing is drawn of what loses nothing. */
  private List<Double> decibels(ToDoubleFunction<LayerError> ratio) {
    return Chart.numbers(
        layers.stream().mapToDouble(ratio).map(r -> Double.isFinite(r) ? r : Double.NaN));
  }

  private DataTable layerTable() {
    return new DataTable(
        "",
        List.of(
            TableColumn.text("layer"),
            TableColumn.text("operator"),
            TableColumn.text("value"),
            TableColumn.number("in place, dB"),
            TableColumn.number("alone, dB")),
        layers.stream()
            .map(
                layer ->
                    TableRow.of(
                        List.of(
                            layer.node(),
                            layer.operator(),
                            layer.value(),
                            ShortNumber.of(layer.inPlace()),
                            ShortNumber.of(layer.alone()))))
            .toList());
  }

  private List<ReportPart> ranges() {
    List<ReportPart> parts = new ArrayList<>();
    parts.add(rangeTable());
    values.stream()
        .sorted(Comparator.comparingDouble(ObservedValue::clipped).reversed())
        .limit(MOST_CHARTS)
        .map(QuantizeReport::histogram)
        .forEach(parts::add);
    if (values.size() > MOST_CHARTS) {
      parts.add(
          Remark.of(
              "Histograms are shown of the %d values of which most is cut off."
                  .formatted(MOST_CHARTS)));
    }
    return parts;
  }

  private DataTable rangeTable() {
    return new DataTable(
        "",
        List.of(
            TableColumn.text("value"),
            TableColumn.number("seen from"),
            TableColumn.number("to"),
            TableColumn.number("stored from"),
            TableColumn.number("to"),
            TableColumn.number("cut off, %")),
        values.stream()
            .map(
                value ->
                    TableRow.of(
                        List.of(
                            value.name(),
                            ShortNumber.of(value.seen().min()),
                            ShortNumber.of(value.seen().max()),
                            ShortNumber.of(value.stored().min()),
                            ShortNumber.of(value.stored().max()),
                            ShortNumber.of(100 * value.clipped()))))
            .toList());
  }

  /** Bins within the range that is stored, and those that are cut off, in a colour each. */
  private static Chart histogram(ObservedValue value) {
    List<Double> places = new ArrayList<>();
    List<Double> kept = new ArrayList<>();
    List<Double> cut = new ArrayList<>();
    for (int i = 0; i < value.counts().size(); i++) {
      double from = value.edges().get(i);
      double to = value.edges().get(i + 1);
      double middle = (from + to) / 2;
      // A bin across an end is kept in part.
      boolean stored = from < value.stored().max() && to > value.stored().min() || from == to;
      double count = value.counts().get(i) == 0 ? Double.NaN : value.counts().get(i);
      places.add(middle);
      kept.add(stored ? count : Double.NaN);
      cut.add(stored ? Double.NaN : count);
    }
    List<ChartSeries> series = new ArrayList<>(List.of(ChartSeries.bars("stored", kept)));
    if (cut.stream().anyMatch(count -> !count.isNaN())) {
      series.add(ChartSeries.bars("cut off", cut));
    }
    long clipped = Math.round(value.clipped() * value.total());
    return Chart.byNumber(
        value.name(),
        "Stored from %s to %s; of %s, %s cut off."
            .formatted(
                ShortNumber.of(value.stored().min()),
                ShortNumber.of(value.stored().max()),
                Count.of(value.total(), "number"),
                clipped == 0
                    ? "none is"
                    : ShortNumber.of(clipped) + (clipped == 1 ? " is" : " are")),
        ChartAxis.between("value", value.seen().min(), value.seen().max()),
        places,
        ChartAxis.log("how many"),
        series);
  }
}
