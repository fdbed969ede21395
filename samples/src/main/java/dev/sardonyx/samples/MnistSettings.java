package dev.sardonyx.samples;

import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.samples.plan.OutputPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sardonyx mnist} is asked to do.
 *
 * @param network a name that {@link dev.sardonyx.ir.nn.Networks} knows
 * @param data folder of an IDX data set; null for the MNIST inside
 * @param limit at most so many training images and so many test images; null for all
 * @param classes how many there are; null to take one more than the largest label
 * @param learningRate step width of Adam
 * @param seed decides first weights and the order of the images
 * @param checkpoint folder for the state of the training after each epoch; null for none
 * @param resume whether to go on from what is in that folder
 * @param output the ONNX file to write
 * @param accelerator a name that {@link dev.sardonyx.runtime.session.Accelerator#of} takes
 * @param tolerance what may differ between the two runtimes
 */
record MnistSettings(
    String network,
    @Nullable Path data,
    @Nullable Integer limit,
    @Nullable Integer classes,
    int epochs,
    int batchSize,
    double learningRate,
    long seed,
    @Nullable Path checkpoint,
    boolean resume,
    Path output,
    String accelerator,
    Tolerance tolerance) {
  private static final double VALIDATION_SHARE = 0.1;

  /** The job that does it. */
  TrainSetup setup() {
    return new TrainSetup(
        this,
        network,
        console -> images(),
        data ->
            Networks.named(network)
                .withImage(
                    data.task().example().get(0),
                    data.task().example().get(1),
                    data.task().example().get(2))
                .withClasses(data.task().outputs())
                .build(seed),
        (training, data) ->
            training
                .epochs(epochs)
                .batchSize(batchSize)
                .learningRate(learningRate)
                .seed(seed)
                .validationShare(VALIDATION_SHARE),
        new TrainSetup.Learning(epochs, batchSize, "Adam " + learningRate, seed, VALIDATION_SHARE),
        kept(),
        new OutputPlan(output, Optional.empty(), Optional.empty()),
        accelerator,
        tolerance);
  }

  KeptTraining kept() {
    return new KeptTraining(
        checkpoint, resume, "run the same command with --checkpoint %s --resume");
  }

  private LearningData images() throws IOException {
    return IdxData.read(
        Optional.ofNullable(data),
        Optional.ofNullable(limit),
        Optional.ofNullable(classes),
        List.of(),
        Optional.empty());
  }
}
