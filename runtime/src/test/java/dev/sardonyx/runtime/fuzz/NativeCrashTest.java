package dev.sardonyx.runtime.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever the checker calls valid does not end the process in ONNX Runtime. A small part of the
 * runs that {@link MutantRuns} and {@link EmptyAxisRuns} make with other arguments; what longer
 * ones found is among the checker's faults.
 */
class NativeCrashTest {
  private static final int MUTANTS = 250;

  /** Each of so many of the runs there are. */
  private static final int EMPTY_DISTANCE = 19;

  @TempDir private Path folder;

  @Test
  void whatIsValidDoesNotCrash() throws IOException, InterruptedException {
    List<String> lines = run(MutantRuns.class, "MUTANT", "1000000", String.valueOf(MUTANTS));
    assertTrue(
        lines.stream().filter(l -> l.equals("  RUNS")).count() > MUTANTS / 10, "mutants run");
  }

  @Test
  void noElementsDoNotCrash() throws IOException, InterruptedException {
    List<String> lines = run(EmptyAxisRuns.class, "RUN", "0", String.valueOf(EMPTY_DISTANCE));
    long runs = lines.stream().filter(l -> l.equals("  RUNS")).count();
    assertTrue(runs > 200, runs + " run");
  }

  /** Runs to the end in a process of its own, whose last title is told if it does not. */
  private List<String> run(Class<?> main, String title, String... arguments)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.add("-XX:ErrorFile=" + folder.resolve("hs_err.log"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(8, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    String last = lines.stream().filter(l -> l.startsWith(title)).reduce("", (a, b) -> b);
    assertTrue(ended, "does not end: " + last);
    assertEquals(0, process.exitValue(), "ended by " + last);
    assertTrue(lines.contains("DONE"), last);
    return lines;
  }
}
