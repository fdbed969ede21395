package dev.sardonyx.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

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
    "--learning-rate,1.0E39",
    "--learning-rate,1.0E-60",
    "--classes,1",
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

  /** The model is read again from where it was written, so that this is said before training. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "devices have no paths there")
  void theModelCannotGoToADeviceOrPipe() throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe");
    new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
    Path link = Files.createSymbolicLink(folder.resolve("link"), pipe);
    for (Path output : List.of(Path.of("/dev/stdout"), Path.of("/dev/null"), pipe, link)) {
      CommandRun run = CommandRun.of("mnist", "--output", output).expect(1);
      assertEquals("", run.out(), "nothing is done before");
      assertEquals(
          "sardonyx: "
              + output
              + ": is a device, a pipe or standard output, but the model is read again from there;"
              + " name a file\n",
          run.err());
    }
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

  /** Picocli's own words are for those who program. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|a command is missing: one of mnist, train",
        "mnits|there is no command 'mnits'",
        "explain SX-999|no problem code 'SX-999'",
        "inspect -dash.onnx|'-dash.onnx' goes behind --, or is written ./-dash.onnx",
        "inspect -quiet.onnx|'-quiet.onnx' goes behind --, or is written ./-quiet.onnx",
        "simplify -d.onnx b.onnx|no option '-d.onnx'; a file called '-d.onnx' goes behind --, or",
        "simplify -q -x b.onnx|there is no option '-x'",
        "inspect a\uFFFD.onnx| in the charset ", // which bytes are wrong depends on it
        "view a.onnx b.onnx|'b.onnx' is one argument too many",
        "inspect --layers --text a.onnx|--layers and --text exclude each other",
        "mnist --epochs many|'--epochs': 'many' is not a whole number",
        "mnist --limit 99999999999|'--limit': '99999999999' is beyond 2,147,483,647",
        "mnist --learning-rate fast|'--learning-rate': 'fast' is not a number",
        "verify --dim N a.onnx|Value for option '--dim' (NAME=N) should be in KEY=VALUE format",
        "verify --dim N=x a.onnx|'x' is not a whole number",
        "verify --accelerator cuda:x a.onnx|'cuda:x' names no device by a number",
        "verify --accelerator cpu:1 a.onnx|cpu has no devices to choose from",
        "verify --accelerator auto:1 a.onnx|auto has no devices to choose from",
        "check --target= a.onnx|There is no target ''",
        "verify --rtol 1e999 a.onnx|'--rtol': 'Infinity' is not finite",
        "verify --atol 1e999 a.onnx|'--atol': 'Infinity' is not finite",
        "zoo --rtol -1 LeNet|'--rtol': '-1.0' is not 0 or more",
        "conformance --stage walk|'--stage': 'walk' is not among read, round trip",
        "conformance --time-limit 0|'--time-limit': '0' is not 1 or more",
        "conformance --accelerator cpu|'--accelerator' needs '--backend ort'",
        "conformance --backend dl4j --accelerator cpu|is for '--backend ort', not for 'dl4j'",
        "conformance --backend ort --accelerator abacus|'abacus' is not one of auto, cuda",
      })
  void wrongUsageIsToldInPlainWords(@Nullable String call, String message) {
    Object[] arguments = call == null ? new Object[0] : call.split(" ", -1);
    CommandRun run = CommandRun.of(arguments).expect(2);
    String first = run.err().lines().findFirst().orElse("");
    assertTrue(first.contains(message), run.toString());
    for (String word : new String[] {"option option", "index", " int", "double", "java."}) {
      assertFalse(first.contains(word), run.toString());
    }
    assertEquals("", run.out());
  }

  /** An option with its value is no file, and neither is what stands behind --. */
  @ParameterizedTest
  @ValueSource(
      strings = {"view -omodel.svg", "verify --rtol -1.5 a.onnx", "view -- -a.onnx -b.onnx"})
  void whatIsNoFileIsNotTakenForOne(String call) {
    CommandRun run = CommandRun.of((Object[]) call.split(" ", -1)).expect(2);
    assertFalse(run.err().contains("behind --"), run.toString());
  }

  @Test
  void anEmptyNameIsNoFile() {
    for (String[] call : new String[][] {{"check", ""}, {"mnist", "--json", ""}}) {
      CommandRun run = CommandRun.of((Object[]) call).expect(2);
      assertTrue(run.err().contains("the name of a file is empty"), run.toString());
    }
  }

  @Test
  void aPageIsExplainedOnce() {
    String once = CommandRun.of("explain", "303").expect(0).out();
    assertEquals(once, CommandRun.of("explain", "303", "sx-303", "SX-303").expect(0).out());
  }

  @Test
  void theListOfCommandsHasWholeSentences() {
    String help = CommandRun.of("--help").expect(0).out();
    String commands = help.substring(help.indexOf("Commands:"));
    for (String command : Sardonyx.commandLine().getSubcommands().keySet()) {
      assertTrue(
          Pattern.compile("\\n  " + command + " +[^.]*\\.(\\R|$)").matcher(commands).find(),
          command + " in " + commands);
    }
  }

  @Test
  void networksAreListedForTheOneWhoMistypes() {
    assertTrue(mnist("--network", "sead").expect(2).err().contains("seed, projection"));
  }

  @Test
  void missingFolder() throws IOException {
    Path missing = folder.resolve("nowhere");
    assertFails(mnist("--data", missing), "folder " + missing + " does not exist");
    assertFails(
        mnist("--data", Files.createDirectory(missing)),
        missing.toString(),
        "train-images-idx3-ubyte");
  }

  @Test
  void aFolderThatCannotBeReadIsNotCalledMissing() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    CommandRun run = mnist("--data", loop);
    assertFails(run, loop.toString());
    assertFalse(run.err().contains("does not exist"), run.toString());
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertFails(mnist("--data", file), file.toString(), "Not a directory");
  }

  @Test
  void aFolderWithoutPermissionIsNotCalledMissing() throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 20, 10, false);
    assertTrue(data.toFile().setExecutable(false));
    try {
      assumeFalse(Files.isExecutable(data), "whoever runs this (root?) may read everywhere");
      assertFails(mnist("--data", data), data.toString(), "permission denied");
    } finally {
      assertTrue(data.toFile().setExecutable(true));
    }
  }

  @Test
  void whatLiesInAFolderWithoutPermissionIsNotCalledMissing() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    Path inside = Files.writeString(locked.resolve("x.onnx"), "x");
    Path deeper = locked.resolve("deeper/y");
    assertTrue(locked.toFile().setExecutable(false));
    try {
      assumeFalse(Files.isExecutable(locked), "whoever runs this (root?) may read everywhere");
      for (String command : new String[] {"inspect", "check", "verify", "conformance"}) {
        CommandRun run = CommandRun.of(command, inside).expect(1);
        String all = run.out() + run.err();
        assertTrue(all.contains(inside + ": permission denied"), run.toString());
      }
      assertFails(mnist("--output", deeper), deeper.toString(), "permission denied");
      assertFails(mnist("--json", deeper), deeper.toString(), "permission denied");
      assertFails(mnist("--checkpoint", locked, "--resume"), "permission denied");
    } finally {
      assertTrue(locked.toFile().setExecutable(true));
    }
  }

  @Test
  void aCheckpointThatIsAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertFails(mnist("--checkpoint", file), file + ": is a file");
    assertFails(mnist("--checkpoint", file, "--resume"), file + ": is a file");
    assertFails(mnist("--output", file.resolve("m.onnx")), "its folder is a file");
  }

  private Path labelled(int index, int label) throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 40, 10, false);
    Path labels = data.resolve("train-labels-idx1-ubyte");
    byte[] bytes = Files.readAllBytes(labels);
    for (int i = 0; i < 40; i++) {
      if (index < 0 || i == index) {
        bytes[8 + i] = (byte) label;
      }
    }
    Files.write(labels, bytes);
    return data;
  }

  @Test
  void aLabelFarFromAllOthersIsNoClass() throws IOException {
    Path data = labelled(17, 255);
    assertFails(
        mnist("--data", data),
        "train-labels-idx1-ubyte: image 17 has label 255",
        "none has a label from 4 to 254",
        "--classes");
    assertFails(mnist("--data", data, "--classes", 4), "image 17 has label 255");
  }

  @Test
  void oneClassIsNothingToLearn() throws IOException {
    assertFails(mnist("--data", labelled(-1, 0)), "train-labels-idx1-ubyte", "one class");
  }

  @Test
  void resumingNeedsATrainingAndKeepingAFreeFolder() throws IOException {
    mnist("--resume").expect(2);
    Path kept = folder.resolve("kept");
    assertFails(mnist("--checkpoint", kept, "--resume"), kept.toString(), "no training to resume");
    Files.writeString(Files.createDirectory(kept).resolve("checkpoint.zip"), "damaged");
    assertFails(mnist("--checkpoint", kept), kept.toString(), "--resume");
    assertFails(mnist("--limit", 20, "--checkpoint", kept, "--resume"), kept.toString(), "damaged");
  }

  @Test
  void adviceNamesOnlyOptionsOfTheCommand() {
    assertTrue(outOfMemory("mnist").contains("--batch-size"), outOfMemory("mnist"));
    for (String command : new String[] {"inspect", "check", "verify", "conformance"}) {
      assertFalse(outOfMemory(command).contains("--batch-size"), command);
    }
    // As it comes out of a thread that the command started.
    String message =
        Failures.message(new CompletionException(new OutOfMemoryError("Java heap space")));
    assertTrue(message.startsWith("out of memory (Java heap space)"), message);
  }

  /** What is said when memory ends in a command. */
  private static String outOfMemory(String command) {
    CommandLine commandLine = Sardonyx.commandLine();
    StringWriter err = new StringWriter();
    commandLine.setErr(new PrintWriter(err, true));
    commandLine.setExecutionStrategy(
        parsed -> {
          throw new OutOfMemoryError("Java heap space");
        });
    String[] arguments =
        command.equals("mnist") || command.equals("conformance")
            ? new String[] {command}
            : new String[] {command, "m.onnx"};
    assertEquals(1, Sardonyx.run(commandLine, arguments));
    return err.toString();
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

  @ParameterizedTest
  @CsvSource({"'', ''", "../../evil/model.onnx, x"})
  void aSuiteThatIsABrokenZipIsNamed(String entry, String content) throws IOException {
    Path zip = folder.resolve("suite.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      if (!entry.isEmpty()) {
        out.putNextEntry(new ZipEntry(entry));
        out.write(content.getBytes(UTF_8));
      }
    }
    if (entry.isEmpty()) {
      Files.write(zip, new byte[0]);
    }
    assertFails(CommandRun.of("conformance", zip), zip + " is a broken zip: ");
  }

  @Test
  void theTraceIsForThoseWhoAsk() {
    CommandRun run = mnist("--data", folder, "--verbose").expect(1);
    assertTrue(run.err().contains("\tat dev.sardonyx."), run.toString());
  }
}
