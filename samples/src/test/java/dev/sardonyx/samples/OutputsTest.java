package dev.sardonyx.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.nn.Networks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What commands write harms no other file, and nothing of it is lost without a word. */
final class OutputsTest {
  @TempDir private Path folder;

  private Path model() throws IOException {
    Model model = Networks.named("seed").withImage(1, 12, 12).withClasses(4).build(1);
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model, file);
    return file;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static Object[] with(String[] words, Object... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
  }

  private void assertRefused(CommandRun run, String option, Path file) {
    run.expect(2);
    assertTrue(run.err().contains(option) && run.err().contains(file.toString()), run.toString());
  }

  @Test
  void oneOutputDoesNotOverwriteTheOther() throws IOException {
    Path file = folder.resolve("x");
    assertRefused(CommandRun.of("mnist", "--output", file, "--json", file), "--json", file);
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("x"));
    assertRefused(CommandRun.of("mnist", "--output", file, "--json", link), "--json", link);
    assertEquals(List.of("link"), names());
    String[] suite = {"conformance", "--filter", "test_abs"};
    assertRefused(CommandRun.of(with(suite, "--json", file, "--report", file)), "--report", file);
    assertRefused(CommandRun.of(with(suite, "--junit", file, "--report", link)), "--report", link);
    assertRefused(CommandRun.of(with(suite, "--compare", file, "--json", link)), "--json", link);
    Path model = model();
    assertRefused(CommandRun.of("verify", "--json", file, "--view", link, model), "--view", link);
    CommandRun.of("verify", "--save", file, "--reduce", file, model).expect(2);
    CommandRun full = CommandRun.of("verify", "--save", folder, model).expect(1);
    assertEquals("", full.out(), "refused before the model is verified");
    assertEquals("sardonyx: " + folder + ": is not empty; name a new folder\n", full.err());
    assertEquals(List.of("link", "m.onnx"), names());
  }

  @Test
  void anOutputDoesNotOverwriteAnInput() throws IOException {
    Path model = model();
    byte[] before = Files.readAllBytes(model);
    assertRefused(CommandRun.of("verify", "--json", model, model), "--json", model);
    assertRefused(CommandRun.of("conformance", "--json", model, model), "--json", model);
    assertEquals(-1, Files.mismatch(model, Files.write(folder.resolve("before"), before)));
    Path data = IdxFiles.write(folder.resolve("data"), 20, 10, true);
    Path images = data.resolve("train-images-idx3-ubyte.gz");
    assertRefused(CommandRun.of("mnist", "--data", data, "--json", images), "--json", images);
    assertRefused(CommandRun.of("mnist", "--data", data, "--output", images), "--output", images);
    Path kept = Files.createDirectory(folder.resolve("run")).resolve("checkpoint.zip");
    for (String option : List.of("--output", "--json")) {
      assertRefused(
          CommandRun.of("mnist", "--checkpoint", kept.getParent(), option, kept), option, kept);
    }
  }

  /** Whatever option names it, and the files that a model's weights lie in. */
  @Test
  void anOutputDoesNotOverwriteWhatIsReadBesideTheModel() throws IOException {
    Path model = model();
    Path given = folder.resolve("x.npy");
    String input = "--input=image=" + given;
    CommandRun.of("run", model, "--output", "probabilities=" + given).expect(0);
    Path labels = Files.writeString(folder.resolve("labels.json"), "a\nb\nc\nd\n");
    Path data = Files.createDirectory(folder.resolve("data"));
    Path example = Files.copy(given, data.resolve("1.npy"));
    Path split = Files.createDirectory(folder.resolve("split")).resolve("m.onnx");
    OnnxWriter.write(Networks.named("seed").build(1), split, ExternalData.beside());
    Path weights = ExternalData.filesOf(split).iterator().next();
    Path small = folder.resolve("small.onnx");
    String to = "--output=probabilities=";
    assertRefused(CommandRun.of("run", model, input, to + given), "--output", given);
    assertRefused(
        CommandRun.of("run", model, "--top", 1, "--labels", labels, to + labels),
        "--output",
        labels);
    assertRefused(CommandRun.of("bench", model, input, "--json", given), "--json", given);
    assertRefused(CommandRun.of("verify", model, input, "--report", given), "--report", given);
    assertRefused(
        CommandRun.of("quantize", model, small, "--data", data, "--json", example),
        "--json",
        example);
    assertRefused(CommandRun.of("inspect", split, "--json", weights), "--json", weights);
    assertRefused(
        CommandRun.of("inspect", "--no-weights", split, "--json", weights), "--json", weights);
    assertRefused(CommandRun.of("diff", split, model, "--json", weights), "--json", weights);
    assertRefused(CommandRun.of("verify", model, split, "--report", weights), "--report", weights);
    CommandRun.of("check", split).expect(0);
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Path model = model();
    Path none = folder.resolve("none");
    Path small = folder.resolve("small.onnx");
    CommandRun missing = CommandRun.of("quantize", model, small, "--data", none).expect(1);
    assertEquals("sardonyx: " + none + ": does not exist\n", missing.err());
    String wrong = "sardonyx: " + model + ": is a file, not a folder\n";
    assertEquals(
        wrong.replace("folder", "folder of examples"),
        CommandRun.of("quantize", model, small, "--data", model).err());
    assertEquals(wrong, CommandRun.of("edit", "--strip", "docs", model, "--into", model).err());
    assertEquals(wrong, CommandRun.of("man", model).err());
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "pipes are Linux's")
  void whoReadsNoFurtherIsNoFailure() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Sardonyx.class.getName(),
                "inspect",
                "--text",
                model().toString())
            .directory(folder.toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertEquals('<', process.getInputStream().read());
    process.getInputStream().close();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "it does not end");
    assertEquals("", Files.readString(folder.resolve("err")));
    assertEquals(0, process.exitValue());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such permissions")
  void permissionsAreRespected() throws IOException {
    Path model = model();
    Path json = Files.writeString(folder.resolve("x.json"), "old");
    Files.setPosixFilePermissions(json, PosixFilePermissions.fromString("rw-------"));
    CommandRun.of("verify", "--json", json, model).expect(0);
    assertTrue(Files.readString(json).startsWith("["));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(json)));
    Files.writeString(json, "old");
    Files.setPosixFilePermissions(json, PosixFilePermissions.fromString("r--r--r--"));
    CommandRun run = CommandRun.of("verify", "--json", json, model).expect(1);
    assertEquals("sardonyx: " + json + ": is write-protected\n", run.err());
    assertEquals("old", Files.readString(json));
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the devices are Linux's")
  void devicesStayDevices() throws IOException {
    Path model = model();
    CommandRun.of("verify", "--json", "/dev/null", model).expect(0);
    assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    CommandRun full = CommandRun.of("verify", "--json", "/dev/full", model).expect(1);
    assertEquals("sardonyx: /dev/full: cannot be written: No space left on device\n", full.err());
    CommandRun output = CommandRun.of("mnist", "--output", "/dev/null").expect(1);
    assertTrue(output.err().contains("/dev/null: is a device"), output.toString());
  }

  /** Runs the command line in a JVM of its own, for the sake of its standard output. */
  private CommandRun main(File out, Object... arguments) throws Exception {
    Path err = folder.resolve("err.txt");
    List<String> command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Sardonyx.class.getName()),
                Stream.of(arguments).map(Object::toString))
            .toList();
    Process process =
        new ProcessBuilder(command).redirectOutput(out).redirectError(err.toFile()).start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES));
    return new CommandRun(process.exitValue(), "", Files.readString(err, UTF_8));
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the devices are Linux's")
  void whatStandardOutputDoesNotTakeIsToldAndFails() throws Exception {
    Path model = model();
    File full = new File("/dev/full");
    CommandRun text = main(full, "inspect", "--text", model).expect(1);
    assertEquals(
        "sardonyx: standard output: cannot be written: No space left on device\n", text.err());
    assertEquals(text, main(full, "--help"));
    Path out = folder.resolve("out.txt");
    assertEquals("", main(out.toFile(), "inspect", model).expect(0).err());
    assertTrue(Files.readString(out).contains("Parameters: "));
  }
}
