package dev.sardonyx.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;

/** Trainings in processes of their own that die in the middle, as if killed. */
final class KilledTraining {
  private static final int STATUS = 9;

  private KilledTraining() {}

  /** Ends the process when its second epoch has seen so many images. */
  static TrainingProgress dyingInSecondEpochAfter(int images) {
    return new TrainingProgress() {
      @Override
      public void batchDone(Step step) {
        if (step.epoch() == 2 && step.images() >= images) {
          Runtime.getRuntime().halt(STATUS);
        }
      }
    };
  }

  /** Runs a main class with the checkpoint's folder as its argument, and waits for its death. */
  static void run(Class<?> victim, Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                victim.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(STATUS, process.waitFor(), output);
  }
}
