package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What went wrong with standard output, in whatever language the system says it. */
final class StandardOutputTest {
  private static final String GERMAN = "Datenübergabe unterbrochen";

  private static StandardOutput failing(boolean isPipe) {
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(GERMAN);
          }
        };
    StandardOutput standard = new StandardOutput(out, () -> isPipe);
    standard.write('x');
    return standard;
  }

  @Test
  void aReaderThatGoesIsNoFailureAndAFullDiskIs() throws IOException {
    failing(true).requireComplete();
    String message =
        assertThrows(IOException.class, () -> failing(false).requireComplete()).getMessage();
    assertEquals("standard output: cannot be written: " + GERMAN, message);
    new StandardOutput(OutputStream.nullOutputStream(), () -> false).requireComplete();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no named pipes in its folders")
  void pipesAreTold(@TempDir Path folder) throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    assertTrue(StandardOutput.isPipe(pipe));
    assertFalse(StandardOutput.isPipe(Files.createFile(folder.resolve("file"))));
    assertFalse(StandardOutput.isPipe(Path.of("/dev/null")));
    assertFalse(StandardOutput.isPipe(folder.resolve("none")));
  }
}
