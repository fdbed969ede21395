package dev.sardonyx.samples;

import dev.sardonyx.samples.LossCurve.LossPoint;
import dev.sardonyx.samples.report.Chart;
import dev.sardonyx.samples.report.ChartAxis;
import dev.sardonyx.samples.report.ChartSeries;
import dev.sardonyx.samples.report.FactList;
import dev.sardonyx.samples.report.ReportPart;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.report.ShortNumber;
import dev.sardonyx.training.EpochResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a network learnt, as a section of a report. */
final class TrainingReport {
  private TrainingReport() {}

  /**
   * Loss, accuracy and learning rate.
   *
   * @param unit what examples are, such as {@code images}
   * @param history of all epochs
   * @param curve of the training loss, in the epochs that were not resumed
   * @param rates the learning rate of each epoch, which is drawn if it changes
   */
  static ReportSection section(
      String unit, List<EpochResult> history, List<LossPoint> curve, List<Double> rates) {
    List<ReportPart> parts = new ArrayList<>();
    if (!curve.isEmpty()) {
      parts.add(curve(unit, curve));
    }
    if (history.size() > 1) {
      List<String> epochs = history.stream().map(e -> String.valueOf(e.epoch())).toList();
      parts.add(loss(epochs, history));
      if (history.stream().anyMatch(e -> e.validationAccuracy().isPresent())) {
        parts.add(accuracy(epochs, history));
      }
      if (rates.stream().distinct().count() > 1) {
        parts.add(rate(epochs, rates));
      }
    }
    parts.add(facts(history, rates));
    return new ReportSection("Learning", parts);
  }

  private static FactList facts(List<EpochResult> history, List<Double> rates) {
    EpochResult last = history.get(history.size() - 1);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Epochs", String.valueOf(history.size()));
    facts.put("Loss in the last", ShortNumber.of(last.loss()));
    last.validationLoss()
        .ifPresent(loss -> facts.put("Loss on held-out examples", ShortNumber.of(loss)));
    last.validationAccuracy()
        .ifPresent(share -> facts.put("Accuracy on them", ShortNumber.of(share)));
    facts.put("Learning rate", ShortNumber.of(rates.get(rates.size() - 1)));
    return new FactList(facts);
  }

  private static Chart curve(String unit, List<LossPoint> curve) {
    return Chart.byNumber(
        "Training loss",
        "From %s to %s; each point is the mean since the one before."
            .formatted(
                ShortNumber.of(curve.get(0).loss()),
                ShortNumber.of(curve.get(curve.size() - 1).loss())),
        ChartAxis.linear(unit + " seen"),
        curve.stream().map(LossPoint::examples).toList(),
        ChartAxis.linear("loss"),
        List.of(ChartSeries.line("training", curve.stream().map(LossPoint::loss).toList())));
  }

  private static Chart loss(List<String> epochs, List<EpochResult> history) {
    EpochResult last = history.get(history.size() - 1);
    List<ChartSeries> series = new ArrayList<>();
    series.add(
        ChartSeries.line(
            "training, while it learns", history.stream().map(EpochResult::loss).toList()));
    if (history.stream().anyMatch(e -> e.validationLoss().isPresent())) {
      series.add(
          ChartSeries.line(
              "validation, after the epoch",
              history.stream().map(e -> e.validationLoss().orElse(Double.NaN)).toList()));
    }
    return Chart.byName(
        "Loss of each epoch",
        "In the last epoch %s%s."
            .formatted(
                ShortNumber.of(last.loss()),
                last.validationLoss().isPresent()
                    ? ", on held-out examples "
                        + ShortNumber.of(last.validationLoss().getAsDouble())
                    : ""),
        "epoch",
        epochs,
        ChartAxis.linear("loss"),
        series);
  }

  private static Chart accuracy(List<String> epochs, List<EpochResult> history) {
    List<Double> shares =
        history.stream().map(e -> e.validationAccuracy().orElse(Double.NaN)).toList();
    return Chart.byName(
        "Accuracy of each epoch",
        "After the last epoch %s of the held-out examples."
            .formatted(ShortNumber.of(shares.get(shares.size() - 1))),
        "epoch",
        epochs,
        ChartAxis.between("share of the held-out examples", shares.get(0), 1),
        List.of(ChartSeries.line("validation", shares)));
  }

  private static Chart rate(List<String> epochs, List<Double> rates) {
    return Chart.byName(
        "Learning rate",
        "From %s to %s."
            .formatted(ShortNumber.of(rates.get(0)), ShortNumber.of(rates.get(rates.size() - 1))),
        "epoch",
        epochs,
        ChartAxis.linear("learning rate"),
        List.of(ChartSeries.line("learning rate", rates)));
  }
}
