package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.runtime.Tolerance;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training is never lost: it goes on after an interruption, and outlives a failed export. */
final class KeptTrainingTest {
  @TempDir private Path folder;
  private Path data;

  @BeforeEach
  void writeImages() throws IOException {
    data = IdxFiles.write(folder.resolve("data"), 60, 20, false);
  }

  private CommandRun mnist(Path output, Object... more) {
    Object[] first = {
      "mnist", "--quiet", "--accelerator", "cpu", "--data", data, "--batch-size", 16, "--output"
    };
    Object[] all = Arrays.copyOf(first, first.length + 1 + more.length);
    all[first.length] = output;
    System.arraycopy(more, 0, all, first.length + 1, more.length);
    return CommandRun.of(all);
  }

  private Graph trained(String name, Object... options) throws IOException {
    Path output = folder.resolve(name);
    mnist(output, options).expect(0);
    return OnnxReader.read(output).graph();
  }

  @Test
  void aResumedTrainingGivesTheSameFile() throws IOException {
    Path kept = folder.resolve("kept");
    Graph whole = trained("whole.onnx", "--epochs", 2);
    Graph half = trained("half.onnx", "--epochs", 1, "--checkpoint", kept);
    assertFalse(whole.equals(half));
    Graph resumed = trained("resumed.onnx", "--epochs", 2, "--checkpoint", kept, "--resume");
    assertEquals(whole, resumed);
    CommandRun other =
        mnist(folder.resolve("m.onnx"), "--seed", 7, "--checkpoint", kept, "--resume").expect(1);
    assertTrue(other.err().contains("seed is 42, not 7"), other.toString());
  }

  /** Whatever ends the process, even the power: the plan goes on from the last state it kept. */
  @Test
  void aTrainingThatWasKilledGoesOn() throws Exception {
    Path plan = folder.resolve("plan.yaml");
    String text =
        """
        data: {idx: data}
        network: [flatten, dense: 8, relu]
        training: {epochs: 12, batch-size: 4%s}
        output: {model: %s.onnx}
        """;
    Files.writeString(plan, text.formatted(", checkpoint: killed, checkpoint-every: 3", "resumed"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Sardonyx.class.getName(),
                "train",
                "--accelerator",
                "cpu",
                plan.toString())
            .redirectOutput(folder.resolve("out.txt").toFile())
            .redirectErrorStream(true)
            .start();
    Path kept = folder.resolve("killed/checkpoint.zip");
    while (!Files.exists(kept)) {
      assertTrue(process.isAlive(), () -> read(folder.resolve("out.txt")));
      Thread.sleep(1);
    }
    process.destroyForcibly();
    assertTrue(process.waitFor() != 0);
    Path resumed = folder.resolve("resumed.onnx");
    assertFalse(Files.exists(resumed), "it was killed too late");
    String again = CommandRun.of("train", plan).expect(1).err();
    assertTrue(again.contains("keeps a training already; go on with it by --resume"), again);
    CommandRun.of("train", "-q", "--accelerator", "cpu", "--resume", plan).expect(0);
    Path whole = folder.resolve("whole.yaml");
    Files.writeString(whole, text.formatted("", "whole"));
    CommandRun.of("train", "-q", "--accelerator", "cpu", whole).expect(0);
    assertEquals(
        OnnxReader.read(folder.resolve("whole.onnx")).graph(), OnnxReader.read(resumed).graph());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Runs the job and takes the folder of its output away when the training is done. */
  private String failedExport(Path output, @Nullable Path kept) {
    StringWriter printed =
        new StringWriter() {
          @Override
          public void write(String text, int offset, int length) {
            super.write(text, offset, length);
            if (text.contains("Test accuracy")) {
              output.getParent().toFile().delete();
            }
          }
        };
    MnistSettings settings =
        new MnistSettings(
            "seed",
            data,
            null,
            null,
            1,
            16,
            0.001,
            42,
            kept,
            false,
            output,
            "cpu",
            Tolerance.DEFAULT);
    Console console = new Console(new PrintWriter(printed, true), true, false);
    return String.valueOf(
        assertThrows(IOException.class, () -> new TrainJob(settings.setup(), console).run())
            .getMessage());
  }

  @Test
  void aFailedExportLeavesTheTrainingAndSaysWhere() throws IOException {
    Path gone = Files.createDirectory(folder.resolve("gone"));
    String message = failedExport(gone.resolve("m.onnx"), null);
    assertTrue(message.contains(gone.toString()), message);
    Matcher options = Pattern.compile("--checkpoint (\\S+) --resume").matcher(message);
    assertTrue(options.find(), message);
    Path kept = Path.of(options.group(1));
    try {
      Graph resumed = trained("resumed.onnx", "--checkpoint", kept, "--resume");
      assertEquals(trained("whole.onnx"), resumed);
    } finally {
      Files.deleteIfExists(kept.resolve("checkpoint.zip"));
      Files.deleteIfExists(kept.resolve(".sardonyx-training.lock"));
      Files.deleteIfExists(kept);
    }
  }

  @Test
  void aFailedExportNamesTheFolderThatKeepsTheTrainingAnyway() throws IOException {
    Path gone = Files.createDirectory(folder.resolve("gone"));
    Path kept = folder.resolve("kept");
    Files.createDirectory(kept);
    String message = failedExport(gone.resolve("m.onnx"), kept);
    assertTrue(message.contains("--checkpoint " + kept + " --resume"), message);
    assertTrue(Files.exists(kept.resolve("checkpoint.zip")));
  }
}
