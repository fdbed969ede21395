package dev.sardonyx.samples;

import dev.sardonyx.ir.file.AtomicFile;
import dev.sardonyx.samples.plan.DataPlan;
import dev.sardonyx.samples.plan.LearningPlan;
import dev.sardonyx.samples.plan.TrainPlan;
import dev.sardonyx.training.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx train}: any network on any data, as a plan describes them. */
@Command(
    name = "train",
    description = {
      "Trains the network of a plan on its data, exports it, runs it and verifies it.",
      "The plan is a YAML file with the keys data, network, training and output; files that it names"
          + " are in its own folder. Data are IDX files, folders of images, one a class, or a CSV"
          + " file; the network is one by name, a list of layers, or one from a file.",
      "Exit status: 0 verified, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PLAN", description = "A YAML file.")
  private Path plan;

  @Option(
      names = "--resume",
      description =
          "Go on from the training kept in the plan's checkpoint. But for the number of epochs, its"
              + " settings and data must be the same.")
  private boolean resume;

  @Option(
      names = "--dry-run",
      description = "Read the plan and the data, show the network, and train and write nothing.")
  private boolean dryRun;

  @Mixin private AcceleratorOption accelerator;

  @Mixin private ToleranceOptions tolerance;

  @Mixin private JsonOption json;

  @Mixin private ReportOption report;

  /**
   * What the JSON file says of the settings.
   *
   * @param validation the share held out
   */
  private record Settings(
      Path plan,
      String network,
      int epochs,
      int batchSize,
      String updater,
      long seed,
      double validation,
      @Nullable Path checkpoint,
      boolean resume,
      String accelerator) {}

  @Override
  public Integer call() throws Exception {
    TrainPlan read = TrainPlan.read(plan);
    LearningPlan learning = read.training();
    Path checkpoint = learning.checkpoint().orElse(null);
    if (resume && checkpoint == null) {
      throw new ParameterException(
          spec.commandLine(),
          "--resume goes on from a training that was kept, and "
              + plan
              + " has no 'checkpoint' under 'training'");
    }
    requireOutputs(read);
    TrainJob job = new TrainJob(setup(read, checkpoint), Console.of(spec));
    if (dryRun) {
      job.rehearse();
      return 0;
    }
    new KeptTraining(checkpoint, resume, "").require();
    TrainReport found = job.run();
    json.write(found.result());
    report.write(() -> found.page(spec));
    return found.result().passed() ? 0 : 1;
  }

  private TrainSetup setup(TrainPlan read, @Nullable Path checkpoint) {
    LearningPlan learning = read.training();
    String runsOn = accelerator.name(spec);
    Settings settings =
        new Settings(
            plan,
            read.network().title(),
            learning.epochs(),
            learning.batchSize(),
            learning.title(),
            learning.seed(),
            learning.validation(),
            checkpoint,
            resume,
            runsOn);
    return new TrainSetup(
        settings,
        read.network().title(),
        console -> PlannedData.read(read.data(), learning.seed(), console),
        data ->
            read.network()
                .build(
                    data.task(),
                    learning.seed(),
                    file -> SourceKind.of(file).reader().read(file).model()),
        (training, data) -> options(training, read, data),
        new TrainSetup.Learning(
            learning.epochs(),
            learning.batchSize(),
            learning.title(),
            learning.seed(),
            learning.validation()),
        new KeptTraining(
            checkpoint,
            resume,
            "put 'checkpoint: %s' under 'training' and run the same command with --resume"),
        read.output(),
        runsOn,
        tolerance.tolerance(spec));
  }

  private static Training options(Training training, TrainPlan read, LearningData data)
      throws IOException {
    List<String> classes = data.classNames();
    if (classes.isEmpty() && data.targets().isEmpty()) {
      classes =
          Stream.iterate(0, i -> i + 1).limit(data.task().outputs()).map(String::valueOf).toList();
    }
    Training all =
        read.training().applyTo(training, data instanceof ImageData, classes, data.counts());
    List<String> frozen = read.network().frozenUntil();
    return frozen.isEmpty() ? all : all.freezeUntil(frozen.toArray(String[]::new));
  }

  /** Fails before much time is spent, if the files cannot be written. */
  private void requireOutputs(TrainPlan read) throws IOException {
    List<Path> others = new ArrayList<>(files(read));
    OutputFiles.requireOther(spec, "PLAN", read.output().model(), others);
    OutputFiles.requireModelFile(read.output().model());
    others.add(read.output().model());
    for (Optional<Path> file : List.of(read.output().dl4j(), read.output().history())) {
      if (file.isPresent()) {
        OutputFiles.requireOther(spec, "PLAN", file.get(), others);
        AtomicFile.requireWritable(file.get());
        others.add(file.get());
      }
    }
    ResultFile.requireWritable(spec, others, json, report);
  }

  /** Files that the job reads. */
  private List<Path> files(TrainPlan read) throws IOException {
    List<Path> files = new ArrayList<>(List.of(plan));
    read.network().source().ifPresent(files::add);
    if (read.data() instanceof DataPlan.Table table) {
      files.add(table.file());
      table.test().path().ifPresent(files::add);
    }
    if (read.data() instanceof DataPlan.Idx idx && idx.folder().isPresent()) {
      files.addAll(idxFiles(idx.folder().get()));
    }
    read.training()
        .checkpoint()
        .map(folder -> folder.resolve(Training.CHECKPOINT_FILE))
        .filter(Files::exists)
        .ifPresent(files::add);
    return files.stream().filter(Files::exists).toList();
  }

  private static List<Path> idxFiles(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(file -> file.toString().contains("-ubyte")).toList();
    }
  }
}
