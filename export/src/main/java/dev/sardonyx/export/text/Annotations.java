package dev.sardonyx.export.text;

import dev.sardonyx.ir.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Prints annotations, which hold the metadata that ONNX's syntax has no place for: {@code
 * #@{doc_string: "...", metadata_props: [...]}} and the end of the line. Other parsers take them
 * for comments.
 */
final class Annotations {
  private Annotations() {}

  /**
   * The annotation, with a space before it and a line end after it; empty if there is no metadata.
   */
  static String text(Metadata metadata) {
    return text(metadata, "");
  }

  /**
   * @param more a further entry, or empty
   */
  static String text(Metadata metadata, String more) {
    String entries = entries(metadata, more);
    return entries.isEmpty() ? "" : " #@{" + entries + "}\n";
  }

  /** An annotation within another one. */
  static String inner(Metadata metadata) {
    String entries = entries(metadata, "");
    return entries.isEmpty() ? "" : " @{" + entries + "}";
  }

  /** The entry of a name that ONNX's syntax has no place for. */
  static String name(String name) {
    return "name: " + Words.quotedName(name);
  }

  /** {@code ["key": "value"]} on one line. */
  static String map(Map<String, String> map) {
    List<String> entries = new ArrayList<>(map.size());
    map.forEach(
        (key, value) -> entries.add(Words.quotedName(key) + ": " + Words.quotedName(value)));
    return "[" + String.join(", ", entries) + "]";
  }

  private static String entries(Metadata metadata, String more) {
    List<String> entries = new ArrayList<>();
    if (!metadata.docString().isEmpty()) {
      entries.add("doc_string: " + Words.quotedName(metadata.docString()));
    }
    if (!metadata.properties().isEmpty()) {
      entries.add("metadata_props: " + map(metadata.properties()));
    }
    if (!more.isEmpty()) {
      entries.add(more);
    }
    return String.join(", ", entries);
  }
}
