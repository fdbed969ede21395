package dev.sardonyx.samples;

import dev.sardonyx.export.quantize.DynamicQuantization;
import dev.sardonyx.export.quantize.NodeSelection;
import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.StaticQuantization;
import dev.sardonyx.export.quantize.WeightOnlyQuantization;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.quantize.CalibratedModel;
import dev.sardonyx.runtime.quantize.Calibration;
import dev.sardonyx.runtime.quantize.LayerError;
import dev.sardonyx.runtime.quantize.MixedPrecision;
import dev.sardonyx.runtime.quantize.Quantizer;
import dev.sardonyx.runtime.quantize.SignalToNoise;
import dev.sardonyx.samples.ChangedFiles.Changed;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPage;
import dev.sardonyx.samples.report.ReportSection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sardonyx quantize}: models in integers, and what that costs and gains. */
@Command(
    name = "quantize",
    description = {
      "Stores and computes models in 8 bits, or their weights in 8 or 4, and tells what that costs and"
          + " gains.",
      "Exit status: 0 written, 1 failed (the others are written), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class QuantizeCommand implements Callable<Integer> {
  /** What is in integers. */
  private enum Method {
    /** All that the target computes in them, with ranges found on data. */
    STATIC,
    /** Products, with ranges found in every run. */
    DYNAMIC,
    /** Weights alone. */
    WEIGHTS
  }

  /** The options that say something about one method alone. */
  private static final Map<String, Method> OPTIONS =
      Collections.unmodifiableMap(
          new TreeMap<>(
              Map.of(
                  "--bits", Method.WEIGHTS,
                  "--block", Method.WEIGHTS,
                  "--zero-points", Method.WEIGHTS,
                  "--calibration", Method.STATIC,
                  "--for", Method.STATIC,
                  "--signal", Method.STATIC)));

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

  @Mixin private ChangedFiles files;

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

  @Mixin private ReportOption report;

  /** What the report says of the files that were quantised. */
  private final List<Remark> verdicts = new ArrayList<>();

  private final List<ReportSection> sections = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    requireValid();
    List<Path> exampleFiles = data == null ? List.of() : CalibrationData.files(data);
    files.requireWritable(spec, exampleFiles);
    List<Path> others = new ArrayList<>(files.all());
    others.addAll(exampleFiles);
    ResultFile.requireWritable(spec, others, report);
    int status = files.write(spec, this::tried);
    report.write(this::page);
    return status;
  }

  private Changed tried(Console console, Path file) throws IOException {
    try {
      return changed(console, file);
    } catch (IOException | RuntimeException | Error e) {
      verdicts.add(Remark.of(false, Failures.message(e, file)));
      throw e;
    }
  }

  private Changed changed(Console console, Path file) throws IOException {
    Model given = Checker.require(ModelArgument.read(spec, file));
    CalibrationData ranges =
        data == null
            ? new CalibrationData(madeUp(given), List.of())
            : CalibrationData.forRanges(data, given, examples);
    CalibrationData judged =
        data == null ? ranges : CalibrationData.forJudging(data, given, examples, ranges);
    if (files.inputs().size() > 1) {
      console.result("%s", file);
    }
    QuantizeFigures figures = new QuantizeFigures(console);
    try (PreparedModel first = OrtBackend.cpu().prepare(given)) {
      SignalToNoise metric = SignalToNoise.of(OrtBackend.cpu(), first, judged.batches());
      Model small = Checker.require(quantized(figures, given, ranges, judged, metric));
      try (PreparedModel second = OrtBackend.cpu().prepare(small)) {
        figures.compare(first, second, judged, metric);
      }
      // Written only now, for a model that does not run is not.
      return new Changed(
          given,
          Optional.of(small),
          figures.told(),
          (before, after) -> {
            figures.sizes(before, after);
            show(file, figures.report());
          });
    }
  }

  private void show(Path file, QuantizeReport quantized) {
    boolean several = files.inputs().size() > 1;
    String name = several ? StandardStreams.input(file) + ": " : "";
    verdicts.add(Remark.of(name + quantized.verdict()));
    sections.addAll(quantized.sections(name));
  }

  private ReportPage page() throws IOException {
    List<ReportSection> all = new ArrayList<>(sections);
    all.add(RunEnvironment.section(spec, files.models()));
    Path only = files.inputs().get(0);
    String name =
        files.inputs().size() > 1
            ? Count.of(files.inputs().size(), "model")
            : StandardStreams.isMeant(only) ? "model" : String.valueOf(only.getFileName());
    return new ReportPage(name + " quantised", verdicts, all);
  }

  private void requireValid() {
    Requirement.on(spec, bits == 4 || bits == 8, "--bits", bits, "4 or 8");
    boolean isBlock = block >= 16 && block <= 256 && Integer.bitCount(block) == 1;
    Requirement.on(spec, isBlock, "--block", block, "16, 32, 64, 128 or 256");
    Requirement.on(spec, examples >= 1, "--examples", examples, "1 or more");
    Requirement.on(spec, layerExamples >= 0, "--layer-examples", layerExamples, "0 or more");
    if (method == Method.STATIC && data == null) {
      throw new ParameterException(
          spec.commandLine(), "--method static finds ranges on data: name a folder with --data");
    }
    for (Map.Entry<String, Method> option : OPTIONS.entrySet()) {
      if (method != option.getValue() && Failures.isTyped(spec, option.getKey())) {
        String only = option.getValue().name().toLowerCase(Locale.ROOT);
        throw new ParameterException(
            spec.commandLine(), option.getKey() + " goes with --method " + only);
      }
    }
  }

  private static List<Map<String, Datum>> madeUp(Model model) {
    return List.of(MadeUpInputs.of(model, Map.of(), 1), MadeUpInputs.of(model, Map.of(), 2));
  }

  private Model quantized(
      QuantizeFigures figures,
      Model given,
      CalibrationData ranges,
      CalibrationData judged,
      SignalToNoise metric) {
    NodeSelection nodes = NodeSelection.ALL.excluding(excluded.toArray(String[]::new));
    return switch (method) {
      case STATIC -> inIntegers(figures, given, ranges, judged, metric);
      case DYNAMIC -> figures.weights(DynamicQuantization.of().withNodes(nodes).quantize(given));
      case WEIGHTS -> figures.weights(weights().withNodes(nodes).quantize(given));
    };
  }

  private WeightOnlyQuantization weights() {
    WeightOnlyQuantization all = WeightOnlyQuantization.of(bits).withBlockSize(block);
    return zeroPoints ? all.withZeroPoints() : all;
  }

  private Model inIntegers(
      QuantizeFigures figures,
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
    figures.notFinite(calibrated.notFinite());
    StaticQuantization.Quantized result;
    Object found;
    if (signal == null) {
      result = calibrated.quantize(options);
      found = result.report();
    } else {
      MixedPrecision.Found mixed = MixedPrecision.of(calibrated, options, metric).reach(signal);
      found = mixed;
      result = mixed.quantized();
      options =
          options.exclude(
              mixed.kept().stream().map(MixedPrecision.Layer::node).toArray(String[]::new));
    }
    List<LayerError> layers =
        layerExamples == 0
            ? List.of()
            : calibrated.layers(options, OrtBackend.cpu(), judged.first(layerExamples));
    figures.nodes(found, result.report(), layers, calibrated.observed(result));
    return result.model();
  }
}
