package dev.sardonyx.export.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/**
 * Every layer of Keras is read, and run in a test, or refused for a reason: README.md says which.
 */
final class KerasLayersTest {
  private static final Path README = Path.of("README.md");
  private static final String HEAD = "| layer of Keras | here |\n| --- | --- |\n";

  private static List<String> layers() throws IOException {
    return Files.readAllLines(Recorded.FOLDER.resolve("layers.txt"));
  }

  /** With {@code -Dsardonyx.acceptLayers=1} it is written anew. */
  @Test
  void theTableInReadmeIsSo() throws IOException {
    StringBuilder rows = new StringBuilder(HEAD);
    for (String line : layers()) {
      String[] names = line.split(" ", -1);
      String name = names[names.length - 1];
      String fate =
          KerasReader.refusal(name).map(reason -> "refused: " + reason).orElse("exported");
      String alias = names.length > 1 ? ", as " + name : "";
      rows.append("| ").append(names[0]).append(" | ").append(fate).append(alias).append(" |\n");
    }
    String text = Files.readString(README);
    int start = text.indexOf(HEAD);
    String table = text.substring(start, text.indexOf("\n\n", start) + 1);
    if ("1".equals(System.getProperty("sardonyx.acceptLayers"))) {
      Files.writeString(README, text.replace(table, rows.toString()));
      return;
    }
    assertEquals(rows.toString(), table);
  }

  @Test
  void noLayerOfKerasIsUnknown() throws IOException {
    List<String> unknown = new ArrayList<>();
    for (String line : layers()) {
      String name = line.substring(line.indexOf(' ') + 1);
      KerasReader.refusal(name)
          .filter("not a layer of Keras"::equals)
          .ifPresent(r -> unknown.add(name));
    }
    assertEquals(List.of(), unknown);
  }

  /** Which layers of the list, and which of older versions, the fixtures hold. */
  @Test
  void whatIsReadIsRun() throws IOException {
    Set<String> run = new TreeSet<>();
    Pattern className = Pattern.compile("\"class_name\": \"(\\w+)\"");
    try (Stream<Path> files = Files.list(Recorded.FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".keras")).toList()) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
          Matcher found =
              className.matcher(
                  new String(
                      zip.getInputStream(zip.getEntry("config.json")).readAllBytes(),
                      StandardCharsets.UTF_8));
          found.results().forEach(r -> run.add(r.group(1)));
        }
      }
    }
    List<String> notRun = new ArrayList<>();
    for (String line : layers()) {
      String name = line.substring(line.indexOf(' ') + 1);
      // A file may have the name that Keras exports a class under.
      boolean ran = Stream.of(line.split(" ", -1)).anyMatch(run::contains);
      if (KerasReader.refusal(name).isEmpty() && !ran) {
        notRun.add(name);
      }
    }
    assertEquals(List.of(), notRun);
    assertTrue(run.size() > 100, run.toString());
  }
}
