package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Checkpoints: a training goes on as if it had never been interrupted, or is refused. */
class ResumeTest {
  private static final LabelledImages IMAGES = Bars.images(96, 1);

  @TempDir Path folder;

  private static Training bars() {
    return Training.of(Bars.network(0.3f)).batchSize(16).learningRate(0.01).seed(9);
  }

  /** The main class of a process that dies in its second epoch, as if killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws IOException {
      bars()
          .epochs(3)
          .validationShare(0.2)
          .checkpoint(Path.of(args[0]))
          .progress(KilledTraining.dyingInSecondEpochAfter(32))
          .run(IMAGES);
    }
  }

  @Test
  void aSavedNetworkIsNoCheckpoint() throws IOException {
    Path file = folder.resolve(Training.CHECKPOINT_FILE);
    bars().epochs(1).run(IMAGES).save(file);
    Training training = bars().epochs(2).resume(folder);
    IOException refusal = assertThrows(IOException.class, () -> training.run(IMAGES));
    assertEquals(
        file + " is a saved network, not a checkpoint of a training that could go on",
        refusal.getMessage());
  }

  @Test
  void aKilledTrainingEndsWhereAnUninterruptedOneDoes() throws Exception {
    KilledTraining.run(Victim.class, folder);
    TrainingResult resumed = bars().epochs(3).validationShare(0.2).resume(folder).run(IMAGES);
    TrainingResult whole = bars().epochs(3).validationShare(0.2).run(IMAGES);
    assertEquals(whole.model(), resumed.model());
    assertEquals(
        whole.history().stream().map(EpochResult::validationLoss).toList(),
        resumed.history().stream().map(EpochResult::validationLoss).toList());
  }

  static Stream<Arguments> others() {
    return Stream.of(
        Arguments.of("seed is 9, not 10", bars().seed(10), IMAGES),
        Arguments.of("batch size is 16, not 32", bars().batchSize(32), IMAGES),
        Arguments.of("learningRate=0.02", bars().learningRate(0.02), IMAGES),
        Arguments.of("Nesterovs", bars().updater(new Nesterovs(0.01)), IMAGES),
        Arguments.of("beta1=0.8", bars().updater(new Adam(0.01, 0.8, 0.999, 1e-8)), IMAGES),
        Arguments.of("validation share is 0.0, not 0.5", bars().validationShare(0.5), IMAGES),
        Arguments.of("patience is 0, not 2", bars().validationShare(0.1).earlyStopping(2), IMAGES),
        Arguments.of("its data are others", bars(), Bars.images(96, 2)),
        Arguments.of("its data are others", bars(), IMAGES.limit(90)),
        Arguments.of(
            "another network",
            Training.of(Bars.network(0.4f)).batchSize(16).learningRate(0.01).seed(9),
            IMAGES));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("others")
  void anotherTrainingIsRefusedNamingWhatDiffers(
      String reason, Training other, LabelledImages images) throws IOException {
    bars().checkpoint(folder).run(IMAGES);
    String message =
        assertThrows(IOException.class, () -> other.epochs(2).resume(folder).run(images))
            .getMessage();
    assertTrue(message.contains(reason) && message.contains(Checkpoint.FILE_NAME), message);
  }

  @Test
  void aSettingThatOnlyOneOfThemKnowsIsADifference() {
    TrainingSettings older = new TrainingSettings(Map.of("seed", "9", "momentum", "0.5"));
    TrainingSettings newer = new TrainingSettings(Map.of("seed", "9", "warm-up", "3"));
    assertEquals(
        List.of("its momentum is 0.5, not absent", "its warm-up is absent, not 3"),
        older.differences(newer));
    assertEquals(List.of(), older.differences(older));
  }

  /** Weights in the middle of the second epoch would pass for those after the first. */
  @Test
  void whatHasBeenLearntIsNotTakenBack() throws IOException {
    TrainingProgress stopping =
        new TrainingProgress() {
          @Override
          public void batchDone(Step step) {
            if (step.epoch() == 2 && step.images() >= 48) {
              throw new IllegalStateException("stop");
            }
          }
        };
    Training killed = bars().epochs(3).checkpoint(folder).checkpointEvery(1).progress(stopping);
    assertThrows(IllegalStateException.class, () -> killed.run(IMAGES));
    assertEquals(
        folder.resolve(Checkpoint.FILE_NAME)
            + " is already beyond 1 epoch: it was written after epoch 1 and 2 batches of the next;"
            + " resume for at least 2 epochs",
        assertThrows(IOException.class, () -> bars().resume(folder).run(IMAGES)).getMessage());
    assertEquals(2, bars().epochs(2).resume(folder).run(IMAGES).history().size());
    assertEquals(
        folder.resolve(Checkpoint.FILE_NAME)
            + " is already beyond 1 epoch: it was written after epoch 2; resume for at least 2"
            + " epochs",
        assertThrows(IOException.class, () -> bars().resume(folder).run(IMAGES)).getMessage());
  }

  @Test
  void noFlippedBitAndNoCutIsResumed() throws IOException {
    bars().checkpoint(folder).run(IMAGES);
    Path file = folder.resolve(Checkpoint.FILE_NAME);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      // The last bytes are the checksum itself and the end of the zip's directory.
      int at = i < 100 ? damaged.length - 1 - i : random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, i % 10 == 9 ? java.util.Arrays.copyOf(whole, at) : damaged);
      String message =
          assertThrows(IOException.class, () -> Checkpoint.read(folder), "byte " + at).getMessage();
      assertTrue(message.contains(file.toString()) && message.contains("damaged"), message);
    }
    Files.write(file, whole);
    assertEquals(1, bars().resume(folder).run(IMAGES).history().size());
  }

  @Test
  void stockDl4jReadsACheckpointInSpiteOfItsChecksum() throws IOException {
    TrainingResult result = bars().checkpoint(folder).run(IMAGES);
    ComputationGraph read =
        ModelSerializer.restoreComputationGraph(
            folder.resolve(Checkpoint.FILE_NAME).toFile(), true);
    assertEquals(result.network().params(), read.params());
  }

  private static Training stopping() {
    return bars().learningRate(0.3).epochs(40).validationShare(0.5).earlyStopping(2);
  }

  @Test
  void theBestEpochIsSavedWithItsOwnUpdaterState() throws IOException {
    TrainingResult stopped = stopping().run(IMAGES);
    assertTrue(stopped.stoppedEarly() && stopped.epoch() < stopped.history().size());
    // The same training that ends with the best epoch.
    TrainingResult best = stopping().epochs(stopped.epoch()).run(IMAGES);
    Path file = folder.resolve("network.zip");
    stopped.save(file);
    ComputationGraph read = ModelSerializer.restoreComputationGraph(file.toFile(), true);
    assertEquals(best.network().params(), read.params());
    INDArray state = best.network().getUpdater().getStateViewArray();
    assertArrayEquals(state.toFloatVector(), read.getUpdater().getStateViewArray().toFloatVector());
    assertEquals(
        best.network().getConfiguration().getIterationCount(),
        read.getConfiguration().getIterationCount());
  }

  @Test
  void aResultKeepsItsCheckpointForLater() throws IOException {
    TrainingResult stopped = stopping().run(IMAGES);
    stopped.checkpoint(folder);
    TrainingResult again = stopping().resume(folder).run(IMAGES);
    assertEquals(stopped.model(), again.model());
    assertEquals(stopped.history(), again.history());
    assertEquals(stopped.epoch(), again.epoch());
    TrainingResult longer = bars().epochs(1).run(IMAGES);
    longer.checkpoint(folder);
    assertEquals(
        bars().epochs(2).run(IMAGES).model(), bars().epochs(2).resume(folder).run(IMAGES).model());
    assertEquals(List.of(Checkpoint.FILE_NAME), names());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(name -> !name.equals(".sardonyx-training.lock")) // which stays for the next
          .toList();
    }
  }
}
