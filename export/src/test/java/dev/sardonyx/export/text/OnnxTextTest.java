package dev.sardonyx.export.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The text form against ONNX's own printer and parser, on random models of {@code onnx_text.py}.
 * Some of these models, with what {@code onnx.printer} and {@link ModelPrinter} made of them, lie
 * beside that script; the texts of {@link ModelPrinter} there are such that {@code onnx.parser} has
 * read them to the very same model.
 *
 * <p>Where a Python with onnx is ({@code -Dsardonyx.python=path/to/python}), new ones are made:
 * {@code -Dsardonyx.text.seed} and {@code -Dsardonyx.text.count} say which, {@code
 * -Dsardonyx.text.folder} where they are kept.
 */
final class OnnxTextTest {
  private static final Path SCRIPT = resource("/text/onnx_text.py");

  @TempDir private Path temporary;

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(OnnxTextTest.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One model and its companions: {@code 007.onnx}, {@code 007.plain.onnx}, and so on. */
  private record Case(Path folder, String name) {
    static List<Case> of(Path folder) throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.matches("[0-9]+\\.onnx"))
            .sorted()
            .map(name -> new Case(folder, name.substring(0, name.indexOf('.'))))
            .toList();
      }
    }

    Path file(String suffix) {
      return folder.resolve(name + suffix);
    }

    Model model() throws IOException {
      return OnnxReader.read(file(".onnx"));
    }

    /** The model without what ONNX's syntax has no words for. */
    Model plain() throws IOException {
      Path plain = file(".plain.onnx");
      return Files.exists(plain) ? OnnxReader.read(plain) : model();
    }

    String text(String suffix) throws IOException {
      return Files.readString(file(suffix), StandardCharsets.UTF_8);
    }
  }

  /** What {@code onnx.printer} writes is read as {@code onnx.parser} reads it. */
  private static int readsWhatOnnxPrints(List<Case> cases) throws IOException {
    int read = 0;
    for (Case c : cases) {
      if (Files.exists(c.file(".printed.onnxtxt"))) {
        Path reparsed = c.file(".reparsed.onnx");
        Model expected = Files.exists(reparsed) ? OnnxReader.read(reparsed) : c.plain();
        String text = c.text(".printed.onnxtxt");
        assertEquals(expected, ModelParser.parse(text), () -> c + "\n" + text);
        read++;
      }
    }
    return read;
  }

  @Test
  void whatOnnxHasPrintedAndReadBefore() throws IOException {
    List<Case> cases = Case.of(SCRIPT.resolveSibling("models"));
    assertTrue(cases.size() >= 20, cases::toString);
    assertTrue(readsWhatOnnxPrints(cases) >= 5);
    for (Case c : cases) {
      assertEquals(c.text(".onnxtxt"), ModelPrinter.print(c.model()), c::toString);
      assertEquals(c.model(), ModelParser.parse(c.text(".onnxtxt")), c::toString);
      StringBuilder escaped = new StringBuilder();
      ModelPrinter.printEscaped(c.model(), escaped);
      assertEquals(c.model(), ModelParser.parse(escaped.toString()), c::toString);
    }
  }

  @Test
  void whatOnnxItselfPrintsAndReads() throws Exception {
    String python = System.getProperty("sardonyx.python", "python3");
    assumeTrue(
        run(
                python,
                "-c",
                "import onnx.parser, onnx.printer, sys; sys.exit(onnx.__version__ < '1.2')")
            .isEmpty(),
        () -> python + " has no onnx; -Dsardonyx.python names one that has");
    String kept = System.getProperty("sardonyx.text.folder", "");
    Path folder = kept.isEmpty() ? temporary : Files.createDirectories(Path.of(kept));
    String seed = System.getProperty("sardonyx.text.seed", "1");
    String count = System.getProperty("sardonyx.text.count", "200");
    assertEquals("", run(python, SCRIPT.toString(), "models", folder.toString(), seed, count));
    List<Case> cases = Case.of(folder);
    assertEquals(Integer.parseInt(count), cases.size());
    for (Case c : cases) {
      String text = ModelPrinter.print(c.model());
      assertEquals(c.model(), ModelParser.parse(text), () -> c + "\n" + text);
      Files.writeString(c.file(".onnxtxt"), text);
    }
    assertEquals("", run(python, SCRIPT.toString(), "parse", folder.toString()));
    List<String> failures = new ArrayList<>();
    for (Case c : cases) {
      if (Files.exists(c.file(".error"))) {
        failures.add(c.name() + ": " + c.text(".error"));
      } else if (!c.plain().equals(OnnxReader.read(c.file(".parsed.onnx")))) {
        failures.add(c.name() + " is another model for onnx.parser");
      }
    }
    assertEquals(List.of(), failures);
    assertFalse(readsWhatOnnxPrints(cases) == 0);
  }

  /** What a program says when it fails; nothing if it succeeds. */
  private static String run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said;
      try (InputStream out = process.getInputStream()) {
        said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      }
      return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0
          ? ""
          : "failed: " + said;
    } catch (IOException e) {
      return "failed: " + e;
    }
  }
}
