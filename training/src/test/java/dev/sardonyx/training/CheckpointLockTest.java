package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointLockTest {
  @TempDir private Path parent;

  private void assertTaken(Path folder) {
    String message =
        String.valueOf(
            assertThrows(IOException.class, () -> CheckpointLock.of(folder)).getMessage());
    assertTrue(
        message.startsWith(folder.toString()) && message.contains("another training"), message);
  }

  @Test
  void trainingsOfOneProgramTakeTurns() throws IOException {
    Path folder = parent.resolve("run");
    CheckpointLock first = CheckpointLock.of(folder);
    assertTaken(folder);
    assertTaken(parent.resolve("run/../run"));
    CheckpointLock.of(parent.resolve("other")).close();
    first.close();
    CheckpointLock.of(folder).close();
  }

  @Test
  void trainingsOfTwoProgramsTakeTurns() throws IOException, InterruptedException {
    Path folder = parent.resolve("run");
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    try {
      assertEquals('h', other.getInputStream().read());
      assertTaken(folder);
      other.destroyForcibly();
      assertTrue(other.waitFor(1, TimeUnit.MINUTES));
      CheckpointLock.of(folder).close();
    } finally {
      other.destroyForcibly();
    }
  }

  /** Holds the lock until it is killed. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (CheckpointLock lock = CheckpointLock.of(Path.of(arguments[0]))) {
        System.out.print("h");
        System.out.flush();
        while (System.in.read() >= 0) {
          // Waits.
        }
      }
    }
  }
}
