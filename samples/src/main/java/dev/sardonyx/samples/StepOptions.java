package dev.sardonyx.samples;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of all commands that train: how large a step is, and what chance decides. */
final class StepOptions {
  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images a training step (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      defaultValue = "0.001",
      description = "Learning rate of Adam (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description =
          "Decides first weights and the order of the images; the same seed gives the same weights"
              + " (default: ${DEFAULT-VALUE}).")
  private long seed;

  /**
   * @throws ParameterException if the options are not valid
   */
  void require(CommandSpec spec, int smallestBatch) {
    Requirement.on(
        spec, batchSize >= smallestBatch, "--batch-size", batchSize, smallestBatch + " or more");
    Requirement.on(
        spec,
        (float) learningRate > 0 && (float) learningRate < Float.POSITIVE_INFINITY,
        "--learning-rate",
        learningRate,
        "a positive number below 3.4e38");
  }

  int batchSize() {
    return batchSize;
  }

  double learningRate() {
    return learningRate;
  }

  long seed() {
    return seed;
  }
}
