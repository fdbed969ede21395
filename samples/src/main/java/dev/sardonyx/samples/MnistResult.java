package dev.sardonyx.samples;

import dev.sardonyx.runtime.VerificationReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sardonyx mnist} found, in the form of its JSON file.
 *
 * @param version Sardonyx's own
 * @param passed whether the verification passed
 */
record MnistResult(
    String version,
    MnistSettings settings,
    MnistResult.DataSet data,
    MnistResult.NetworkSummary network,
    MnistResult.TrainingSummary training,
    MnistResult.Test test,
    MnistResult.Export export,
    MnistResult.Run run,
    VerificationReport verification,
    boolean passed) {

  /** The images: how many, of which size, and how many classes. */
  record DataSet(
      String source, int training, int test, int channels, int height, int width, int classes) {}

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

  /** Loss and accuracy of the trained network on the test images. */
  record Test(long images, double loss, double accuracy) {}

  /** The file. */
  record Export(String file, long bytes, long irVersion, long opset) {}

  /** ONNX Runtime's results on the test images. */
  record Run(
      String backend,
      String accelerator,
      List<RefusedAccelerator> refused,
      long images,
      double accuracy,
      double seconds,
      double imagesPerSecond) {}

  /** An accelerator that was not taken. */
  record RefusedAccelerator(String accelerator, String reason) {}
}
