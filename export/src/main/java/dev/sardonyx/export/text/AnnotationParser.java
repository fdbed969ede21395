package dev.sardonyx.export.text;

import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.QuantizationAnnotation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses what is said about parts of a model. */
record AnnotationParser(Scanner in) {

  /** What a graph's annotation says. */
  record OfGraph(Metadata metadata, List<QuantizationAnnotation> quantization) {}

  Metadata metadata() {
    return annotation(false).metadata();
  }

  OfGraph ofGraph() {
    return annotation(true);
  }

  private OfGraph annotation(boolean graph) {
    String docString = "";
    Map<String, String> properties = Map.of();
    List<QuantizationAnnotation> quantization = List.of();
    if (in.accept("@{")) {
      do {
        int start = in.position();
        String key = in.word("doc_string or metadata_props");
        in.expect(":");
        switch (key) {
          case "doc_string" -> docString = in.string("a doc string");
          case "metadata_props" -> properties = entries();
          case "quantization_annotation" -> {
            if (!graph) {
              in.back(start);
              throw in.problem("only graphs have quantization_annotation");
            }
            quantization = quantization();
          }
          default -> {
            in.back(start);
            throw in.expected("doc_string or metadata_props");
          }
        }
      } while (in.accept(","));
      in.expect("}");
    }
    return new OfGraph(Metadata.of(docString, properties), quantization);
  }

  /** {@code ["key": "value", ...]}. */
  Map<String, String> entries() {
    Map<String, String> entries = new LinkedHashMap<>();
    in.expect("[");
    if (!in.accept("]")) {
      do {
        String key = in.string("a key");
        in.expect(":");
        entries.putIfAbsent(key, in.string("a value"));
      } while (in.accept(","));
      in.expect("]");
    }
    return entries;
  }

  private List<QuantizationAnnotation> quantization() {
    List<QuantizationAnnotation> annotations = new ArrayList<>();
    in.expect("[");
    do {
      String value = in.string("a value's name");
      in.expect(":");
      annotations.add(new QuantizationAnnotation(value, entries(), metadata()));
    } while (in.accept(","));
    in.expect("]");
    return annotations;
  }

  List<OpsetImport> opsets() {
    List<OpsetImport> imports = new ArrayList<>();
    in.expect("[");
    if (!in.accept("]")) {
      do {
        String domain = in.string("a domain");
        in.expect(":");
        imports.add(OpsetImport.of(domain, in.integer("an opset version")));
      } while (in.accept(","));
      in.expect("]");
    }
    return imports;
  }
}
