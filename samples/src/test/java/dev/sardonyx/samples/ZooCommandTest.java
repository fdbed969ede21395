package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The zoo, as far as it is small; all of it is for `sardonyx zoo`. */
class ZooCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine commandLine = Sardonyx.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return Sardonyx.run(commandLine, arguments);
  }

  @Test
  void smallArchitecturesAreExportedAndVerified() throws IOException {
    Path page = folder.resolve("zoo.html");
    assertEquals(
        0,
        run("zoo", "simplecnn", "TextGenerationLSTM", "--report", page.toString()),
        err.toString());
    WrittenReport report = WrittenReport.of(page);
    assertEquals(List.of("SimpleCNN", "TextGenerationLSTM"), report.labels(0));
    assertEquals(List.of("good", "good"), report.tones(0));
    assertTrue(report.numbers(1, "export").stream().allMatch(seconds -> seconds > 0));
    String text = out.toString();
    assertTrue(text.contains("SimpleCNN"), text);
    assertTrue(text.contains("2 of 2 architectures agree"), text);
    assertEquals(2, text.lines().filter(line -> line.endsWith("PASS")).count(), text);
  }

  /** NASNet is one that DL4J cannot make. */
  @Test
  void whatCannotBeBuiltIsNamedWithTheReason() {
    assertEquals(1, run("zoo", "NASNet"));
    assertTrue(out.toString().contains("DL4J cannot build it: "), out.toString());
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    assertEquals(2, run("zoo", "LeNot"));
    assertTrue(err.toString().contains("no architecture 'LeNot'"), err.toString());
    assertTrue(err.toString().contains("LeNet"), err.toString());
  }
}
