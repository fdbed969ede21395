package dev.sardonyx.export.text;

import dev.sardonyx.ir.Metadata;
import java.util.ArrayList;
import java.util.List;

/** What is said about a part of a model: {@code @{doc_string: "...", metadata_props: [...]}}. */
final class Annotations {
  private Annotations() {}

  /** With a space before it; nothing if nothing is said. */
  static String text(Metadata metadata) {
    return text(metadata, "");
  }

  /**
   * @param more a further entry, or nothing
   */
  static String text(Metadata metadata, String more) {
    List<String> entries = new ArrayList<>();
    if (!metadata.docString().isEmpty()) {
      entries.add("doc_string: " + Words.quoted(metadata.docString()));
    }
    if (!metadata.properties().isEmpty()) {
      List<String> properties = new ArrayList<>();
      metadata
          .properties()
          .forEach((key, value) -> properties.add(Words.quoted(key) + ": " + Words.quoted(value)));
      entries.add("metadata_props: [" + String.join(", ", properties) + "]");
    }
    if (!more.isEmpty()) {
      entries.add(more);
    }
    return entries.isEmpty() ? "" : " @{" + String.join(", ", entries) + "}";
  }
}
