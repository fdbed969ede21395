package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;

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
  @CsvSource({"mnits,mnist", "verfy,verify", "inspct,inspect", "inspekt,inspect", "tarin,train"})
  void aMistypedCommandIsAnsweredWithTheNearest(String typed, String meant) {
    CommandLine started =
        Sardonyx.commandLine(typed).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    assertEquals(2, started.execute(typed));
    assertTrue(
        err.toString()
            .startsWith(
                "sardonyx: there is no command '%s'; did you mean %s?\n".formatted(typed, meant)),
        err::toString);
  }

  @Test
  void aMistypedOptionIsAnsweredWithThoseLikeIt() {
    assertEquals(2, sardonyx.execute("verify", "--rtl", "1", "model.onnx"));
    assertTrue(
        err.toString().startsWith("sardonyx: there is no option '--rtl'; did you mean --rtol"),
        err::toString);
  }

  /** Whichever command or option it is, and whichever letter of it is wrong. */
  @Test
  void oneWrongLetterIsSeenAsOne() {
    CommandLine all = Sardonyx.commandLine();
    for (CommandLine command : all.getSubcommands().values()) {
      String name = command.getCommandName();
      for (int i = 0; i < name.length(); i++) {
        assertFirst(all, name.substring(0, i) + "#" + name.substring(i + 1), name);
      }
      for (OptionSpec option : command.getCommandSpec().options()) {
        String known = option.longestName();
        assertFirst(command, known.substring(0, 3) + "#" + known.substring(4), known);
        assertFirst(command, known + "s=1", known);
      }
    }
  }

  private static void assertFirst(CommandLine command, String typed, String meant) {
    UnmatchedArgumentException wrong = new UnmatchedArgumentException(command, List.of(typed));
    String message = Arguments.message(wrong);
    assertTrue(message.contains("; did you mean " + meant), message);
  }
}
