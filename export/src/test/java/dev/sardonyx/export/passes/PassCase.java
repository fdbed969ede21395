package dev.sardonyx.export.passes;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model before and after a pass, as a file under {@code resources/passes/<pass>/} has them. The
 * file says in comments what it shows, then has the sections {@code before}, {@code after} and
 * {@code changes}; where the pass has to leave the model alone, {@code before} and {@code
 * unchanged}.
 *
 * @param pass the pass's name
 * @param before the model, printed
 * @param after what the pass makes of it; the very same text if it is to change nothing
 * @param changes the changes it reports
 */
record PassCase(Path file, String pass, String before, String after, List<String> changes) {
  private static final String SECTION = "=== ";
  private static final Set<Set<String>> LAYOUTS =
      Set.of(Set.of("before", "after", "changes"), Set.of("before", "unchanged"));

  static PassCase read(Path file) {
    Map<String, StringBuilder> sections = new LinkedHashMap<>();
    StringBuilder section = new StringBuilder();
    for (String line : lines(file)) {
      if (line.startsWith(SECTION)) {
        section = new StringBuilder();
        sections.put(line.substring(SECTION.length()), section);
      } else {
        section.append(line).append('\n');
      }
    }
    if (!LAYOUTS.contains(sections.keySet())) {
      throw new IllegalArgumentException(file + " has the sections " + sections.keySet());
    }
    Map<String, String> text = new LinkedHashMap<>();
    sections.forEach((name, lines) -> text.put(name, lines.toString().strip() + "\n"));
    String before = text.get("before");
    return new PassCase(
        file,
        file.getParent().getFileName().toString(),
        before,
        text.getOrDefault("after", before),
        text.getOrDefault("changes", "").lines().toList());
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isUnchanged() {
    return changes.isEmpty();
  }

  Model modelBefore() {
    return ModelParser.parse(before);
  }

  Model modelAfter() {
    return ModelParser.parse(after);
  }

  /** Such as {@code no-ops/identities}. */
  @Override
  public String toString() {
    return pass + "/" + file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
  }
}
