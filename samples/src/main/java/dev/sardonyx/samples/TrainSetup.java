package dev.sardonyx.samples;

import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.samples.plan.OutputPlan;
import dev.sardonyx.training.Training;
import java.io.IOException;

/**
 * What a training job is made of.
 *
 * @param settings what the user chose, for the JSON file
 * @param network what the network is called
 * @param data reads the data
 * @param builder makes the network for the data
 * @param trainer says how it learns
 * @param learning the same in numbers
 * @param kept where the state of the training goes
 * @param output the files to write
 * @param accelerator a name that {@link dev.sardonyx.runtime.session.Accelerator#of} takes
 * @param tolerance what may differ between the two runtimes
 */
record TrainSetup(
    Object settings,
    String network,
    DataReader data,
    NetworkBuilding builder,
    Trainer trainer,
    Learning learning,
    KeptTraining kept,
    OutputPlan output,
    String accelerator,
    Tolerance tolerance) {
  /** Reads the data. */
  @FunctionalInterface
  interface DataReader {
    LearningData read(Console console) throws IOException;
  }

  /** Makes the network. */
  @FunctionalInterface
  interface NetworkBuilding {
    Model build(LearningData data) throws IOException;
  }

  /** Sets all options of a training. */
  @FunctionalInterface
  interface Trainer {
    Training options(Training training, LearningData data) throws IOException;
  }

  /**
   * How a network learns.
   *
   * @param updater with its learning rate
   * @param validationShare held out at the end of the data
   */
  record Learning(int epochs, int batchSize, String updater, long seed, double validationShare) {}
}
