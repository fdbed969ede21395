package dev.sardonyx.samples;

import dev.sardonyx.export.quantize.QuantizationReport;
import dev.sardonyx.export.quantize.QuantizedModel;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.quantize.LayerError;
import dev.sardonyx.runtime.quantize.ObservedValue;
import dev.sardonyx.runtime.quantize.SignalToNoise;
import dev.sardonyx.runtime.session.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What is told of a model that is quantised: printed, for JSON, and for the report. */
final class QuantizeFigures {
  /** How many runs of each model the median of their times is taken from. */
  private static final int RUNS = 9;

  private final Console console;
  private final Map<String, Object> told = new LinkedHashMap<>();
  private final List<QuantizeReport.Compared> compared = new ArrayList<>();
  private List<LayerError> layers = List.of();
  private List<ObservedValue> values = List.of();
  private double signalToNoise;
  private boolean any;

  QuantizeFigures(Console console) {
    this.console = console;
  }

  /** All figures so far, by name. */
  Map<String, Object> told() {
    return told;
  }

  QuantizeReport report() {
    return new QuantizeReport(any, signalToNoise, compared, layers, values);
  }

  /** What became of weights. */
  Model weights(QuantizedModel result) {
    console.results(result.report().toString());
    tellIfNone(!result.report().weights().isEmpty());
    told.put("weights", result.report().weights());
    return result.model();
  }

  /** Which values hold what no range covers. */
  void notFinite(List<String> odd) {
    if (!odd.isEmpty()) {
      console.result(
          "NaN or infinite numbers came up in %d values, from %s on; what computes with them stays"
              + " in float",
          odd.size(), odd.get(0));
    }
  }

  /**
   * What became of nodes.
   *
   * @param found what is printed of it
   * @param lost by each layer; empty if it was not measured
   */
  void nodes(
      Object found, QuantizationReport report, List<LayerError> lost, List<ObservedValue> seen) {
    console.results(found.toString());
    tellIfNone(report.quantized() > 0);
    told.put("nodes", report.nodes());
    layers = lost;
    if (!layers.isEmpty()) {
      console.results(LayerError.table(layers));
      told.put("layers", layers);
    }
    values = seen;
    console.results(ObservedValue.table(values));
    told.put("values", values);
  }

  /** Says so if the result is the model as it was, which the figures alone would praise. */
  private void tellIfNone(boolean isSome) {
    any = isSome;
    if (!any) {
      console.result("%s", QuantizeReport.NOTHING);
    }
  }

  /** The bytes of both files. */
  void sizes(long before, long after) {
    console.result("Size: %s -> %s", Sizes.bytes(before), Sizes.bytes(after));
    compared.add(new QuantizeReport.Compared("size, kB", before / 1e3, after / 1e3));
  }

  /** What both models give and how long they take. */
  void compare(
      PreparedModel first, PreparedModel second, CalibrationData judged, SignalToNoise metric) {
    signalToNoise = metric.of(second);
    console.result("Signal to noise of the outputs: %.1f dB", signalToNoise);
    told.put("signalToNoise", signalToNoise);
    OptionalDouble right = accuracy(first, judged);
    if (right.isPresent()) {
      double now = accuracy(second, judged).orElseThrow();
      console.result("Accuracy: %.4f -> %.4f", right.getAsDouble(), now);
      told.put("accuracy", List.of(right.getAsDouble(), now));
      compared.add(new QuantizeReport.Compared("accuracy", right.getAsDouble(), now));
    }
    double[] times = times(first, second, judged.batches().get(0));
    console.result("Time of a batch: %.2f ms -> %.2f ms", times[0], times[1]);
    told.put("milliseconds", List.of(times[0], times[1]));
    compared.add(new QuantizeReport.Compared("time of a batch, ms", times[0], times[1]));
  }

  /** The share of examples whose class has the highest score, if the classes are known. */
  private static OptionalDouble accuracy(PreparedModel model, CalibrationData judged) {
    int right = 0;
    int all = 0;
    for (int i = 0; i < judged.labels().size(); i++) {
      Outputs outputs = model.run(judged.batches().get(i));
      Datum scores = outputs.values().iterator().next();
      int[] labels = judged.labels().get(i);
      if (!(scores instanceof Tensor t) || t.rank() != 2 || t.dim(0) != labels.length) {
        return OptionalDouble.empty();
      }
      List<List<TopK.Ranked>> best = TopK.ofRows(t, 1, List.of());
      for (int row = 0; row < labels.length; row++) {
        right += best.get(row).get(0).index() == labels[row] ? 1 : 0;
        all++;
      }
    }
    return all == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) right / all);
  }

  /** The median times of both, run in turn. */
  private static double[] times(
      PreparedModel first, PreparedModel second, Map<String, Datum> batch) {
    double[][] times = new double[2][RUNS];
    for (int i = 0; i < RUNS; i++) {
      for (int which = 0; which < 2; which++) {
        long start = System.nanoTime();
        (which == 0 ? first : second).run(batch);
        times[which][i] = (System.nanoTime() - start) / 1e6;
      }
    }
    return Arrays.stream(times)
        .mapToDouble(t -> Arrays.stream(t).sorted().toArray()[RUNS / 2])
        .toArray();
  }
}
