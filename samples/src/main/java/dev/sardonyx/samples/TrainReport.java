package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.LossCurve.LossPoint;
import dev.sardonyx.samples.report.DataTable;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.FactList;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPage;
import dev.sardonyx.samples.report.ReportPart;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.report.ShortNumber;
import dev.sardonyx.training.TrainingResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What {@code mnist} or {@code train} found, with what its report shows beyond the result.
 *
 * @param curve of the training loss
 * @param confusion of the exported model on the test data, if there are classes to tell
 * @param model as it was exported
 */
record TrainReport(
    TrainResult result,
    TrainSetup setup,
    TrainingResult trained,
    List<LossPoint> curve,
    Confusion confusion,
    LearningData data,
    Model model) {
  private static final int PROFILED_BATCH = 20;
  private static final int PROFILED_RUNS = 5;

  ReportPage page(CommandSpec command) throws IOException {
    List<ReportSection> sections = new ArrayList<>();
    sections.add(TrainingReport.section(data.unit(), trained.history(), curve, rates()));
    if (data.targets().isEmpty()) {
      sections.add(
          confusion.section(
              data.unit(),
              data instanceof ImageData images
                  ? example -> Images.picture(images.given(), example)
                  : null));
    }
    sections.add(VerifyReport.section("Verification", result.verification(), model));
    sections.add(placement());
    sections.add(network());
    sections.add(RunEnvironment.section(command, List.of(setup.output().model())));
    return new ReportPage(
        "%s trained on %s".formatted(setup.network(), result.data().source()),
        List.of(Remark.of(outcome()), VerifyReport.verdict(result.verification())),
        sections);
  }

  /** The learning rate of each epoch; NaN where the updater has none. */
  private List<Double> rates() {
    return trained.history().stream().map(epoch -> rate(epoch.epoch() - 1)).toList();
  }

  private double rate(int epoch) {
    for (Layer layer : trained.network().getLayers()) {
      if (layer.conf().getLayer() instanceof BaseLayer base && base.getIUpdater() != null) {
        return base.getIUpdater().getLearningRate(0, epoch);
      }
    }
    return Double.NaN;
  }

  private String outcome() {
    Double accuracy = result.run().accuracy();
    return accuracy == null
        ? "Test loss %s.".formatted(ShortNumber.of(result.test().loss()))
        : String.format(
            Locale.ROOT,
            "%.4f of %,d test %s are told right; test loss %s.",
            accuracy,
            result.run().images(),
            data.unit(),
            ShortNumber.of(result.test().loss()));
  }

  private ReportSection placement() throws IOException {
    int size = Math.min(PROFILED_BATCH, data.test().size());
    Map<String, Datum> batch = new LinkedHashMap<>(data.inputs(model, 0, size));
    ProviderPlacement placement =
        ProviderPlacement.of(
            model,
            SessionOptions.of(Accelerator.of(setup.accelerator())),
            Collections.nCopies(PROFILED_RUNS, batch));
    return new ReportSection("Placement", placement.parts(result.run().backend()));
  }

  private ReportSection network() {
    List<ReportPart> parts = new ArrayList<>();
    parts.add(facts());
    List<TargetError> errors = result.run().targets();
    if (errors != null) {
      parts.add(errors(errors));
    }
    parts.add(layers());
    return new ReportSection("Network and data", parts);
  }

  private FactList facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Data", result.data().source());
    facts.put(
        "Examples",
        String.format(
            Locale.ROOT,
            "%,d %s for training, %,d for the test, of %s",
            result.data().training(),
            data.unit(),
            result.data().test(),
            data.description()));
    facts.put("Batch size", String.valueOf(setup.learning().batchSize()));
    facts.put("Updater", setup.learning().updater());
    facts.put("Seed", String.valueOf(setup.learning().seed()));
    facts.put("Training", speed(result.training().seconds(), result.training().imagesPerSecond()));
    facts.put(
        result.run().backend(), speed(result.run().seconds(), result.run().imagesPerSecond()));
    result
        .run()
        .refused()
        .forEach(refused -> facts.put("Not " + refused.accelerator(), refused.reason()));
    facts.put("Parameters", ShortNumber.of(result.network().parameters()));
    return new FactList(facts);
  }

  private String speed(double seconds, double rate) {
    return String.format(
        Locale.ROOT, "%.1f s, %s %s/s", seconds, Progress.number(rate), data.unit());
  }

  private static DataTable errors(List<TargetError> errors) {
    return new DataTable(
        "Errors of predictions, in the units of the data",
        List.of(
            TableColumn.text("target"),
            TableColumn.number("RMSE"),
            TableColumn.number("MAE"),
            TableColumn.number("R2")),
        errors.stream()
            .map(
                error ->
                    TableRow.of(
                        List.of(
                            error.target(),
                            ShortNumber.of(error.rmse()),
                            ShortNumber.of(error.mae()),
                            error.r2() == null ? error.r2Text() : ShortNumber.of(error.r2()))))
            .toList());
  }

  private DataTable layers() {
    return new DataTable(
        "Layers",
        List.of(
            TableColumn.text("layer"),
            TableColumn.text("operator"),
            TableColumn.text("output"),
            TableColumn.number("parameters")),
        result.network().layers().stream()
            .map(
                layer ->
                    TableRow.of(
                        List.of(
                            layer.name(),
                            layer.operator(),
                            layer.output(),
                            ShortNumber.of(layer.parameters()))))
            .toList());
  }
}
