package dev.sardonyx.samples;

import dev.sardonyx.runtime.TextTable;
import dev.sardonyx.training.data.IdxFolder;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sardonyx depth}: compares networks with and without shortcuts. */
@Command(
    name = "depth",
    description = {
      "Trains plain and residual networks of rising depth on the same images, and tells how they"
          + " learn.",
      "With depth the plain ones learn worse; the residual ones do not. Takes minutes.",
      "Exit status: 0 trained, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class DepthCommand implements Callable<Integer> {
  private static final List<TextTable.Column> COLUMNS =
      List.of(
          TextTable.left("network"),
          TextTable.right("parameters"),
          TextTable.right("training loss"),
          TextTable.right("test loss"),
          TextTable.right("test accuracy"));

  @Spec private CommandSpec spec;

  @Option(
      names = "--depths",
      paramLabel = "N",
      split = ",",
      defaultValue = "8,20,44",
      description = "Layers of the networks, each 6 n + 2 (default: ${DEFAULT-VALUE}).")
  private List<Integer> depths;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of an IDX data set, as of the command mnist (default: MNIST).")
  private @Nullable Path data;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "8000",
      description = "Training images; a quarter as many for the test (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often to go through the images (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Mixin private StepOptions steps;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write the points of the curves, with a line for each.")
  private @Nullable Path csv;

  @Mixin private ReportOption report;

  @Override
  public Integer call() throws IOException {
    requireSettings();
    if (csv != null) {
      OutputFiles.requireWritable(spec, "--csv", csv, List.of());
    }
    ResultFile.requireWritable(spec, csv == null ? List.of() : List.of(csv), report);
    IdxFolder folder =
        data == null ? IdxFolder.ofResources(Sardonyx.class, "mnist") : IdxFolder.of(data);
    LabelledImages train = first(folder.train(), images);
    LabelledImages test = first(folder.test(), Math.max(1, images / 4));
    DepthStudy study =
        new DepthStudy(
            train,
            test,
            Images.classes(train, test, null),
            epochs,
            steps.batchSize(),
            steps.learningRate(),
            steps.seed());
    Console console = Console.of(spec);
    List<DepthStudy.Learnt> outcomes = new ArrayList<>();
    for (boolean residual : new boolean[] {false, true}) {
      for (int depth : depths) {
        DepthStudy.Learnt outcome = study.run(depth, residual);
        console.detail(
            "%s: test accuracy %.4f", outcome.name(), outcome.end().accuracy().orElseThrow());
        outcomes.add(outcome);
      }
    }
    if (csv != null) {
      OutputFiles.write(csv, csv(outcomes).getBytes(StandardCharsets.UTF_8));
    }
    console.results(TextTable.of(COLUMNS, outcomes.stream().map(DepthCommand::row).toList()));
    report.write(() -> DepthReport.of(outcomes, RunEnvironment.section(spec, List.of())));
    return 0;
  }

  private static LabelledImages first(LabelledImages all, int number) {
    return all.range(0, Math.min(number, all.size()));
  }

  private static String csv(List<DepthStudy.Learnt> outcomes) {
    StringBuilder text = new StringBuilder("network,depth,images,loss\n");
    for (DepthStudy.Learnt outcome : outcomes) {
      for (LossCurve.LossPoint point : outcome.curve()) {
        text.append(outcome.residual() ? "residual," : "plain,").append(outcome.depth());
        text.append(String.format(Locale.ROOT, ",%.0f,%.6f%n", point.examples(), point.loss()));
      }
    }
    return text.toString().replace("\r\n", "\n");
  }

  private static List<String> row(DepthStudy.Learnt outcome) {
    return List.of(
        outcome.name(),
        String.format(Locale.ROOT, "%,d", outcome.parameters()),
        number(outcome.lastLoss()),
        number(outcome.end().loss()),
        number(outcome.end().accuracy().orElseThrow()));
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%.4f", number);
  }

  private void requireSettings() {
    for (int depth : depths) {
      Requirement.on(
          spec,
          depth >= 8 && (depth - 2) % 6 == 0,
          "--depths",
          depth,
          "6 n + 2, such as 8, 20 or 44");
    }
    Requirement.on(spec, images >= 4, "--images", images, "4 or more");
    Requirement.on(spec, epochs >= 1, "--epochs", epochs, "1 or more");
    steps.require(spec, 2);
  }
}
