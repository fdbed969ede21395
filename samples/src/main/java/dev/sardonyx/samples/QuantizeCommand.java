package dev.sardonyx.samples;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.quantize.DynamicQuantization;
import dev.sardonyx.export.quantize.NodeSelection;
import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.QuantizedModel;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.export.quantize.WeightOnlyQuantization;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.quantize.CalibratedModel;
import dev.sardonyx.runtime.quantize.Calibration;
import dev.sardonyx.runtime.quantize.LayerError;
import dev.sardonyx.runtime.quantize.MixedPrecision;
import dev.sardonyx.runtime.quantize.ObservedValue;
import dev.sardonyx.runtime.quantize.Quantizer;
import dev.sardonyx.runtime.quantize.SignalToNoise;
import dev.sardonyx.runtime.session.TopK;
import dev.sardonyx.samples.report.ReportPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx quantize}: a model in integers, and what that costs and gains. */
@Command(
    name = "quantize",
    description = {
      "Stores and computes a model in 8 bits, or its weights in 8 or 4, and tells what that costs and"
          + " gains.",
      "Exit status: 0 written, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class QuantizeCommand implements Callable<Integer> {
  /** How many runs of each model the median of their times is taken from. */
  private static final int RUNS = 9;

  /** What is in integers. */
  private enum Method {
    /** All that the target computes in them, with ranges found on data. */
    STATIC,
    /** Products, with ranges found in every run. */
    DYNAMIC,
    /** Weights alone. */
    WEIGHTS
  }

  /** How ranges follow from data. */
  private enum Ranges {
    MIN_MAX,
    MOVING_AVERAGE,
    ENTROPY,
    PERCENTILE,
    MSE;

    Calibration calibration() {
      return switch (this) {
        case MIN_MAX -> Calibration.minMax();
        case MOVING_AVERAGE -> Calibration.movingAverage();
        case ENTROPY -> Calibration.entropy();
        case PERCENTILE -> new Calibration.Percentile(99.99);
        case MSE -> new Calibration.MeanSquaredError();
      };
    }
  }

  /** Whose rules decide what is in integers. */
  private enum Addressee {
    CPU,
    TENSORRT,
    QNN
  }

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The ONNX file to quantise; - is standard input.")
  private Path file;

  @Parameters(
      index = "1",
      paramLabel = "MODEL",
      description = "The ONNX file to write; - is standard output.")
  private Path output;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = {
        "Examples, for ranges and for the figures: IDX files under MNIST's names, with whose labels",
        "the accuracy is told, or one example a file (.npy, .npz, .pb, .json, pictures)."
      })
  private @Nullable Path data;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "STATIC",
      description =
          "${COMPLETION-CANDIDATES}: all with ranges found on --data, products with ranges found in"
              + " every run, or weights alone (default: ${DEFAULT-VALUE}).")
  private Method method;

  @Option(
      names = "--bits",
      paramLabel = "N",
      defaultValue = "8",
      description = "With WEIGHTS: 4 or 8 (default: ${DEFAULT-VALUE}).")
  private int bits;

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "32",
      description =
          "With WEIGHTS: how many weights share a scale, 16, 32, 64, 128 or 256 (default:"
              + " ${DEFAULT-VALUE}).")
  private int block;

  @Option(
      names = "--zero-points",
      description = "With WEIGHTS: a zero point for each block, too, which is more accurate.")
  private boolean zeroPoints;

  @Option(
      names = "--calibration",
      paramLabel = "HOW",
      defaultValue = "MIN_MAX",
      description =
          "With STATIC: how ranges follow from data, ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  private Ranges calibration;

  @Option(
      names = "--for",
      paramLabel = "TARGET",
      defaultValue = "CPU",
      description =
          "With STATIC: whose rules count, ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Addressee rules;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "500",
      description = "How many examples of the folder to take at most (default: ${DEFAULT-VALUE}).")
  private int examples;

  @Option(
      names = "--exclude",
      paramLabel = "NODE",
      description = "Nodes that stay as they are; * and ? stand for any text and character.")
  private List<String> excluded = new ArrayList<>();

  @Option(
      names = "--signal",
      paramLabel = "DB",
      description =
          "With STATIC: keep as many layers in float as a ratio of signal to noise of so many dB asks"
              + " for.")
  private @Nullable Double signal;

  @Option(
      names = "--layer-examples",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "How many examples tell what each layer loses, for all of which the model runs once a layer;"
              + " 0 for not telling it (default: ${DEFAULT-VALUE}).")
  private int layerExamples;

  @Mixin private JsonOption json;

  @Mixin private ReportOption report;

  // For the report.
  private final List<QuantizeReport.Compared> compared = new ArrayList<>();
  private List<LayerError> layers = List.of();
  private List<ObservedValue> values = List.of();
  private double signalToNoise;

  /** What is told, by name. */
  private final Map<String, Object> figures = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    requireValid();
    Console console = Console.of(spec);
    Model given = Checker.require(ModelArgument.read(spec, file));
    CalibrationData ranges =
        data == null
            ? new CalibrationData(madeUp(given), List.of())
            : CalibrationData.forRanges(data, given, examples);
    CalibrationData judged =
        data == null ? ranges : CalibrationData.forJudging(data, given, examples, ranges);
    try (PreparedModel first = OrtBackend.cpu().prepare(given)) {
      SignalToNoise metric = SignalToNoise.of(OrtBackend.cpu(), first, judged.batches());
      Model small = Checker.require(quantized(console, given, ranges, judged, metric));
      try (PreparedModel second = OrtBackend.cpu().prepare(small)) {
        compare(console, first, second, judged, metric);
      }
      write(console, small);
    }
    return 0;
  }

  private void write(Console console, Model small) throws IOException {
    // Only now, for a model that does not run is not written.
    long after = ModelArgument.write(small, output, ExternalData.asRead());
    long before = ModelArgument.size(spec, file);
    console.result("Size: %s -> %s", Sizes.bytes(before), Sizes.bytes(after));
    figures.put("bytes", List.of(before, after));
    compared.add(new QuantizeReport.Compared("size, kB", before / 1e3, after / 1e3));
    json.write(figures);
    report.write(this::page);
  }

  private ReportPage page() throws IOException {
    Path name = StandardStreams.isMeant(file) ? Path.of("model") : file.getFileName();
    String title = name + " quantised";
    return new QuantizeReport(title, signalToNoise, compared, layers, values)
        .page(RunEnvironment.section(spec, List.of(file, output)));
  }

  private void requireValid() throws IOException {
    Requirement.on(spec, bits == 4 || bits == 8, "--bits", bits, "4 or 8");
    boolean isBlock = block >= 16 && block <= 256 && Integer.bitCount(block) == 1;
    Requirement.on(spec, isBlock, "--block", block, "16, 32, 64, 128 or 256");
    Requirement.on(spec, examples >= 1, "--examples", examples, "1 or more");
    Requirement.on(spec, layerExamples >= 0, "--layer-examples", layerExamples, "0 or more");
    if (method == Method.STATIC && data == null) {
      throw new ParameterException(
          spec.commandLine(), "--method static finds ranges on data: name a folder with --data");
    }
    if (signal != null && method != Method.STATIC) {
      throw new ParameterException(spec.commandLine(), "--signal goes with --method static");
    }
    OutputFiles.requireModel(spec, "MODEL", output, List.of(file));
    json.requireWritable(spec, List.of(file, output));
    List<Path> others = new ArrayList<>(List.of(file, output));
    others.addAll(json.files());
    report.requireWritable(spec, others);
  }

  private static List<Map<String, Datum>> madeUp(Model model) {
    return List.of(MadeUpInputs.of(model, Map.of(), 1), MadeUpInputs.of(model, Map.of(), 2));
  }

  private Model quantized(
      Console console,
      Model given,
      CalibrationData ranges,
      CalibrationData judged,
      SignalToNoise metric) {
    NodeSelection nodes = NodeSelection.ALL.excluding(excluded.toArray(String[]::new));
    return switch (method) {
      case STATIC -> inIntegers(console, given, ranges, judged, metric);
      case DYNAMIC -> shown(console, DynamicQuantization.of().withNodes(nodes).quantize(given));
      case WEIGHTS -> shown(console, weights().withNodes(nodes).quantize(given));
    };
  }

  private WeightOnlyQuantization weights() {
    WeightOnlyQuantization all = WeightOnlyQuantization.of(bits).withBlockSize(block);
    return zeroPoints ? all.withZeroPoints() : all;
  }

  private Model shown(Console console, QuantizedModel result) {
    console.results(result.report().toString());
    figures.put("weights", result.report().weights());
    return result.model();
  }

  private Model inIntegers(
      Console console,
      Model given,
      CalibrationData ranges,
      CalibrationData judged,
      SignalToNoise metric) {
    QuantizationOptions options =
        (switch (rules) {
              case CPU -> QuantizationOptions.cpu();
              case TENSORRT -> QuantizationOptions.tensorRt();
              case QNN -> QuantizationOptions.qnn();
            })
            .exclude(excluded.toArray(String[]::new));
    CalibratedModel calibrated =
        Quantizer.of(given).withCounts().calibrate(ranges.batches(), calibration.calibration());
    List<String> odd = calibrated.notFinite();
    if (!odd.isEmpty()) {
      console.result(
          "NaN or infinite numbers came up in %d values, from %s on; what computes with them stays"
              + " in float",
          odd.size(), odd.get(0));
    }
    StaticQuantization.Quantized result;
    if (signal == null) {
      result = calibrated.quantize(options);
      console.results(result.report().toString());
    } else {
      MixedPrecision.Found mixed = MixedPrecision.of(calibrated, options, metric).reach(signal);
      console.results(mixed.toString());
      result = mixed.quantized();
      options =
          options.exclude(
              mixed.kept().stream().map(MixedPrecision.Layer::node).toArray(String[]::new));
    }
    tell(console, calibrated, result, options, judged);
    return result.model();
  }

  /** What layers lose, and between which numbers values are stored. */
  private void tell(
      Console console,
      CalibratedModel calibrated,
      StaticQuantization.Quantized result,
      QuantizationOptions options,
      CalibrationData judged) {
    figures.put("nodes", result.report().nodes());
    if (layerExamples > 0) {
      layers = calibrated.layers(options, OrtBackend.cpu(), judged.first(layerExamples));
      console.results(LayerError.table(layers));
      figures.put("layers", layers);
    }
    values = calibrated.observed(result);
    console.results(ObservedValue.table(values));
    figures.put("values", values);
  }

  /** What both models give and how long they take. */
  private void compare(
      Console console,
      PreparedModel first,
      PreparedModel second,
      CalibrationData judged,
      SignalToNoise metric) {
    signalToNoise = metric.of(second);
    console.result("Signal to noise of the outputs: %.1f dB", signalToNoise);
    figures.put("signalToNoise", signalToNoise);
    OptionalDouble right = accuracy(first, judged);
    if (right.isPresent()) {
      double now = accuracy(second, judged).orElseThrow();
      console.result("Accuracy: %.4f -> %.4f", right.getAsDouble(), now);
      figures.put("accuracy", List.of(right.getAsDouble(), now));
      compared.add(new QuantizeReport.Compared("accuracy", right.getAsDouble(), now));
    }
    double[] times = times(first, second, judged.batches().get(0));
    console.result("Time of a batch: %.2f ms -> %.2f ms", times[0], times[1]);
    figures.put("milliseconds", List.of(times[0], times[1]));
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
