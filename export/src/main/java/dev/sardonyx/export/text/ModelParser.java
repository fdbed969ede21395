package dev.sardonyx.export.text;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Parses models in ONNX's text syntax: what {@link ModelPrinter} prints, and what {@code
 * onnx.printer} prints, except external data and what it abbreviates. See the package for the
 * syntax.
 */
public final class ModelParser {
  private final Scanner in;
  private final AnnotationParser annotations;
  private final GraphParser graphs;

  private ModelParser(String text) {
    this.in = new Scanner(text);
    this.annotations = new AnnotationParser(in);
    this.graphs = new GraphParser(in);
  }

  /**
   * The model of a text.
   *
   * @throws ModelSyntaxException if the text is not a model, with line, column and what was
   *     expected
   */
  public static Model parse(String text) {
    return Nesting.run(Scanner.brackets(text), () -> new ModelParser(text).model());
  }

  /** The graph of a text that holds just that. */
  public static Graph parseGraph(String text) {
    ModelParser parser = new ModelParser(text);
    Graph graph = Nesting.run(Scanner.brackets(text), parser.graphs::graph);
    if (!parser.in.atEnd()) {
      throw parser.in.expected("the end of the text");
    }
    return graph;
  }

  /** The head of a model or function, as far as it has been parsed. */
  private static final class Head {
    private long irVersion;
    private long modelVersion;
    private List<OpsetImport> opsets = List.of();
    private String producerName = "";
    private String producerVersion = "";
    private String domain = "";
    private String overload = "";
    private String docString = "";
    private Map<String, String> properties = Map.of();
    private List<TrainingInfo> training = List.of();

    Metadata metadata() {
      return Metadata.of(docString, properties);
    }
  }

  private Head head() {
    Head head = new Head();
    if (!in.accept("<")) {
      return head;
    }
    do {
      in.peek();
      int start = in.position();
      String key = in.word("a key, such as ir_version");
      in.expect(":");
      switch (key) {
        case "ir_version" -> head.irVersion = in.integer("an IR version");
        case "opset_import" -> head.opsets = annotations.opsets();
        case "producer_name" -> head.producerName = in.string("a name");
        case "producer_version" -> head.producerVersion = in.string("a version");
        case "domain" -> head.domain = in.string("a domain");
        case "overload" -> head.overload = in.string("an overload");
        case "model_version" -> head.modelVersion = in.integer("a version");
        case "doc_string" -> head.docString = in.string("a doc string");
        case "metadata_props" -> head.properties = annotations.entries();
        case "training_info" -> head.training = training();
        default -> {
          in.back(start);
          throw in.expected(
              "ir_version, opset_import, producer_name, producer_version, domain, overload,"
                  + " model_version, doc_string, metadata_props or training_info");
        }
      }
    } while (in.accept(","));
    in.expect(">");
    return head;
  }

  private Model model() {
    Head head = head();
    Graph graph = graphs.graph();
    List<Function> functions = new ArrayList<>();
    while (!in.atEnd()) {
      functions.add(function());
    }
    return new Model(
        head.irVersion,
        head.opsets,
        head.producerName,
        head.producerVersion,
        head.domain,
        head.modelVersion,
        graph,
        functions,
        head.training,
        head.metadata());
  }

  private List<TrainingInfo> training() {
    List<TrainingInfo> all = new ArrayList<>();
    in.expect("[");
    do {
      in.expect("{");
      key("initialization");
      Graph initialization = graphs.graph();
      in.expect(",");
      key("algorithm");
      Graph algorithm = graphs.graph();
      in.expect(",");
      key("initialization_binding");
      Map<String, String> first = annotations.entries();
      in.expect(",");
      key("update_binding");
      Map<String, String> update = annotations.entries();
      all.add(new TrainingInfo(initialization, algorithm, first, update, annotations.metadata()));
      in.expect("}");
    } while (in.accept(","));
    in.expect("]");
    return all;
  }

  private void key(String key) {
    if (!in.peekWord().equals(key)) {
      throw in.expected("'" + key + "'");
    }
    in.expect(key);
    in.expect(":");
  }

  private Function function() {
    Head head = head();
    String name = in.name("a function's name");
    Metadata said = annotations.metadata();
    List<String> attributes = new ArrayList<>();
    List<Attribute> defaults = new ArrayList<>();
    if (in.accept("<")) {
      do {
        String attribute = in.name("an attribute's name");
        if (in.next(":") || in.next("=")) {
          defaults.add(graphs.attributes().attribute(attribute));
        } else {
          attributes.add(attribute);
        }
      } while (in.accept(","));
      in.expect(">");
    }
    List<Input> values = new ArrayList<>();
    List<String> inputs = formals(values);
    in.expect("=>");
    List<String> outputs = formals(values);
    List<Constant> constants = new ArrayList<>();
    List<Input> results = new ArrayList<>();
    if (in.next("<")) {
      values.addAll(graphs.declarations(constants, results));
    }
    if (!constants.isEmpty()) {
      throw in.problem("a function has no initializers; give them by Constant nodes");
    }
    List<Node> nodes = graphs.nodes(results);
    return new Function(
        head.domain,
        name,
        head.overload,
        inputs,
        outputs,
        attributes,
        defaults,
        nodes,
        head.opsets,
        values,
        said.properties().isEmpty()
            ? head.metadata()
            : Metadata.of(head.docString, said.properties()));
  }

  /**
   * Names of formal inputs or outputs; types that are given with them are added to the declared
   * ones.
   */
  private List<String> formals(List<Input> declared) {
    List<String> names = new ArrayList<>();
    in.expect("(");
    if (!in.accept(")")) {
      do {
        boolean typed = graphs.types().nextIsType();
        ValueType type = typed ? graphs.types().type() : ValueType.unknown();
        String name = in.name("a value's name");
        names.add(name);
        if (typed) {
          declared.add(Input.of(name, type));
        }
      } while (in.accept(","));
      in.expect(")");
    }
    return names;
  }
}
