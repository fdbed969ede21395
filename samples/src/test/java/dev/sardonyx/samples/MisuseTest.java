package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong is said in one line that names the culprit, and leaves no file behind. */
final class MisuseTest {
  @TempDir private Path folder;

  private CommandRun mnist(Object... more) {
    Object[] arguments = {"mnist", "--output", folder.resolve("m.onnx"), "--quiet"};
    Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return CommandRun.of(all);
  }

  /** Requires a failure told in one line that has all the words. */
  private void assertFails(CommandRun run, String... words) {
    run.expect(1);
    assertEquals(1, run.err().lines().count(), run.toString());
    assertTrue(run.err().startsWith("sardonyx: "), run.toString());
    for (String word : words) {
      assertTrue(run.err().contains(word), "'" + word + "' in " + run);
    }
    assertFalse(run.err().contains("Exception"), run.toString());
    assertFalse(Files.exists(folder.resolve("m.onnx")), "no file is left");
  }

  @ParameterizedTest
  @CsvSource({
    "--epochs,0",
    "--epochs,many",
    "--batch-size,-1",
    "--learning-rate,-0.5",
    "--learning-rate,NaN",
    "--limit,1",
    "--rtol,-1.0",
    "--atol,NaN",
    "--seed,x",
    "--network,resnet19",
    "--accelerator,abacus"
  })
  void nonsenseIsWrongUsage(String option, String value) {
    CommandRun run = mnist(option, value).expect(2);
    assertEquals("", run.out());
    String first = run.err().lines().findFirst().orElse("");
    assertTrue(first.contains(option) && first.contains("'" + value + "'"), run.toString());
    assertTrue(run.err().contains("Try 'sardonyx mnist --help'."), run.toString());
  }

  @Test
  void unknownOptionIsWrongUsage() {
    CommandRun run = mnist("--epoch", "1").expect(2);
    assertTrue(run.err().contains("--epoch"), run.toString());
  }

  @Test
  void noCommandIsWrongUsage() {
    CommandRun run = CommandRun.of().expect(2);
    assertTrue(run.err().contains("sardonyx --help"), run.toString());
  }

  @Test
  void networksAreListedForTheOneWhoMistypes() {
    assertTrue(mnist("--network", "sead").expect(2).err().contains("seed, projection"));
  }

  @Test
  void missingFolder() {
    Path missing = folder.resolve("nowhere");
    assertFails(mnist("--data", missing), missing.toString(), "train-images-idx3-ubyte");
  }

  @Test
  void truncatedImages() throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 20, 10, false);
    Path images = data.resolve("train-images-idx3-ubyte");
    Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 500));
    assertFails(mnist("--data", data), images.toString(), "truncated");
  }

  @Test
  void truncatedGzip() throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 20, 10, true);
    Path images = data.resolve("t10k-images-idx3-ubyte.gz");
    Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 300));
    assertFails(mnist("--data", data), images.toString(), "truncated");
  }

  @Test
  void wrongMagic() throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 20, 10, false);
    Path labels = data.resolve("t10k-labels-idx1-ubyte");
    byte[] bytes = Files.readAllBytes(labels);
    ByteBuffer.wrap(bytes).putInt(0, 0xCAFE);
    Files.write(labels, bytes);
    assertFails(mnist("--data", data), labels.toString(), "0x0000cafe");
  }

  @Test
  void moreLabelsThanImages() throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 20, 10, false);
    Path more = IdxFiles.write(folder.resolve("more"), 30, 10, false);
    String labels = "train-labels-idx1-ubyte";
    Files.move(
        more.resolve(labels),
        data.resolve(labels),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertFails(mnist("--data", data), labels, "20", "30");
  }

  @Test
  void outputIsAFolder() {
    CommandRun run = CommandRun.of("mnist", "--quiet", "--output", folder);
    assertFails(run, folder.toString(), "folder");
  }

  @Test
  void outputInNoFolder() {
    Path nowhere = folder.resolve("no/m.onnx");
    assertFails(mnist("--output", nowhere), nowhere.toString(), "folder does not exist");
    assertFails(mnist("--json", nowhere), nowhere.toString(), "folder does not exist");
  }

  @Test
  void outputInAReadOnlyFolder() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    assertTrue(locked.toFile().setWritable(false));
    try {
      assumeFalse(Files.isWritable(locked), "whoever runs this (root?) may write everywhere");
      assertFails(
          mnist("--output", locked.resolve("m.onnx")), locked.toString(), "cannot be written");
    } finally {
      assertTrue(locked.toFile().setWritable(true));
    }
  }

  @Test
  void anAcceleratorThatIsNotHereIsRefusedWithItsReason() {
    assertFails(mnist("--accelerator", "openvino"), "OpenVINO", "not available");
  }

  @Test
  void aLearningRateThatIsFarTooHigh() throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 200, 50, false);
    assertFails(mnist("--data", data, "--learning-rate", "1e30"), "learning rate");
  }

  @ParameterizedTest
  @CsvSource({"inspect", "check"})
  void whatIsNoOnnxFileIsNamed(String command) throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.onnx"), "this is not protobuf");
    Path missing = folder.resolve("missing.onnx");
    for (Path file : new Path[] {broken, missing, folder}) {
      CommandRun run = CommandRun.of(command, file).expect(1);
      assertTrue((run.out() + run.err()).contains(file.toString()), run.toString());
      assertFalse((run.out() + run.err()).contains("\tat "), run.toString());
    }
  }

  @Test
  void theTraceIsForThoseWhoAsk() {
    CommandRun run = mnist("--data", folder, "--verbose").expect(1);
    assertTrue(run.err().contains("\tat dev.sardonyx."), run.toString());
  }
}
