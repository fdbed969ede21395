package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The user's own defaults of options, wherever their file is and whatever is in it. */
final class DefaultOptionsTest {
  @TempDir private Path folder;

  private Path file;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("my.properties");
    model = folder.resolve("model.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,3] x) => (float[N,3] y) { y = Relu (x) }
            """),
        model);
  }

  private CommandRun run(Map<String, String> environment, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] args = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
    int status =
        Sardonyx.run(
            Sardonyx.commandLine(args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true)),
            environment,
            args);
    return new CommandRun(status, out.toString(), err.toString());
  }

  private CommandRun with(String properties, Object... arguments) throws IOException {
    Files.writeString(file, properties);
    return run(Map.of("SARDONYX_CONFIG", file.toString()), arguments);
  }

  @Test
  void theArgumentsGoBeforeTheFile() throws IOException {
    String text = CommandRun.of("inspect", "--text", model).expect(0).out();
    String layers = CommandRun.of("inspect", "--layers", model).expect(0).out();
    String summary = CommandRun.of("inspect", model).expect(0).out();
    assertEquals(text, with("inspect.text=true", "inspect", model).expect(0).out());
    assertEquals(summary, with("inspect.text=false", "inspect", model).expect(0).out());
    assertEquals(layers, with("check.target=nowhere", "inspect", "--layers", model).out());
    with("verify.rtol=0\nverify.dim=N=2", "verify", "--rtol", "1e-3", model).expect(0);
    with("verify.dim=M=2", "verify", "--dim", "N=2", model).expect(0);
  }

  @Test
  void theFileIsFoundWhereItIsUsual() throws IOException {
    Path config = Files.createDirectories(folder.resolve("home/.config"));
    Files.writeString(config.resolve("sardonyx.properties"), "inspect.text = true");
    String text = CommandRun.of("inspect", "--text", model).out();
    String home = config.getParent().toString();
    assertEquals(text, run(Map.of("HOME", home), "inspect", model).out());
    Map<String, String> both =
        Map.of("HOME", folder.toString(), "XDG_CONFIG_HOME", config.toString());
    assertEquals(text, run(both, "inspect", model).out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/nowhere", "."})
  void noFileIsNeeded(String home) {
    String summary = CommandRun.of("inspect", model).out();
    assertEquals(summary, run(Map.of("HOME", home), "inspect", model).expect(0).out());
    assertEquals(summary, run(Map.of("SARDONYX_CONFIG", ""), "inspect", model).expect(0).out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "verify.rtol=small|verify.rtol|'small' is not a number",
        "verify.rtol=-1|verify.rtol|0 or more",
        "verify.rtoll=1|verify.rtoll|verify has no option '--rtoll'",
        "verify.help=true|verify.help|verify has no option '--help'",
        "rtol=1|'rtol'|does not begin with a command",
        "verfy.rtol=1|verfy.rtol|does not begin with a command",
        "verify.isolated=perhaps|verify.isolated|'perhaps' is neither true nor false",
        "verify.rtol=\\u00|my.properties|is no file of properties"
      })
  void whatIsWrongIsOneLineThatNamesFileAndKey(String line, String key, String reason)
      throws IOException {
    CommandRun run = with(line, "verify", model);
    assertTrue(run.status() != 0, run.toString());
    assertEquals(1, run.err().lines().count(), run.toString());
    for (String part : List.of("sardonyx: " + file + ": ", key, reason)) {
      assertTrue(run.err().contains(part), "'" + part + "' in " + run);
    }
    assertFalse(run.err().contains("Exception"), run.toString());
  }

  /** Only who types an option means it for this call. */
  @Test
  void whatDoesNotFitTheCallIsNoFaultOfADefault() throws IOException {
    Path output = folder.resolve("output.onnx");
    with("simplify.overwrite=true", "simplify", model, output).expect(0);
    CommandRun typed = with("", "simplify", "--overwrite", model, output).expect(2);
    assertTrue(typed.err().contains("--overwrite goes with --into"), typed.toString());
    String properties = "quantize.bits=4\nquantize.for=QNN";
    Path small = folder.resolve("small.onnx");
    with(properties, "quantize", "--method", "dynamic", model, small).expect(0);
    CommandRun bits =
        with(properties, "quantize", "--method", "dynamic", "--bits", "4", model, small).expect(2);
    assertTrue(bits.err().contains("--bits goes with --method weights"), bits.toString());
    with("view.dim=N=2", "view", model, "--output", folder.resolve("view.svg")).expect(0);
    with("convert.keep=n", "convert", model, folder.resolve("converted.onnx")).expect(0);
    Path labels = Files.writeString(folder.resolve("labels.txt"), "a\nb\nc\n");
    with("run.labels=" + labels, "run", model).expect(0);
  }

  /** The file is not blamed for what the arguments say. */
  @Test
  void aWrongArgumentIsNotTheFiles() throws IOException {
    CommandRun run = with("verify.rtol=1e-3", "verify", "--rtol", "small", model).expect(2);
    assertFalse(run.err().contains("my.properties"), run.toString());
  }

  @Test
  void aFileThatIsNamedMustBeThereAndBeText() throws IOException {
    Map<String, String> environment = Map.of("SARDONYX_CONFIG", file.toString());
    CommandRun missing = run(environment, "inspect", model).expect(1);
    assertEquals("sardonyx: " + file + ": does not exist", missing.err().strip());
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    CommandRun binary = run(environment, "inspect", model).expect(1);
    assertEquals("sardonyx: " + file + ": is not text in UTF-8", binary.err().strip());
  }

  @Test
  void helpIsThereWhateverTheFileSays() throws IOException {
    with("nonsense=1", "inspect", "--help").expect(0);
    with("nonsense=1", "--version").expect(0);
  }

  /** Of a command and one below it, each has its own. */
  @Test
  void commandsBelowHaveTheirOwn() throws IOException {
    CommandRun run =
        with(
            "conformance.generate.count=none\nconformance.threads=1",
            "conformance",
            "generate",
            folder.resolve("suite"));
    run.expect(2);
    assertTrue(run.err().contains("my.properties: conformance.generate.count: "), run.toString());
  }

  @Test
  void theFileOfReadmeIsUnderstood() throws IOException {
    List<String> lines =
        Files.readAllLines(Path.of("..", "README.md")).stream()
            .filter(line -> line.matches(" {4}[a-z]+\\.[a-z-]+=\\S+"))
            .toList();
    assertEquals(3, lines.size(), lines.toString());
    String properties = String.join("\n", lines);
    with(properties, "verify", model).expect(0);
    with(properties, "inspect", "--text", model).expect(0);
    String unread = with(properties, "mnist", "--data", folder).expect(1).err();
    assertFalse(unread.contains("my.properties"), unread);
  }
}
