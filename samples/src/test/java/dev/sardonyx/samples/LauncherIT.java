package dev.sardonyx.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The application folder's launcher, as a user calls it. */
final class LauncherIT {
  private static final Path LAUNCHER = Path.of(System.getProperty("launcher"));

  @TempDir private Path folder;

  private Process start(Path launcher, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectOutput(folder.resolve("out.txt").toFile());
    builder.redirectError(folder.resolve("err.txt").toFile());
    return builder.start();
  }

  private CommandRun run(Path launcher, String... arguments)
      throws IOException, InterruptedException {
    Process process = start(launcher, arguments);
    assertTrue(process.waitFor(10, TimeUnit.MINUTES), "the command does not end");
    return new CommandRun(
        process.exitValue(),
        Files.readString(folder.resolve("out.txt"), UTF_8),
        Files.readString(folder.resolve("err.txt"), UTF_8));
  }

  @Test
  void theMainJobRunsFromAnyFolder() throws IOException, InterruptedException {
    CommandRun run = run(LAUNCHER, "mnist", "--limit", "200").expect(0);
    assertTrue(run.out().contains("Test accuracy: 0."), run.toString());
    assertTrue(run.out().contains("PASS"), run.toString());
    assertEquals("", run.err(), "no warning of the JVM or a library");
    assertTrue(Files.size(folder.resolve("model.onnx")) > 1_000_000, "model.onnx is here");
    CommandRun check = run(LAUNCHER, "check", "model.onnx").expect(0);
    assertEquals("model.onnx: valid", check.out().strip());
  }

  @Test
  void theOnnxSuiteIsInTheApplication() throws IOException, InterruptedException {
    CommandRun run = run(LAUNCHER, "conformance", "--quiet", "--filter", "node/test_relu");
    assertTrue(run.expect(0).out().contains("PASS: "), run.toString());
    assertEquals("", run.err());
  }

  @Test
  void failureIsTheExitStatus() throws IOException, InterruptedException {
    CommandRun run = run(LAUNCHER, "mnist", "--data", "nowhere").expect(1);
    assertEquals(1, run.err().lines().count(), run.toString());
    run(LAUNCHER, "mnist", "--epochs", "none").expect(2);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need rights there")
  void aLinkToTheLauncherWorks() throws IOException, InterruptedException {
    Path link = Files.createSymbolicLink(folder.resolve("sx"), LAUNCHER);
    assertTrue(run(link, "--version").expect(0).out().startsWith("sardonyx "));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no Ctrl-C for a child there")
  void interruptedItLeavesNothingBehind() throws IOException, InterruptedException {
    Path old = Files.writeString(folder.resolve("model.onnx"), "the older model");
    Process process = start(LAUNCHER, "mnist", "--limit", "30000");
    while (!Files.readString(folder.resolve("out.txt"), UTF_8).contains("Epoch 1/1")) {
      assertTrue(process.isAlive(), Files.readString(folder.resolve("err.txt"), UTF_8));
      Thread.sleep(100);
    }
    // What Ctrl-C does, but for the name of the signal.
    process.destroy();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES), "the command does not end");
    assertFalse(process.exitValue() == 0);
    assertEquals("the older model", Files.readString(old));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of("err.txt", "model.onnx", "out.txt"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }
}
