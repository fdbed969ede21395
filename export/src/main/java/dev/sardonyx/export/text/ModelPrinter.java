package dev.sardonyx.export.text;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Prints models in ONNX's text syntax; see the package for what is added to it. The text does not
 * depend on the machine or its settings, and {@link ModelParser} reads it back to an equal model.
 *
 * <p>{@code onnx.parser} reads it too, except for what stands in comments, unless the model needs
 * one of the additions that only {@link ModelParser} reads.
 */
public final class ModelPrinter {
  /** Prints all data. */
  private static final long ALL = Long.MAX_VALUE;

  private final TensorPrinter tensors;

  private ModelPrinter(long limit) {
    this.tensors = new TensorPrinter(limit);
  }

  /** The whole model. */
  public static String print(Model model) {
    StringBuilder text = new StringBuilder();
    print(model, text);
    return text.toString();
  }

  /**
   * Prints the whole model, piece by piece.
   *
   * @throws java.io.UncheckedIOException if the text cannot be appended
   */
  public static void print(Model model, Appendable to) {
    follow(model, new ModelPrinter(ALL), new UnescapedText(to));
  }

  /**
   * Prints the whole model for a terminal. Unlike in {@link #print(Model, Appendable)}, control
   * characters and invisible ones are escaped, except line ends and tabs in strings, so that a
   * string or name cannot control the terminal. {@link ModelParser} reads these escapes, ONNX's
   * parser does not.
   *
   * @throws java.io.UncheckedIOException if the text cannot be appended
   */
  public static void printEscaped(Model model, Appendable to) {
    follow(model, new ModelPrinter(ALL), to);
  }

  /**
   * The model for people to read, with escapes: of a tensor with more elements only the first ones
   * are printed, followed by {@code ...}. The first line of the text says so, and it cannot be
   * parsed.
   */
  public static String printAbbreviated(Model model, int elements) {
    StringBuilder text = new StringBuilder("# Abbreviated: long tensors are cut.\n");
    follow(model, new ModelPrinter(elements), text);
    return text.toString();
  }

  private static void follow(Model model, ModelPrinter printer, Appendable to) {
    Nesting.follow(
        model,
        () -> {
          printer.model(model, to);
          return to;
        });
  }

  /** The text of a single graph. */
  public static String print(Graph graph) {
    StringBuilder text = new StringBuilder();
    TextOut out = new TextOut(new UnescapedText(text), 0);
    new ModelPrinter(ALL).graph(graph, out);
    out.add("\n").flush();
    return text.toString();
  }

  private void model(Model model, Appendable to) {
    TextOut out = new TextOut(to, 0);
    out.add("<").indent(2).line().add("ir_version: " + model.irVersion()).add(",").line();
    opsets(model.opsetImports(), out);
    header("producer_name", model.producerName(), out);
    header("producer_version", model.producerVersion(), out);
    header("domain", model.domain(), out);
    if (model.modelVersion() != 0) {
      out.add(",").line().add("model_version: " + model.modelVersion());
    }
    header(model.metadata(), out);
    if (!model.training().isEmpty()) {
      training(model.training(), out);
    }
    out.indent(-2).line().add(">").line();
    graph(model.graph(), out);
    out.line();
    for (Function function : model.functions()) {
      function(function, out);
    }
    out.flush();
  }

  private static void opsets(List<OpsetImport> imports, TextOut out) {
    out.add("opset_import: [")
        .items(
            imports.stream().map(i -> Words.quotedName(i.domain()) + ": " + i.version()).toList())
        .add("]");
  }

  private static void header(String key, String name, TextOut out) {
    if (!name.isEmpty()) {
      out.add(",").line().add(key + ": " + Words.quotedName(name));
    }
  }

  private static void header(Metadata metadata, TextOut out) {
    if (!metadata.docString().isEmpty()) {
      out.add(",").line().add("doc_string: " + Words.quoted(metadata.docString()));
    }
    if (!metadata.properties().isEmpty()) {
      out.add(",").line().add("metadata_props: ");
      entries(metadata.properties(), out);
    }
  }

  private static void entries(Map<String, String> map, TextOut out) {
    List<String> entries = new ArrayList<>(map.size());
    map.forEach((key, value) -> entries.add(Words.quoted(key) + ": " + Words.quoted(value)));
    out.add("[").items(entries).add("]");
  }

  private void training(List<TrainingInfo> all, TextOut out) {
    out.add(",").line().add("training_info: [").indent(2);
    for (int i = 0; i < all.size(); i++) {
      TrainingInfo info = all.get(i);
      out.add(i == 0 ? "" : ",").line().add("{").indent(2).line().add("initialization: ");
      graph(info.initialization(), out);
      out.add(",").line().add("algorithm: ");
      graph(info.algorithm(), out);
      out.add(",").line().add("initialization_binding: ");
      entries(info.initializationBinding(), out);
      out.add(",").line().add("update_binding: ");
      entries(info.updateBinding(), out);
      out.add(Annotations.text(info.metadata())).indent(-2).line().add("}");
    }
    out.indent(-2).line().add("]");
  }

  private void function(Function function, TextOut out) {
    out.add("<")
        .indent(2)
        .line()
        .add("domain: " + Words.quotedName(function.domain()))
        .add(",")
        .line();
    opsets(function.opsetImports(), out);
    header("overload", function.overload(), out);
    header(Metadata.doc(function.metadata().docString()), out);
    out.indent(-2).line().add(">").line().add(Words.name(function.name()));
    out.add(Annotations.text(Metadata.of("", function.metadata().properties()))).add(" ");
    List<String> attributes = new ArrayList<>();
    function.attributes().forEach(name -> attributes.add(Words.word(name)));
    function.defaults().forEach(a -> attributes.add(attribute(a, out.indent())));
    if (!attributes.isEmpty()) {
      out.add("<").items(attributes).add("> ");
    }
    out.add("(").items(names(function.inputs())).add(") => (");
    out.items(names(function.outputs())).add(")");
    List<String> declared = new ArrayList<>();
    for (Input value : function.values()) {
      declared.add(value(value.name(), value.type(), value.metadata()));
    }
    List<String> results = results(function.nodes());
    if (!results.isEmpty()) {
      // Types of the nodes' results that the function does not declare.
      results.set(0, Scanner.RESULTS + "\n" + " ".repeat(out.indent() + 2) + results.get(0));
      declared.addAll(results);
    }
    if (!declared.isEmpty()) {
      values(declared, out);
    }
    out.line();
    nodes(function.nodes(), out);
    out.line();
  }

  private static void values(List<String> values, TextOut out) {
    out.line().add("<").indent(2);
    for (int i = 0; i < values.size(); i++) {
      out.add(i == 0 ? "" : ",").line().add(values.get(i));
    }
    out.indent(-2).line().add(">");
  }

  private void graph(Graph graph, TextOut out) {
    out.add(Words.name(graph.name())).add(annotation(graph, "")).add(" (");
    afterName(graph, out);
  }

  /** Prints a graph as an attribute's value, where ONNX's syntax does not allow every name. */
  private void subgraph(Graph graph, TextOut out) {
    boolean plain = Words.isGraphName(graph.name());
    out.add(plain ? graph.name() : "_");
    out.add(annotation(graph, plain ? "" : Annotations.name(graph.name()))).add(" (");
    afterName(graph, out);
  }

  private void afterName(Graph graph, TextOut out) {
    out.items(graph.inputs().stream().map(ModelPrinter::value).toList()).add(") => (");
    out.items(graph.outputs().stream().map(ModelPrinter::value).toList()).add(")");
    List<String> results = results(graph.nodes());
    if (!graph.constants().isEmpty() || !results.isEmpty()) {
      out.line().add("<").indent(2);
      String separator = "";
      for (Constant constant : graph.constants()) {
        out.add(separator).line();
        tensors.constant(constant, out);
        separator = ",";
      }
      for (String result : results) {
        out.add(separator).line().add(result);
        separator = ",";
      }
      out.indent(-2).line().add(">");
    }
    out.line();
    nodes(graph.nodes(), out);
  }

  private static String annotation(Graph graph, String name) {
    List<String> more = new ArrayList<>();
    if (!name.isEmpty()) {
      more.add(name);
    }
    List<String> annotations = new ArrayList<>();
    for (QuantizationAnnotation annotation : graph.quantization()) {
      annotations.add(
          Words.quotedName(annotation.value())
              + ": "
              + Annotations.map(annotation.parameters())
              + Annotations.inner(annotation.metadata()));
    }
    if (!annotations.isEmpty()) {
      more.add("quantization_annotation: [" + String.join(", ", annotations) + "]");
    }
    return Annotations.text(graph.metadata(), String.join(", ", more));
  }

  private static String value(Input input) {
    return value(input.name(), input.type(), input.metadata());
  }

  private static String value(Output output) {
    return value(output.name(), output.type(), output.metadata());
  }

  private static String value(String name, ValueType type, Metadata metadata) {
    return (type.isKnown() ? TypeText.print(type) + " " : "")
        + Words.name(name)
        + Annotations.text(metadata);
  }

  /**
   * Declarations of results, in order. If several results have the same name, either all or none of
   * them are declared, since the first declaration belongs to the first result.
   */
  private static List<String> results(List<Node> nodes) {
    Map<String, Boolean> told = new HashMap<>();
    for (Node node : nodes) {
      for (Result result : node.outputs()) {
        told.merge(result.name(), isTold(result), Boolean::logicalOr);
      }
    }
    List<String> declarations = new ArrayList<>();
    for (Node node : nodes) {
      for (Result result : node.outputs()) {
        if (told.getOrDefault(result.name(), false)) {
          declarations.add(value(result.name(), result.type(), result.metadata()));
        }
      }
    }
    return declarations;
  }

  private static boolean isTold(Result result) {
    return result.type().isKnown() || !result.metadata().isEmpty();
  }

  private void nodes(List<Node> nodes, TextOut out) {
    out.add("{").indent(2);
    for (Node node : nodes) {
      out.line();
      node(node, out);
    }
    out.indent(-2).line().add("}");
  }

  private void node(Node node, TextOut out) {
    if (!node.name().isEmpty()) {
      out.add("[" + Words.name(node.name()) + "] ");
    }
    out.items(names(node.outputs().stream().map(Result::name).toList()));
    out.add(node.outputs().isEmpty() ? "= " : " = ").add(operator(node));
    List<String> attributes = new ArrayList<>(node.attributes().size());
    for (Attribute attribute : node.attributes()) {
      attributes.add(attribute(attribute, out.indent() + 4));
    }
    boolean graphsLast = !node.subgraphs().isEmpty();
    if (!graphsLast && !attributes.isEmpty()) {
      out.add(" <").items(attributes).add(">");
    }
    out.add(" (").items(names(node.inputs())).add(")");
    if (graphsLast) {
      out.add(" <").indent(4);
      for (int i = 0; i < attributes.size(); i++) {
        out.add(i == 0 ? "" : ",").line().add(attributes.get(i));
      }
      out.indent(-4).line().add(">");
    }
    out.add(Annotations.text(node.metadata()));
  }

  private static List<String> names(List<String> names) {
    return names.stream().map(Words::name).toList();
  }

  private static String operator(Node node) {
    StringBuilder text = new StringBuilder();
    if (!node.domain().isEmpty()) {
      text.append(Words.dotted(node.domain())).append('.');
    }
    text.append(Words.word(node.opType()));
    if (!node.overload().isEmpty()) {
      text.append(':').append(Words.word(node.overload()));
    }
    return text.toString();
  }

  private String attribute(Attribute attribute, int indent) {
    StringBuilder text = new StringBuilder();
    TextOut out = new TextOut(text, indent);
    out.add(Words.word(attribute.name()));
    if (attribute.type() != AttributeType.UNDEFINED) {
      out.add(": " + Words.attributeType(attribute.type()));
    }
    out.add(" = ");
    value(attribute.value(), out);
    out.add(Annotations.text(attribute.metadata())).flush();
    return text.toString();
  }

  private void value(AttributeValue value, TextOut out) {
    if (value instanceof AttributeValue.Float f) {
      out.add(FloatText.text(f.value()));
    } else if (value instanceof AttributeValue.Int i) {
      out.add(Long.toString(i.value()));
    } else if (value instanceof AttributeValue.String s) {
      out.add(Words.quoted(s.value()));
    } else if (value instanceof AttributeValue.Tensor t) {
      tensors.tensor(t.value(), out);
    } else if (value instanceof AttributeValue.SparseTensor t) {
      tensors.sparse(t.value(), out);
    } else if (value instanceof AttributeValue.Graph g) {
      subgraph(g.value(), out);
    } else if (value instanceof AttributeValue.Type t) {
      out.add(TypeText.print(t.value()));
    } else if (value instanceof AttributeValue.Reference reference) {
      out.add("@" + Words.name(reference.attribute()));
    } else {
      list(value, out);
    }
  }

  private void list(AttributeValue value, TextOut out) {
    out.add("[");
    if (value instanceof AttributeValue.Ints ints) {
      out.items(LongStream.of(ints.values()).mapToObj(Long::toString).toList());
    } else if (value instanceof AttributeValue.Floats floats) {
      boolean first = true;
      for (float number : floats.values()) {
        out.item(FloatText.text(number), first);
        first = false;
      }
    } else if (value instanceof AttributeValue.Strings texts) {
      out.items(texts.values().stream().map(Words::quoted).toList());
    } else if (value instanceof AttributeValue.Types types) {
      out.items(types.values().stream().map(TypeText::print).toList());
    } else {
      String separator = "";
      for (AttributeValue item : items(value)) {
        out.add(separator).line();
        value(item, out);
        separator = ",";
      }
    }
    out.add("]");
  }

  /** The items of a list of tensors or graphs. */
  private static List<AttributeValue> items(AttributeValue value) {
    List<AttributeValue> items = new ArrayList<>();
    if (value instanceof AttributeValue.Tensors list) {
      list.values().forEach(tensor -> items.add(new AttributeValue.Tensor(tensor)));
    } else if (value instanceof AttributeValue.SparseTensors list) {
      list.values().forEach(tensor -> items.add(new AttributeValue.SparseTensor(tensor)));
    } else if (value instanceof AttributeValue.Graphs list) {
      list.values().forEach(graph -> items.add(new AttributeValue.Graph(graph)));
    }
    return items;
  }
}
