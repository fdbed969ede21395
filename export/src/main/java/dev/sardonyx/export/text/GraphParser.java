package dev.sardonyx.export.text;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses graphs and nodes. */
final class GraphParser {
  private final Scanner in;
  private final AnnotationParser annotations;
  private final TypeParser types;
  private final TensorParser tensors;
  private final AttributeParser attributes;

  GraphParser(Scanner in) {
    this.in = in;
    this.annotations = new AnnotationParser(in);
    this.types = new TypeParser(in);
    this.tensors = new TensorParser(in, types);
    this.attributes = new AttributeParser(in, types, tensors, this);
  }

  AttributeParser attributes() {
    return attributes;
  }

  TypeParser types() {
    return types;
  }

  Graph graph() {
    in.enter();
    String word = in.name("a graph's name");
    AnnotationParser.Said said = annotations.ofGraph();
    String name = said.nameOr(word);
    List<Constant> constants = new ArrayList<>();
    List<Input> inputs = values(constants);
    in.expect("=>");
    List<Output> outputs = new ArrayList<>();
    for (Input output : values(null)) {
      outputs.add(new Output(output.name(), output.type(), output.metadata()));
    }
    List<Input> declared = in.next("<") ? declarations(constants, null) : List.of();
    Graph graph =
        new Graph(
            name,
            inputs,
            outputs,
            nodes(declared),
            constants,
            said.quantization(),
            said.metadata());
    in.leave();
    return graph;
  }

  /** Inputs or outputs; an input's default value is added to the constants. */
  private List<Input> values(@Nullable List<Constant> constants) {
    List<Input> values = new ArrayList<>();
    in.expect("(");
    if (!in.accept(")")) {
      do {
        Input value = value();
        values.add(value);
        if (constants != null && in.accept("=")) {
          constants.add(Constant.of(value.name(), tensors.constant(value.type())));
        }
      } while (in.accept(","));
      in.expect(")");
    }
    return values;
  }

  /**
   * Parses a list of declared values and constants.
   *
   * @param results takes the types of results that are not declared; null if there can be none
   */
  List<Input> declarations(List<Constant> constants, @Nullable List<Input> results) {
    List<Input> declared = new ArrayList<>();
    List<Input> values = declared;
    in.expect("<");
    if (!in.accept(">")) {
      do {
        if (results != null && in.accept(Scanner.RESULTS)) {
          values = results;
        }
        Input value = value();
        if (in.accept("=")) {
          constants.add(
              new Constant(value.name(), tensors.constant(value.type()), value.metadata()));
        } else {
          values.add(value);
        }
      } while (in.accept(","));
      in.expect(">");
    }
    return declared;
  }

  private Input value() {
    ValueType type = types.nextIsType() ? types.type() : ValueType.unknown();
    String name = in.name("a value's name");
    return new Input(name, type, annotations.metadata());
  }

  /**
   * @param declared types of the nodes' results
   */
  List<Node> nodes(List<Input> declared) {
    Map<String, Deque<Input>> byName = new HashMap<>();
    for (Input value : declared) {
      byName.computeIfAbsent(value.name(), name -> new ArrayDeque<>()).add(value);
    }
    List<Node> nodes = new ArrayList<>();
    in.expect("{");
    while (!in.accept("}")) {
      nodes.add(node(byName));
    }
    return nodes;
  }

  private Node node(Map<String, Deque<Input>> declared) {
    String name = "";
    if (in.accept("[")) {
      name = in.nextIsName() ? in.name("a node's name") : "";
      in.expect("]");
    }
    List<Result> outputs = new ArrayList<>();
    for (String output : names('=')) {
      Deque<Input> known = declared.get(output);
      Input value = known == null ? null : known.poll();
      outputs.add(
          value != null
              ? new Result(output, value.type(), value.metadata())
              : output.isEmpty() ? Result.ABSENT : Result.of(output));
    }
    in.expect("=");
    String[] operator = operator();
    String overload = in.accept(":") ? in.name("an overload") : "";
    List<Attribute> list = in.next("<") ? attributes.list() : List.of();
    in.expect("(");
    List<String> inputs = names(')');
    in.expect(")");
    if (list.isEmpty() && in.next("<")) {
      list = attributes.list();
    }
    Metadata metadata = annotations.metadata();
    return new Node(operator[0], operator[1], overload, name, inputs, list, outputs, metadata);
  }

  /** Domain and operator. */
  private String[] operator() {
    String domain = "";
    String last = in.name("an operator");
    while (in.accept(".")) {
      domain = domain.isEmpty() ? last : domain + "." + last;
      last = in.name("an operator");
    }
    return new String[] {domain, last};
  }

  /** Names up to a closing character; where there is nothing before a comma, the name is empty. */
  List<String> names(char close) {
    List<String> names = new ArrayList<>();
    while (in.peek() != close) {
      if (in.accept(",")) {
        names.add("");
        continue;
      }
      names.add(in.name("a value's name or '" + close + "'"));
      if (!in.accept(",")) {
        break;
      }
    }
    return names;
  }
}
