package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
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
}
