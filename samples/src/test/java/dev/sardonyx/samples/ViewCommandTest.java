package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code view} writes, what other commands show in its pages, and what is refused. */
final class ViewCommandTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("model.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,3] x) => (float[N,3] y)
            {
              ["first"] a = Relu (x)
              ["second"] y = Softmax (a)
            }
            """),
        model);
  }

  @Test
  void pagesAndDrawings() throws IOException {
    Path page = folder.resolve("model.html");
    CommandRun run = CommandRun.of("view", model, "-o", page).expect(0);
    assertTrue(run.out().startsWith("Drawn " + page + ": "), run.out());
    assertTrue(Files.readString(page).contains("Softmax"));
    Path drawing = folder.resolve("MODEL.SVG");
    CommandRun.of("view", "--no-weights", model, "--output", drawing).expect(0);
    assertTrue(Files.readString(drawing).startsWith("<svg "));
  }

  @Test
  void colouredByTime() throws IOException {
    Path page = folder.resolve("time.svg");
    CommandRun.of("view", "--time", "--dim", "N=4", model, "-o", page).expect(0);
    String drawn = Files.readString(page);
    assertTrue(drawn.contains(" µs</text>") && drawn.contains("heat9"), drawn);
  }

  @Test
  void colouredByAProfile() throws IOException {
    Path profile = folder.resolve("profile.json");
    Files.writeString(
        profile,
        """
        [{"cat": "Node", "name": "first_kernel_time", "dur": 30,
          "args": {"op_name": "Relu", "provider": "CPUExecutionProvider"}},
         {"cat": "Node", "name": "second_kernel_time", "dur": 70,
          "args": {"op_name": "Softmax", "provider": "CPUExecutionProvider"}}]
        """);
    Path page = folder.resolve("profile.svg");
    CommandRun.of("view", "--profile", profile, model, "-o", page).expect(0);
    assertTrue(Files.readString(page).contains("70.0 %, 70 µs"));
    Files.writeString(profile, "no profile");
    CommandRun failed = CommandRun.of("view", "--profile", profile, model, "-o", page).expect(1);
    assertTrue(failed.err().contains("is no profile of ONNX Runtime"), failed.err());
  }

  @Test
  void whatVerifyAndDiffFind() throws IOException {
    Path page = folder.resolve("verify.html");
    CommandRun.of("verify", "--view", page, model).expect(0);
    assertTrue(Files.readString(page).contains("\"error 0\""));
    Path other = folder.resolve("other.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,3] x) => (float[N,3] y) { ["first"] y = Relu (x) }
            """),
        other);
    CommandRun.of("diff", "--view", page, model, other).expect(1);
    assertTrue(Files.readString(page).contains("\"removed\""));
  }

  @Test
  void wrongUseIsToldBeforeAnythingIsWritten() throws IOException {
    wrong("ends neither with .html nor .svg", "view", model, "-o", folder.resolve("a.png"));
    wrong("--dim goes with --time", "view", model, "--dim", "N=2");
    wrong("exclude each other", "view", model, "--time", "--no-weights");
    wrong("exclude each other", "view", model, "--time", "--profile", model);
    wrong("no input has a symbol 'M'", "view", model, "--time", "--dim", "M=2", "-o", html());
    wrong("--view goes with one FILE", "verify", "--view", html(), model, model);
    wrong("would overwrite", "diff", "--view", model, model, model);
    Path asPage = folder.resolve("model.html");
    Files.copy(model, asPage);
    wrong("would overwrite", "view", asPage, "-o", asPage);
    CommandRun missing = CommandRun.of("view", folder.resolve("none.onnx"), "-o", html()).expect(1);
    assertTrue(missing.err().endsWith("does not exist\n"), missing.err());
    assertFalse(Files.exists(html()));
  }

  private Path html() {
    return folder.resolve("not-written.html");
  }

  private static void wrong(String message, Object... arguments) {
    CommandRun run = CommandRun.of(arguments).expect(2);
    assertTrue(run.err().contains(message), run.err());
    assertEquals(2, run.err().lines().count(), run.err());
  }
}
