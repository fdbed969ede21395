package dev.sardonyx.samples.plan;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** Reads YAML 1.2 into nodes that know their places; nothing in it becomes an object. */
final class PlanFile {
  private static final int MOST_BYTES = 1 << 18;
  private static final int MOST_ALIASES = 50;
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  /** Far more than a plan needs, and far less than would exhaust the stack. */
  private static final int MOST_DEPTH = 32;

  private final Path file;
  private final LoadSettings settings;

  private PlanFile(Path file) {
    this.file = file;
    this.settings =
        LoadSettings.builder()
            .setLabel(file.toString())
            .setMaxAliasesForCollections(MOST_ALIASES)
            .setCodePointLimit(MOST_BYTES)
            .setAllowNonScalarKeys(true) // the plan refuses them, and says where they are
            .build();
  }

  /**
   * The root of a file.
   *
   * @throws PlanException if it is no YAML, too large, or nested too deeply
   */
  static PlanNode read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new PlanException(file + ": is a folder, not a plan");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    }
    if (bytes.length > MOST_BYTES) {
      throw new PlanException(
          "%s: has more than %d bytes, too many for a plan".formatted(file, MOST_BYTES));
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new PlanException(file + ": is not UTF-8", e);
    }
    return new PlanFile(file).root(text);
  }

  private PlanNode root(String text) throws PlanException {
    try {
      requirePrintable(text);
      requirePlain(text);
      return new Compose(settings)
          .composeString(text)
          .map(node -> new PlanNode(file, "", node))
          .orElseThrow(() -> new PlanException(file + ": is empty; a plan has data and a network"));
    } catch (MarkedYamlEngineException e) {
      Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
      String place =
          mark == null
              ? ""
              : ": line %d, column %d".formatted(mark.getLine() + 1, mark.getColumn() + 1);
      throw new PlanException("%s%s: %s".formatted(file, place, problem(e)), e);
    } catch (YamlEngineException e) {
      throw new PlanException(file + ": " + e.getMessage(), e);
    }
  }

  private static String problem(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    return e.getContext() == null ? problem : problem + " " + e.getContext();
  }

  private void requirePrintable(String text) throws PlanException {
    int line = 1;
    int column = 1;
    for (int character : text.codePoints().toArray()) {
      if (!StreamReader.isPrintable(character) && character != BYTE_ORDER_MARK) {
        throw new PlanException(
            "%s: line %d, column %d: has the character U+%04X, which YAML has not"
                .formatted(file, line, column, character));
      }
      column = character == '\n' ? 1 : column + 1;
      line += character == '\n' ? 1 : 0;
    }
  }

  /** Composing nodes takes the stack, reading events does not. Tags would ask for objects. */
  private void requirePlain(String text) throws PlanException {
    int depth = 0;
    int aliases = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        case Alias -> aliases++;
        default -> {}
      }
      int line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
      if (tag(event).isPresent()) {
        throw new PlanException(
            "%s: line %d: has the tag %s; a plan has none".formatted(file, line, tag(event).get()));
      }
      if (aliases > MOST_ALIASES) {
        throw new PlanException(
            "%s: line %d: has more than %d aliases".formatted(file, line, MOST_ALIASES));
      }
      if (depth > MOST_DEPTH) {
        throw new PlanException(
            "%s: line %d: is nested more than %d levels deep".formatted(file, line, MOST_DEPTH));
      }
    }
  }

  private static Optional<String> tag(Event event) {
    if (event instanceof ScalarEvent scalar) {
      return scalar.getTag();
    }
    return event instanceof CollectionStartEvent start ? start.getTag() : Optional.empty();
  }
}
