package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.nn.Networks;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models and results that come and go by standard input and output, as {@code -}. */
final class StandardStreamsTest {
  private static final byte[] NOTHING = {};

  @TempDir private Path folder;
  private Path file;
  private byte[] model;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("model.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 8, opset_import: ["": 17]>
            small (float[N,3] x) => (float[N,3] y)
            <float[3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9}, float[3] b = {1, 1, 1}>
            {
              c = Add (b, b)
              p = MatMul (x, w)
              y = Add (p, c)
            }
            """),
        file);
    model = Files.readAllBytes(file);
  }

  private static Object[] arguments(String call, Path model) {
    return Stream.of(call.split(" ")).map(w -> w.equals("MODEL") ? model : w).toArray();
  }

  /** What differs is the name. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect MODEL",
        "inspect --text MODEL",
        "inspect --value w MODEL",
        "check MODEL",
        "check --target opset-13 MODEL",
        "verify --dim N=2 MODEL",
        "run --top 1 MODEL",
        "diff MODEL MODEL",
      })
  void aModelIsReadFromStandardInput(String call) {
    CommandRun named = CommandRun.of(arguments(call, file)).expect(0);
    PipedRun piped = PipedRun.of(model, arguments(call, Path.of("-"))).expect(0);
    assertEquals(named.out().replace(file.toString(), "standard input"), piped.text());
    assertEquals(named.err(), piped.err());
  }

  /** Such as a shell puts in the place of a command: its content is there once. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no named pipes")
  void aPipeIsReadOnce() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    CommandRun inspected = fed(pipe, "inspect", pipe);
    assertTrue(inspected.out().startsWith(pipe + ": " + model.length + " bytes"), inspected.out());
    CommandRun verified = fed(pipe, "verify", "--dim", "N=2", pipe, file);
    assertTrue(verified.out().contains("2 of 2 files agree"), verified.toString());
  }

  private CommandRun fed(Path pipe, Object... arguments) throws Exception {
    CompletableFuture<Void> feeder =
        CompletableFuture.runAsync(
            () -> {
              try {
                Files.write(pipe, model, StandardOpenOption.WRITE);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    CommandRun run = CommandRun.of(arguments).expect(0);
    feeder.get();
    return run;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simplify MODEL -",
        "optimize MODEL -",
        "edit --rename x=image MODEL -",
        "convert --target opset-13 MODEL -",
        "quantize --method weights MODEL -",
      })
  void aModelGoesToStandardOutputAndNothingElseDoes(String call) throws IOException {
    Path written = folder.resolve("written.onnx");
    Object[] toFile = arguments(call, file);
    toFile[toFile.length - 1] = written;
    String told = CommandRun.of(toFile).expect(0).out();
    PipedRun piped = PipedRun.of(NOTHING, arguments(call, file)).expect(0);
    Model expected = OnnxReader.read(written);
    assertEquals(expected, OnnxReader.read(piped.out()));
    if (!call.startsWith("quantize")) { // it tells times
      assertEquals(told.replace(written.toString(), "standard output"), piped.err());
    }
    PipedRun both = PipedRun.of(model, arguments(call, Path.of("-"))).expect(0);
    assertEquals(expected.graph(), OnnxReader.read(both.out()).graph());
    Object[] quiet = Stream.concat(Stream.of(toFile), Stream.of("--quiet")).toArray();
    CommandRun silent = CommandRun.of(quiet).expect(0);
    if (!call.startsWith("quantize")) { // what it costs is what was asked for
      assertEquals("", silent.out() + silent.err());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect --json - MODEL",
        "check --json - MODEL",
        "verify --json - MODEL",
        "diff --json - MODEL MODEL",
        "bench --runs 4 --json - MODEL",
        "simplify --json - MODEL WRITTEN",
        "quantize --method weights --json - MODEL WRITTEN",
        "conformance --filter test_abs --stage read --json -",
        "run --output y=- MODEL",
      })
  void resultsForProgramsGoToStandardOutputAndNothingElseDoes(String call) {
    Path written = folder.resolve("written.onnx");
    PipedRun run =
        PipedRun.of(model, arguments(call.replace("WRITTEN", written.toString()), Path.of("-")))
            .expect(0);
    assertTrue(
        List.of('[', '{').contains((char) run.out()[0]) && run.text().endsWith("\n"),
        run.toString());
    assertFalse(JsonParser.parseString(run.text()).isJsonNull());
    assertFalse(run.err().contains("sardonyx: "), run.err());
    if (call.contains("--json")) {
      String quiet = call.replace("WRITTEN", written.toString()) + " --quiet";
      assertEquals("", PipedRun.of(model, arguments(quiet, Path.of("-"))).expect(0).err());
    }
  }

  @Test
  void drawingsAndArraysGoThereToo() throws IOException {
    String page = PipedRun.of(model, "view", "-", "-o", "-").expect(0).text();
    assertTrue(page.startsWith("<!") && page.strip().endsWith("</html>"), page.substring(0, 99));
    page = PipedRun.of(model, "verify", "-", "--report", "-").expect(0).text();
    assertTrue(page.startsWith("<!") && page.strip().endsWith("</html>"), page.substring(0, 99));
    Path npy = folder.resolve("w.npy");
    CommandRun.of("inspect", file, "--value", "w", "--npy", npy).expect(0);
    PipedRun run = PipedRun.of(model, "inspect", "-", "--value", "w", "--npy", "-").expect(0);
    assertArrayEquals(Files.readAllBytes(npy), run.out());
    assertTrue(run.err().startsWith("w: float[3,3]"), run.err());
  }

  /** Large models go through a file, small ones as well, and none is left behind. */
  @Test
  void noTemporaryFileIsLeft() throws IOException {
    byte[] seed = OnnxWriter.toBytes(Networks.named("seed").build(System.nanoTime()));
    assertTrue(seed.length > 1 << 20);
    String out = PipedRun.of(seed, "inspect", "-").expect(0).text();
    assertTrue(out.startsWith("standard input: 1.2 MB\n"), out);
    byte[] other = ("no model, " + System.nanoTime()).getBytes(StandardCharsets.UTF_8);
    PipedRun.of(other, "inspect", "-").expect(1);
    assertEquals(List.of(), spooled(seed));
    assertEquals(List.of(), spooled(other));
  }

  /** The temporary files with a content, which no other process that uses the folder has. */
  private static List<Path> spooled(byte[] content) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), "sardonyx*.onnx")) {
      for (Path file : files) {
        try {
          if (Arrays.equals(content, Files.readAllBytes(file))) {
            found.add(file);
          }
        } catch (IOException gone) {
          // another process has removed its own
        }
      }
    }
    return found;
  }

  @Test
  void whatIsNoModelIsNamedAsStandardInput() {
    assertEquals(
        "sardonyx: standard input: is empty\n", PipedRun.of(NOTHING, "run", "-").expect(1).err());
    String err =
        PipedRun.of("no model".getBytes(StandardCharsets.UTF_8), "simplify", "-", "-")
            .expect(1)
            .err();
    assertTrue(err.startsWith("sardonyx: standard input: is not an ONNX model"), err);
  }

  @Test
  void externalDataIsRefusedUnlessItIsLeftAlone() throws IOException {
    Path external = folder.resolve("external.onnx");
    OnnxWriter.write(OnnxReader.read(file), external, ExternalData.beside().withThreshold(0));
    byte[] bytes = Files.readAllBytes(external);
    String err = PipedRun.of(bytes, "verify", "-").expect(1).err();
    assertTrue(
        err.startsWith("sardonyx: standard input: tensor 'w' lies in the file 'external.onnx.")
            && err.endsWith("was read as a stream or bytes; name its file or its folder\n"),
        err);
    String out = PipedRun.of(bytes, "inspect", "--no-weights", "-").expect(0).text();
    assertTrue(out.contains("Left alone: the external data of 2 initializers"), out);
    Path all = folder.resolve("all.onnx");
    Files.write(all, PipedRun.of(NOTHING, "edit", "--prefix", "a/", external, "-").expect(0).out());
    CommandRun.of("verify", all).expect(0);
  }

  /** In a folder that has a file of the name. */
  @Test
  void wrongUseIsTold() {
    List.of(
            "simplify --json - MODEL -|FILE and --json are both '-'",
            "verify --json - --view - MODEL|--json and --view are both '-'",
            "simplify --external-data MODEL -|the model goes to standard output",
            "simplify --into folded -|has no name to be written under",
            "inspect --npy - --json - --value w MODEL|--json and --npy are both '-'")
        .forEach(
            line -> {
              String[] parts = line.split("\\|", -1);
              PipedRun run = PipedRun.of(model, arguments(parts[0], file)).expect(2);
              assertTrue(run.err().contains(parts[1]), run.toString());
              assertEquals("", run.text());
            });
    String err = CommandRun.of("mnist", "--output", "-").expect(1).err();
    assertTrue(err.startsWith("sardonyx: -: is a device, a pipe or standard output"), err);
  }

  @Test
  void noModelIsShownOnATerminalOrTypedIntoOne() {
    System.setProperty("sardonyx.terminals", "012");
    try {
      String err = PipedRun.of(NOTHING, "simplify", file, "-").expect(2).err();
      assertTrue(err.startsWith("sardonyx: FILE is '-', but standard output is a terminal"), err);
      err = PipedRun.of(NOTHING, "check", "-").expect(2).err();
      assertTrue(err.startsWith("sardonyx: '-' is standard input, which is a terminal"), err);
      PipedRun.of(NOTHING, "inspect", "--json", "-", file).expect(0);
    } finally {
      System.clearProperty("sardonyx.terminals");
    }
  }

  /** As under Windows, where no launcher says what is a terminal. */
  @Test
  void withoutALauncherJavaKnowsATerminal() throws Exception {
    Path script = Path.of("/usr/bin/script");
    assumeTrue(Files.isExecutable(script), "script, which makes a terminal, is not installed");
    for (String command : List.of("check -", "simplify model.onnx -")) {
      String call = "exec \"$JAVA\" dev.sardonyx.samples.Sardonyx " + command;
      ProcessBuilder builder =
          new ProcessBuilder(script.toString(), "-qec", call, "/dev/null")
              .directory(folder.toFile())
              .redirectErrorStream(true);
      builder.environment().put("CLASSPATH", absoluteClassPath());
      builder
          .environment()
          .put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
      Process process = builder.start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(2, process.waitFor(), text);
      assertTrue(text.contains("a terminal"), text);
    }
  }

  private static String absoluteClassPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void oneOfManyFilesMayBeStandardInput() throws IOException {
    Path json = folder.resolve("all.json");
    Path none = folder.resolve("none.onnx");
    PipedRun run = PipedRun.of(model, "check", file, none, "-", "--json", json).expect(1);
    assertTrue(run.text().contains("standard input: valid"), run.toString());
    assertEquals(
        "-",
        JsonParser.parseString(Files.readString(json))
            .getAsJsonArray()
            .get(2)
            .getAsJsonObject()
            .get("file")
            .getAsString());
    assertTrue(run.text().contains("1 of 3 files have errors"), run.toString());
  }

  @Test
  void aFileCalledSoIsReachedByItsFolder() throws IOException {
    Path dash = folder.resolve("-");
    CommandRun.of("simplify", file, dash).expect(0);
    CommandRun.of("check", dash).expect(0);
  }
}
