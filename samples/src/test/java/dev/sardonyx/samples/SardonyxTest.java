package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class SardonyxTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine sardonyx =
      Sardonyx.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

  @Test
  void versionIsThatOfTheBuild() {
    assertEquals(0, sardonyx.execute("--version"));
    String text = out.toString();
    assertTrue(text.matches("(?s)sardonyx \\d.*DL4J \\d.*ONNX Runtime \\d.*"), text);
    assertTrue(text.contains("Java " + System.getProperty("java.version")), text);
  }

  @Test
  void unknownCommandIsNamed() {
    assertEquals(2, sardonyx.execute("mnits"));
    assertTrue(err.toString().contains("'mnits'"), err.toString());
  }

  /** Whether one command is registered, as at start-up, or all. */
  @ParameterizedTest
  @CsvSource({"mnits,mnist", "verfy,verify", "inspct,inspect"})
  void aMistypedCommandIsAnsweredWithThoseLikeIt(String typed, String meant) {
    CommandLine started =
        Sardonyx.commandLine(typed).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    assertEquals(2, started.execute(typed));
    assertTrue(
        err.toString().matches("(?s).*Did you mean: .*sardonyx " + meant + ".*"), err::toString);
  }

  @Test
  void aMistypedOptionIsAnsweredWithThoseLikeIt() {
    assertEquals(2, sardonyx.execute("verify", "--rtl", "1", "model.onnx"));
    assertTrue(err.toString().matches("(?s).*Possible solutions: .*--rtol.*"), err::toString);
  }
}
