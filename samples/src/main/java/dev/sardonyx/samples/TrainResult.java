package dev.sardonyx.samples;

import dev.sardonyx.runtime.VerificationReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sardonyx mnist} or {@code train} found, in the form of its JSON file.
 *
 * @param version Sardonyx's own
 * @param passed whether the verification passed
 */
record TrainResult(
    String version,
    Object settings,
    TrainResult.DataSet data,
    TrainResult.NetworkSummary network,
    TrainResult.TrainingSummary training,
    TrainResult.Test test,
    TrainResult.Export export,
    TrainResult.Run run,
    VerificationReport verification,
    boolean passed) {

  /**
   * The data: how many there are, and of what.
   *
   * @param channels of images, as are height and width
   * @param features numbers that a row of a table becomes
   * @param classes how many there are, if there are classes to tell
   * @param classNames if they have names
   * @param targets the columns to predict, if there are any
   */
  record DataSet(
      String source,
      int training,
      int test,
      @Nullable Integer channels,
      @Nullable Integer height,
      @Nullable Integer width,
      @Nullable Integer features,
      @Nullable Integer classes,
      @Nullable List<String> classNames,
      @Nullable List<String> targets) {}

  /** The network as its table shows it. */
  record NetworkSummary(String name, long parameters, List<Layer> layers) {}

  /** A layer of the network. */
  record Layer(String name, String operator, String output, long parameters) {}

  /** How the network learnt. */
  record TrainingSummary(List<Epoch> epochs, double seconds, double imagesPerSecond) {}

  /** One pass over the training images. */
  record Epoch(
      int epoch,
      long images,
      double loss,
      @Nullable Double validationLoss,
      @Nullable Double validationAccuracy,
      double seconds) {}

  /**
   * How the trained network does on the test data.
   *
   * @param images how many there are, rows of a table as well
   * @param accuracy if there are classes to tell
   * @param targets how near predictions are, if there are numbers to predict
   */
  record Test(
      long images, double loss, @Nullable Double accuracy, @Nullable List<TargetError> targets) {}

  /** The file. */
  record Export(String file, long bytes, long irVersion, long opset) {}

  /** ONNX Runtime's results on the test data. */
  record Run(
      String backend,
      String accelerator,
      List<RefusedAccelerator> refused,
      long images,
      @Nullable Double accuracy,
      @Nullable List<TargetError> targets,
      double seconds,
      double imagesPerSecond) {}

  /** An accelerator that was not taken. */
  record RefusedAccelerator(String accelerator, String reason) {}
}
