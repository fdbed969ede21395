package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Printable;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model's names and a file's name can be anything; what is printed moves no cursor. */
final class HostileNamesTest {
  private static final String EVIL = "\u001b[2J\u009b1m\r\nSTATUS: valid\n\u202e";

  @TempDir private Path folder;

  private static Model model(String operator) {
    String evil = EVIL.replace("\\", "\\\\");
    return ModelParser.parse(
        """
        <ir_version: 10, opset_import: ["": 21], producer_name: "%1$s">
        "g%1$s" (float["N%1$s",3] "x%1$s") => (float["N%1$s",3] "y%1$s")
        {
          ["n%1$s"] "t%1$s" = Relu ("x%1$s")
          ["m%1$s"] "y%1$s" = %2$s ("t%1$s")
        }
        """
            .formatted(evil, operator));
  }

  private static void assertHarmless(CommandRun run) {
    String all = run.out() + run.err();
    assertTrue(
        all.codePoints().allMatch(c -> c == '\n' || Printable.isPlain(c)), Printable.lines(all));
    assertFalse(
        all.lines().anyMatch(line -> line.strip().startsWith("STATUS")), Printable.lines(all));
    assertTrue(all.contains("STATUS: valid"), "the name is shown: " + Printable.lines(all));
  }

  @Test
  void ofAValidModel() throws IOException {
    Path file = folder.resolve("valid.onnx");
    OnnxWriter.write(model("Relu"), file);
    assertHarmless(CommandRun.of("inspect", file).expect(0));
    assertHarmless(CommandRun.of("inspect", "--layers", file).expect(0));
    assertHarmless(CommandRun.of("inspect", "--text", "--elements", "1", file).expect(0));
    CommandRun text = CommandRun.of("inspect", "--text", file).expect(0);
    assertHarmless(text);
    assertEquals(model("Relu"), ModelParser.parse(text.out()));
  }

  @Test
  void ofABrokenModel() throws IOException {
    Path file = folder.resolve("broken.onnx");
    OnnxWriter.write(model("NoSuchOperator"), file);
    assertHarmless(CommandRun.of("check", file).expect(1));
  }

  @Test
  void inWhatVerifyFindsAndWrites() throws IOException {
    Path file = folder.resolve("valid.onnx");
    Path json = folder.resolve("results.json");
    OnnxWriter.write(model("Relu"), file);
    CommandRun run = CommandRun.of("verify", "--json", json, file);
    assertHarmless(run);
    String written = Files.readString(json, StandardCharsets.UTF_8);
    assertTrue(written.codePoints().allMatch(c -> c == '\n' || Printable.isPlain(c)), written);
  }

  /** What of a text the locale allows in names of files. */
  private static String inFileNames(String text) {
    CharsetEncoder names = Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder();
    return text.chars()
        .filter(c -> names.canEncode((char) c))
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  @Test
  void ofFiles() {
    String name = String.format(Locale.ROOT, "no%s.onnx", inFileNames(EVIL));
    assertHarmless(CommandRun.of("inspect", folder.resolve(name)).expect(1));
    assertHarmless(CommandRun.of("check", folder.resolve(name)).expect(1));
    assertHarmless(CommandRun.of("verify", folder.resolve(name)).expect(1));
    assertHarmless(CommandRun.of("conformance", folder.resolve(name)).expect(1));
  }
}
