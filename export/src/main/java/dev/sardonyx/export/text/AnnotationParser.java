package dev.sardonyx.export.text;

import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.QuantizationAnnotation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses annotations: the comments {@code #@{...}} that hold metadata. */
record AnnotationParser(Scanner in) {

  /**
   * The content of an annotation.
   *
   * @param name the name of the graph or tensor before it; null if the annotation has none
   */
  record Said(@Nullable String name, Metadata metadata, List<QuantizationAnnotation> quantization) {
    /** The name, or the word that stands in the place of a name. */
    String nameOr(String word) {
      return name == null ? word : name;
    }
  }

  Metadata metadata() {
    return annotation("#@{", Kind.PLAIN).metadata();
  }

  /** The annotation of a tensor, which may hold the tensor's name. */
  Said ofTensor() {
    return annotation("#@{", Kind.TENSOR);
  }

  Said ofGraph() {
    return annotation("#@{", Kind.GRAPH);
  }

  private enum Kind {
    PLAIN,
    TENSOR,
    GRAPH
  }

  private Said annotation(String open, Kind kind) {
    String name = null;
    String docString = "";
    Map<String, String> properties = Map.of();
    List<QuantizationAnnotation> quantization = List.of();
    if (in.accept(open)) {
      do {
        int start = in.position();
        String key = in.word("doc_string or metadata_props");
        in.expect(":");
        switch (key) {
          case "doc_string" -> docString = in.string("a doc string");
          case "metadata_props" -> properties = entries();
          case "name" -> {
            if (kind == Kind.PLAIN) {
              in.back(start);
              throw in.problem("only graphs and tensors have a name here");
            }
            name = in.string("a name");
          }
          case "quantization_annotation" -> {
            if (kind != Kind.GRAPH) {
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
    return new Said(name, Metadata.of(docString, properties), quantization);
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
      annotations.add(new QuantizationAnnotation(value, entries(), inner()));
    } while (in.accept(","));
    in.expect("]");
    return annotations;
  }

  private Metadata inner() {
    return annotation("@{", Kind.PLAIN).metadata();
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
