package dev.sardonyx.runtime.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever the checker calls valid does not end the process in ONNX Runtime. A small part of the
 * run that {@link MutantRuns} makes with other arguments; what longer ones found is among the
 * checker's faults.
 */
class NativeCrashTest {
  private static final int MUTANTS = 250;

  @TempDir private Path folder;

  @Test
  void whatIsValidDoesNotCrash() throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:ErrorFile=" + folder.resolve("hs_err.log"),
                "-cp",
                System.getProperty("java.class.path"),
                MutantRuns.class.getName(),
                "1000000",
                String.valueOf(MUTANTS))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(8, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    String last = lines.stream().filter(l -> l.startsWith("MUTANT")).reduce("", (a, b) -> b);
    assertTrue(ended, "does not end: " + last);
    assertEquals(0, process.exitValue(), "ended by " + last);
    assertTrue(lines.contains("DONE"), last);
    assertTrue(
        lines.stream().filter(l -> l.equals("  RUNS")).count() > MUTANTS / 10, "mutants run");
  }
}
