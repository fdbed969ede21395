package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
                "--html",
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
    assertTrue(!page.contains("http"), "the page needs nothing else");
    assertCompared(json);
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
    CommandRun.of("conformance", "-q", "--backend", "reference", suite).expect(0);
    CommandRun again = CommandRun.of("conformance", "generate", suite).expect(1);
    assertTrue(again.err().contains("suite is not empty"), again.err());
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
    assertTrue(run.out().contains("2 crashed"), run.out());
    assertTrue(run.out().contains("2 skipped"), run.out());
    try (Stream<Path> operators = Files.list(wrong)) {
      assertEquals(1, operators.count());
    }
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

  private static void assertRefused(String message, String backend) {
    CommandRun run = CommandRun.of("conformance", "--backend", backend).expect(2);
    assertTrue(run.err().contains("'" + backend + "' " + message), run.err());
  }
}
