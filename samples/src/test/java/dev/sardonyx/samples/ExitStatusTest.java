package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Each command says with which statuses it ends, and does so. */
final class ExitStatusTest {
  private static final Pattern DOCUMENTED =
      Pattern.compile("Exit status: (0 \\S.*?, )?(1 \\S.*?, )?2 wrong usage[.;]");

  /** Calls of a command that ends with 1; none can of those that are not here. */
  private static final Map<String, String> FAILING =
      Map.ofEntries(
          Map.entry("mnist", "--data none"),
          Map.entry("check", "none.onnx"),
          Map.entry("inspect", "none.onnx"),
          Map.entry("view", "none.onnx"),
          Map.entry("diff", "none.onnx none.onnx"),
          Map.entry("verify", "none.onnx"),
          Map.entry("run", "none.onnx"),
          Map.entry("bench", "none.onnx"),
          Map.entry("convert", "none.onnx other.onnx"),
          Map.entry("simplify", "none.onnx other.onnx"),
          Map.entry("optimize", "none.onnx other.onnx"),
          Map.entry("edit", "--prefix p none.onnx other.onnx"),
          Map.entry("quantize", "--method weights none.onnx other.onnx"),
          Map.entry("conformance", "none"),
          Map.entry("conformance generate", "none --known none"),
          Map.entry("zoo", "--json none/x.json"),
          Map.entry("depth", "--data none"),
          Map.entry("serve", "none.onnx"),
          Map.entry("train", "none.yaml"),
          Map.entry("man", "/dev/null/x"));

  static List<String> commands() {
    List<String> names = new ArrayList<>();
    add("", Sardonyx.commandLine(), names);
    return names;
  }

  private static void add(String prefix, CommandLine command, List<String> names) {
    command
        .getSubcommands()
        .forEach(
            (name, sub) -> {
              names.add(prefix + name);
              add(prefix + name + " ", sub, names);
            });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandSaysWithWhatItEnds(String command) {
    Object[] call = command.split(" ");
    String help =
        CommandRun.of(Stream.concat(Stream.of(call), Stream.of("--help")).toArray())
            .expect(0)
            .out()
            .replaceAll("\\s+", " ");
    assertTrue(DOCUMENTED.matcher(help).find(), help);
    String failing = FAILING.get(command);
    assertEquals(
        failing != null,
        Pattern.compile("[:,] 1 ").matcher(help).find(),
        "a call that fails is known for " + command);
    if (failing != null && !command.equals("conformance generate")) {
      Object[] all = Stream.concat(Stream.of(call), Stream.of(failing.split(" "))).toArray();
      CommandRun run = CommandRun.of(all).expect(1);
      assertTrue(run.err().startsWith("sardonyx: "), run.toString());
      assertEquals(1, run.err().lines().distinct().count(), run.toString());
    }
    CommandRun wrong =
        CommandRun.of(Stream.concat(Stream.of(call), Stream.of("--no-such-option")).toArray())
            .expect(2);
    assertEquals("", wrong.out());
  }
}
