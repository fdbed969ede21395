package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be said about any part of a model without changing what it computes: a doc string, named
 * properties, and the {@link Residue} of the file it was read from. Two metadata are equal when doc
 * string and properties are; the residue does not count.
 *
 * @param docString human-readable text, empty if there is none
 * @param properties ONNX's {@code metadata_props}, in order
 * @param residue what a reader kept for its writer, or null
 */
public record Metadata(
    String docString, Map<String, String> properties, @Nullable Residue residue) {
  public static final Metadata EMPTY = new Metadata("", Map.of(), null);

  public Metadata {
    properties =
        properties.isEmpty()
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  public static Metadata of(String docString, Map<String, String> properties) {
    return docString.isEmpty() && properties.isEmpty()
        ? EMPTY
        : new Metadata(docString, properties, null);
  }

  public static Metadata doc(String docString) {
    return of(docString, Map.of());
  }

  public Metadata withProperty(String key, String value) {
    Map<String, String> changed = new LinkedHashMap<>(properties);
    changed.put(key, value);
    return new Metadata(docString, changed, residue);
  }

  public Metadata withResidue(@Nullable Residue changed) {
    return new Metadata(docString, properties, changed);
  }

  /** Whether there is neither text nor property; a residue may still be there. */
  public boolean isEmpty() {
    return docString.isEmpty() && properties.isEmpty();
  }

  /** Such as {@code "a text", key=value}. */
  @Override
  public String toString() {
    List<String> said = new ArrayList<>();
    if (!docString.isEmpty()) {
      said.add('"' + docString + '"');
    }
    properties.forEach((key, value) -> said.add(key + "=" + value));
    return said.isEmpty() ? "none" : String.join(", ", said);
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof Metadata other
        && docString.equals(other.docString)
        && properties.equals(other.properties);
  }

  @Override
  public int hashCode() {
    return Objects.hash(docString, properties);
  }
}
