package dev.sardonyx.samples;

import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.training.Training;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code sardonyx mnist}: a network from its description through training and export to
 * verification.
 */
@Command(
    name = "mnist",
    description = {
      "Trains a residual network on MNIST, exports it, runs it and verifies it.",
      "DL4J trains the network; ONNX Runtime runs the exported file, and every value it computes"
          + " is compared with the trained network's.",
      "Exit status: 0 verified, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class MnistCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "seed",
      completionCandidates = NetworkNames.class,
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of an IDX data set under MNIST's file names, gzipped or not"
              + " (default: the MNIST inside).")
  private @Nullable Path data;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Use only the first N training and N test images, for a quick run.")
  private @Nullable Integer limit;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Number of classes (default: one more than the largest label).")
  private @Nullable Integer classes;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often to go through the images (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Mixin private StepOptions steps;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description = "Keep the state of the training in a folder, after each epoch.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--resume",
      description =
          "Go on from the training kept in the folder of --checkpoint. But for --epochs, its"
              + " settings and data must be the same.")
  private boolean resume;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "model.onnx",
      description = "Where to export to (default: ${DEFAULT-VALUE} in the current folder).")
  private Path output;

  @Mixin private AcceleratorOption accelerator;

  @Mixin private ToleranceOptions tolerance;

  @Mixin private JsonOption json;

  @Mixin private ReportOption report;

  /** Names for the help text. */
  static final class NetworkNames implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return Networks.names().iterator();
    }
  }

  @Override
  public Integer call() throws Exception {
    MnistSettings settings = settings();
    requireOutputs();
    settings.kept().require();
    TrainReport found = new TrainJob(settings.setup(), Console.of(spec)).run();
    json.write(found.result());
    report.write(() -> found.page(spec));
    return found.result().passed() ? 0 : 1;
  }

  /** Fails before much time is spent, if the files cannot be written. */
  private void requireOutputs() throws IOException {
    List<Path> others = dataFiles();
    if (checkpoint != null && Files.isDirectory(checkpoint)) {
      others.add(checkpoint.resolve(Training.CHECKPOINT_FILE));
    }
    OutputFiles.requireOther(spec, "--output", output, others);
    OutputFiles.requireModelFile(output);
    others.add(output);
    ResultFile.requireWritable(spec, others, json, report);
  }

  private List<Path> dataFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    if (data != null && Files.isDirectory(data)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(data, "*idx?-ubyte*")) {
        found.forEach(files::add);
      }
    }
    return files;
  }

  private MnistSettings settings() {
    Requirement.on(
        spec, Networks.names().contains(network), "--network", network, "one of " + names());
    Requirement.on(spec, limit == null || limit >= 2, "--limit", limit, "2 or more");
    Requirement.on(spec, epochs >= 1, "--epochs", epochs, "1 or more");
    Requirement.on(spec, classes == null || classes >= 2, "--classes", classes, "2 or more");
    steps.require(spec, 1);
    if (resume && checkpoint == null) {
      throw new ParameterException(
          spec.commandLine(), "--resume goes on from a training kept by --checkpoint=DIR");
    }
    return new MnistSettings(
        network,
        data,
        limit,
        classes,
        epochs,
        steps.batchSize(),
        steps.learningRate(),
        steps.seed(),
        checkpoint,
        resume,
        output,
        accelerator.name(spec),
        tolerance.tolerance(spec));
  }

  private static String names() {
    return String.join(", ", Networks.names());
  }
}
