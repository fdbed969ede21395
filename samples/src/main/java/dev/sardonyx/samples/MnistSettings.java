package dev.sardonyx.samples;

import dev.sardonyx.runtime.Tolerance;
import java.nio.file.Path;
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
    Tolerance tolerance) {}
