package dev.sardonyx.samples;

import static org.nd4j.linalg.schedule.ScheduleType.EPOCH;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.training.ImageAugmentation;
import dev.sardonyx.training.TensorBoard;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import dev.sardonyx.training.data.IdxFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ExponentialSchedule;

/** The README's example of a training that survives being interrupted. */
public final class LongTraining {
  private LongTraining() {}

  /**
   * Trains a classifier of images in four classes.
   *
   * @param args an ONNX file, a folder of images in MNIST's files, one for checkpoints, and the
   *     ONNX file to write
   */
  public static void main(String[] args) throws IOException {
    IdxFolder images = IdxFolder.of(Path.of(args[1]));
    Path folder = Path.of(args[2]);
    Training training =
        Training.of(OnnxReader.read(Path.of(args[0])))
            .epochs(2)
            .seed(7) // the same seed gives the same weights, bit by bit
            .updater(new Adam(new ExponentialSchedule(EPOCH, 1e-3, 0.9)))
            .l2(1e-4)
            .clipByNorm(1)
            .classWeights(1, 1, 5, 1)
            .augmentation(ImageAugmentation.NONE.shift(2).flip())
            .validationShare(0.1)
            .earlyStopping(3)
            .checkpoint(folder)
            .checkpointEvery(Duration.ofMinutes(5))
            .progress(TensorBoard.in(folder.resolve("events")));
    TrainingResult result = training.run(images.train());
    // After a kill, from where it was, to where it would have come: training.resume(folder)
    System.out.println(result.evaluate(images.test()));
    OnnxExport.of(result.model()).write(Path.of(args[3]));
  }
}
