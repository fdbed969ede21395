package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** {@code sardonyx conformance} of a backend, and {@code generate}. */
final class ConformanceCommandTest {
  @TempDir private Path folder;

  /** The reference evaluator, but Abs ends the process and Acos is not supported. */
  public static final class Crashing implements Backend {
    @Override
    public String name() {
      return "crashing";
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return model.graph().nodes().get(0).is("Acos")
          ? Optional.of("no kernel of <Acos>")
          : Optional.empty();
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      whyUnsupported(model)
          .ifPresent(
              reason -> {
                throw new UnsupportedModelException(reason);
              });
      PreparedModel inner = new ReferenceBackend().prepare(model, options);
      boolean ends = model.graph().nodes().get(0).is("Abs");
      return new PreparedModel() {
        @Override
        public Outputs run(Map<String, ? extends Datum> inputs) {
          if (ends) {
            Runtime.getRuntime().halt(7);
          }
          return inner.run(inputs);
        }

        @Override
        public void close() {
          inner.close();
        }
      };
    }
  }

  @Test
  void aBackendOfAClassIsIsolatedAndItsCrashIsAnOutcome() throws Exception {
    Path json = folder.resolve("run.json");
    Path xml = folder.resolve("run.xml");
    Path html = folder.resolve("run.html");
    CommandRun run =
        CommandRun.of(
                "conformance",
                "-q",
                "--filter",
                "node/test_a",
                "--threads",
                "2",
                "--backend",
                Crashing.class.getName(),
                "--json",
                json,
                "--junit",
                xml,
                "--report",
                html,
                "--by",
                "type,opset")
            .expect(1);
    assertTrue(run.out().contains("crashed"), run.out());
    assertTrue(run.out().contains("ended with status 7"), run.out());
    assertTrue(run.out().contains("FAIL: 1 of "), run.out());
    assertTrue(run.out().matches("(?s).*\\nopset .*\\nfloat16 .*|(?s).*float16 .*\\nopset .*"));
    Document document =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml.toFile());
    NodeList failures = document.getElementsByTagName("failure");
    assertEquals(1, failures.getLength());
    assertEquals("crashed", failures.item(0).getAttributes().getNamedItem("type").getNodeValue());
    assertTrue(document.getElementsByTagName("skipped").getLength() > 0);
    String page = Files.readString(html);
    assertTrue(page.contains("no kernel of &lt;Acos&gt;"), "names are escaped");
    WrittenReport report = WrittenReport.of(html);
    assertEquals(List.of(Crashing.class.getName()), report.labels(0), "stages");
    assertEquals(List.of(1.0), report.numbers(0, "failed"));
    assertTrue(report.labels(1).contains("Acos"), report.labels(1).toString());
    assertTrue(report.text().contains("<p class=\"remark bad\">FAIL: 1 of "), report.text());
    assertCompared(json);
  }

  /** A bar for somebody who watches; in a pipe results alone. */
  @Test
  void progressIsForTerminals() {
    Object[] suite = {"conformance", "--filter", "node/test_abs", "--stage", "read,check"};
    CommandRun piped = CommandRun.of(suite).expect(0);
    assertFalse(piped.out().contains("Conformance"), piped.out());
    assertEquals("", piped.err());
    PrintStream before = System.err;
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    System.setErr(new PrintStream(shown, true, StandardCharsets.UTF_8));
    System.setProperty("sardonyx.terminals", "12");
    try {
      assertEquals(times(piped.out()), times(CommandRun.of(suite).expect(0).out()));
    } finally {
      System.clearProperty("sardonyx.terminals");
      System.setErr(before);
    }
    String bar = shown.toString(StandardCharsets.UTF_8);
    assertTrue(bar.contains("Conformance") && bar.contains("100%"), bar);
  }

  private static String times(String table) {
    return table.replaceAll("\\d+\\.\\d+", "#");
  }

  /** With the backend itself nothing changes; with a better one cases get better. */
  private void assertCompared(Path former) throws IOException {
    CommandRun same =
        CommandRun.of(
                "conformance",
                "-q",
                "--filter",
                "node/test_ac",
                "--backend",
                Crashing.class.getName(),
                "--no-isolated",
                "--compare",
                former)
            .expect(0);
    assertTrue(same.out().contains("Nothing has changed"), same.out());
    String better = Files.readString(former).replace(Crashing.class.getName(), "reference");
    Path renamed = Files.writeString(folder.resolve("former.json"), better);
    CommandRun run =
        CommandRun.of(
                "conformance",
                "-q",
                "--filter",
                "node/test_a",
                "--backend",
                "reference",
                "--compare",
                renamed)
            .expect(0);
    assertTrue(run.out().contains("better  node/test_abs, reference: passed, was CRASHED"));
    assertTrue(run.out().contains("better  node/test_acos, reference: passed, was SKIPPED"));
    assertTrue(!run.out().contains("worse"), run.out());
  }

  @Test
  void casesAreGeneratedAsASuite() throws IOException {
    Path suite = folder.resolve("suite");
    CommandRun run =
        CommandRun.of(
                "conformance",
                "generate",
                "--seed",
                "7",
                "--count",
                "12",
                "--operator",
                "Add,Gemm,ai.onnx.ml.Scaler",
                suite)
            .expect(0);
    assertTrue(run.out().contains("12 cases of 12 tries, seed 7"), run.out());
    CommandRun.of(
            "conformance", "-q", "--backend", "ort", "--accelerator", "cpu", "--filter", "relu")
        .expect(0);
    CommandRun.of("conformance", "-q", "--backend", "reference", suite).expect(0);
    CommandRun again = CommandRun.of("conformance", "generate", suite).expect(1);
    assertTrue(again.err().contains("suite: is not empty"), again.err());
  }

  @Test
  void onlyCasesThatABackendGetsWrongAreWrittenForIt() throws IOException {
    Path wrong = folder.resolve("wrong");
    CommandRun run =
        CommandRun.of(
                "conformance",
                "generate",
                "-q",
                "--count",
                "6",
                "--operator",
                "Abs,Acos,Neg",
                "--backend",
                Crashing.class.getName(),
                wrong)
            .expect(1);
    assertTrue(run.out().contains("Abs/00000 CRASHED: "), run.out());
    assertTrue(run.out().contains("FAIL: 2 of 6 cases"), run.out());
    assertEquals(Set.of("unclassified/Abs"), operators(wrong));
  }

  private static Set<String> operators(Path wrong) throws IOException {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(wrong, 2)) {
      files
          .map(file -> wrong.relativize(file).toString())
          .filter(name -> name.contains("/"))
          .forEach(found::add);
    }
    return found;
  }

  /** What is known of a backend makes no run fail; reports tell who is right, and why. */
  @Test
  void aDisagreementThatIsKnownIsClassified() throws Exception {
    Path rules = folder.resolve("known.txt");
    Files.writeString(
        rules,
        """
        # Of a backend of ours
        Abs | theirs | crashed | X: \\w+\\[\\d & status 7 | it ends the process | 1 Abs/00000
        Abs | unspecified | crashed | | a <scalar> |
        """);
    Path json = folder.resolve("run.json");
    Path xml = folder.resolve("run.xml");
    Path html = folder.resolve("run.html");
    Path wrong = folder.resolve("wrong");
    String[] generate = {
      "conformance",
      "generate",
      "-q",
      "--count",
      "20",
      "--operator",
      "Abs,Neg",
      "--backend",
      Crashing.class.getName(),
      "--known",
      rules.toString(),
      "--json",
      json.toString(),
      "--junit",
      xml.toString(),
      "--report",
      html.toString()
    };
    CommandRun run = CommandRun.of(with(generate, wrong.toString())).expect(0);
    assertTrue(run.out().contains("THEIRS: Abs: it ends the process"), run.out());
    assertTrue(run.out().contains("PASS: 20 cases"), run.out());
    assertTrue(operators(wrong).contains("theirs/Abs"), operators(wrong).toString());
    assertTrue(Files.readString(json).contains("\"reason\": \"Abs: it ends the process\""));
    assertTrue(WrittenReport.of(html).text().contains("<td>theirs"), "an outcome");
    Document document =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml.toFile());
    assertEquals(0, document.getElementsByTagName("failure").getLength());
    assertTrue(Files.readString(xml).contains("message=\"theirs: Abs: it ends the process\""));
    Files.writeString(rules, "Neg | theirs | values | | another operator |");
    CommandRun unknown =
        CommandRun.of(with(generate, folder.resolve("again").toString())).expect(1);
    assertTrue(unknown.out().contains("FAIL: 10 of 20 cases"), unknown.out());
    assertTrue(Files.readString(xml).contains("<failure type=\"crashed\""));
    Files.writeString(rules, "Neg | mine | values | | another operator |");
    CommandRun refused = CommandRun.of(with(generate, folder.resolve("no").toString())).expect(1);
    assertTrue(refused.err().contains("known.txt:1: not a rule, such as"), refused.err());
    Files.writeString(rules, "Neg | theirs | values | (a | another operator |");
    refused = CommandRun.of(with(generate, folder.resolve("no").toString())).expect(1);
    assertTrue(refused.err().contains("known.txt:1: no regular expression: (a:"), refused.err());
    refused =
        CommandRun.of("conformance", "generate", "--known", rules, folder.resolve("no")).expect(2);
    assertTrue(refused.err().contains("Without '--backend' there is nothing to report"));
  }

  private static Object[] with(String[] words, String last) {
    return Stream.concat(Stream.of(words), Stream.of(last)).toArray();
  }

  @Test
  void whatIsNoBackendIsNamed() {
    assertRefused("is neither a Backend nor a Supplier of one", "java.lang.String");
    assertRefused("is none of ort, reference, dl4j, and no class of the class path", "no.Such");
    CommandRun run =
        CommandRun.of("conformance", "--backend", "a.B", "--class-path", "no.jar").expect(1);
    assertTrue(run.err().contains("no.jar: no such jar or folder of --class-path"), run.err());
    run = CommandRun.of("conformance", "--backend", "ort", "--stage", "run").expect(2);
    assertTrue(run.err().contains("exclude each other"), run.err());
    run = CommandRun.of("conformance", "--by", "colour").expect(2);
    assertTrue(run.err().contains("'colour' is not among operator, type, opset"), run.err());
  }

  @Test
  void whatIsNoTextOrNoOperatorIsNamedAndLeavesNothing() throws IOException {
    Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xc3, 0x28});
    CommandRun run = CommandRun.of("conformance", "--filter", "test_abs", "--compare", bytes);
    assertEquals("sardonyx: " + bytes + ": is not text in UTF-8\n", run.expect(1).err());
    Path suite = folder.resolve("new");
    run = CommandRun.of("conformance", "generate", "--backend", "ort", "--known", bytes, suite);
    assertEquals("sardonyx: " + bytes + ": is not text in UTF-8\n", run.expect(1).err());
    CommandRun.of("conformance", "generate", "--operator", "Nope", suite).expect(2);
    assertFalse(Files.exists(suite));
    run = CommandRun.of("conformance", "generate", bytes.resolve("suite")).expect(1);
    assertTrue(run.err().contains(bytes + " is not a folder"), run.err());
  }

  private static void assertRefused(String message, String backend) {
    CommandRun run = CommandRun.of("conformance", "--backend", backend).expect(2);
    assertTrue(run.err().contains("'" + backend + "' " + message), run.err());
  }
}
