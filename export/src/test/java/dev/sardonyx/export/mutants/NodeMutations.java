package dev.sardonyx.export.mutants;

import static dev.sardonyx.export.mutants.StructureMutations.withInput;
import static dev.sardonyx.export.mutants.StructureMutations.withNode;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Faults of a node against its operator's signature, put into a node in the middle of the model.
 */
final class NodeMutations {
  private NodeMutations() {}

  static Map<String, Mutation> all() {
    Map<String, Mutation> all = new LinkedHashMap<>();
    all.put("operator in lower case", at(ProblemCode.UNKNOWN_OPERATOR, NodeMutations::lowerCase));
    all.put("domain not imported", at(ProblemCode.MISSING_OPSET_IMPORT, NodeMutations::domain));
    all.put("opset before the operator", NodeMutations::tooOld);
    all.put("opset after the operator", NodeMutations::deprecated);
    all.put("input missing", at(ProblemCode.INPUT_COUNT, NodeMutations::fewerInputs));
    all.put("input too many", at(ProblemCode.INPUT_COUNT, NodeMutations::moreInputs));
    all.put("required input empty", at(ProblemCode.MISSING_INPUT, NodeMutations::emptyInput));
    all.put("output too many", at(ProblemCode.OUTPUT_COUNT, NodeMutations::moreOutputs));
    all.put("unknown attribute", at(ProblemCode.UNKNOWN_ATTRIBUTE, NodeMutations::unknown));
    all.put("attribute missing", at(ProblemCode.MISSING_ATTRIBUTE, NodeMutations::missing));
    all.put("attribute of another type", at(ProblemCode.ATTRIBUTE_TYPE, NodeMutations::type));
    all.put("attribute twice", at(ProblemCode.DUPLICATE_ATTRIBUTE, NodeMutations::twice));
    all.put(
        "reference outside a function",
        at(ProblemCode.ATTRIBUTE_REFERENCE, NodeMutations::reference));
    all.put(
        "unknown attribute in a body",
        inBody(
            ProblemCode.UNKNOWN_ATTRIBUTE,
            n -> n.withAttribute(Attribute.ofInt("no_such_attribute", 1))));
    all.put(
        "undefined value in a body",
        inBody(
            ProblemCode.UNDEFINED_VALUE,
            n -> n.inputs().isEmpty() ? n : withInput(n, 0, "no_such_value")));
    return all;
  }

  /** Changes the first node of the first body in the graph. */
  private static Mutation inBody(ProblemCode code, UnaryOperator<Node> change) {
    return model -> {
      Graph graph = model.graph();
      for (int i = 0; i < graph.nodes().size(); i++) {
        Node node = graph.nodes().get(i);
        for (Attribute attribute : node.attributes()) {
          if (!(attribute.value() instanceof AttributeValue.Graph body)
              || body.value().nodes().isEmpty()) {
            continue;
          }
          Node inner = body.value().nodes().get(0);
          Node changed = change.apply(inner);
          Graph mutated = withNode(body.value(), 0, changed);
          Node outer = node.withAttribute(attribute.withValue(new AttributeValue.Graph(mutated)));
          return changed.equals(inner)
              ? Optional.empty()
              : Optional.of(
                  new Mutant(
                      "", model.withGraph(withNode(graph, i, outer)), code, changed.label()));
        }
      }
      return Optional.empty();
    };
  }

  private static Mutation at(
      ProblemCode code, BiFunction<Node, OperatorSchema, Optional<Node>> change) {
    return model -> {
      Graph graph = model.graph();
      int i = graph.nodes().size() / 2;
      if (graph.nodes().isEmpty()) {
        return Optional.empty();
      }
      Node node = graph.nodes().get(i);
      return schema(model, node)
          .flatMap(schema -> change.apply(node, schema))
          .map(n -> new Mutant("", model.withGraph(withNode(graph, i, n)), code, n.label()));
    };
  }

  static Optional<OperatorSchema> schema(Model model, Node node) {
    boolean local =
        model.functions().stream()
            .anyMatch(f -> f.name().equals(node.opType()) && f.domain().equals(node.domain()));
    return local || model.opset(node.domain()).isEmpty()
        ? Optional.empty()
        : OperatorCatalogue.standard().find(node, model.opset(node.domain()).getAsLong());
  }

  private static Node withOperator(Node n, String domain, String opType) {
    return new Node(
        domain,
        opType,
        n.overload(),
        n.name(),
        n.inputs(),
        n.attributes(),
        n.outputs(),
        n.metadata());
  }

  private static Optional<Node> lowerCase(Node node, OperatorSchema schema) {
    return Optional.of(withOperator(node, node.domain(), node.opType().toLowerCase(Locale.ROOT)));
  }

  private static Optional<Node> domain(Node node, OperatorSchema schema) {
    return Optional.of(withOperator(node, "com.example.absent", node.opType()));
  }

  private static Optional<Mutant> tooOld(Model model) {
    if (model.graph().nodes().size() != 1) {
      return Optional.empty();
    }
    Node node = model.graph().nodes().get(0);
    List<OperatorSchema> versions =
        OperatorCatalogue.standard().versions(node.domain(), node.opType());
    if (schema(model, node).isEmpty() || versions.isEmpty() || versions.get(0).since() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new Mutant(
            "",
            model.withOpsetImport(node.domain(), versions.get(0).since() - 1L),
            ProblemCode.OPERATOR_TOO_NEW,
            node.label()));
  }

  private static Optional<Mutant> deprecated(Model model) {
    if (model.graph().nodes().size() != 1) {
      return Optional.empty();
    }
    Node node = model.graph().nodes().get(0);
    return OperatorCatalogue.standard().versions(node.domain(), node.opType()).stream()
        .filter(OperatorSchema::deprecated)
        .findFirst()
        .map(
            s ->
                new Mutant(
                    "",
                    model.withOpsetImport(node.domain(), s.since()),
                    ProblemCode.DEPRECATED_OPERATOR,
                    node.label()));
  }

  private static Optional<Node> fewerInputs(Node node, OperatorSchema schema) {
    return schema.minInputs() == 0 || node.inputs().isEmpty()
        ? Optional.empty()
        : Optional.of(node.withInputs(node.inputs().subList(0, schema.minInputs() - 1)));
  }

  private static Optional<Node> moreInputs(Node node, OperatorSchema schema) {
    if (schema.maxInputs() == Integer.MAX_VALUE || node.inputs().isEmpty()) {
      return Optional.empty();
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    while (inputs.size() <= schema.maxInputs()) {
      inputs.add(node.input(0));
    }
    return Optional.of(node.withInputs(inputs));
  }

  private static Optional<Node> emptyInput(Node node, OperatorSchema schema) {
    boolean required =
        schema.input(0).map(Parameter::kind).orElse(Parameter.Kind.OPTIONAL)
            == Parameter.Kind.SINGLE;
    return required && schema.minInputs() > 1 && node.inputs().size() > 1 && node.hasInput(1)
        ? Optional.of(withInput(node, 0, Node.ABSENT))
        : Optional.empty();
  }

  private static Optional<Node> moreOutputs(Node node, OperatorSchema schema) {
    if (schema.maxOutputs() == Integer.MAX_VALUE) {
      return Optional.empty();
    }
    List<Result> outputs = new ArrayList<>(node.outputs());
    while (outputs.size() <= schema.maxOutputs()) {
      outputs.add(Result.of("mutant_" + outputs.size()));
    }
    return Optional.of(node.withOutputs(outputs));
  }

  private static Optional<Node> unknown(Node node, OperatorSchema schema) {
    return Optional.of(node.withAttribute(Attribute.ofInt("no_such_attribute", 1)));
  }

  private static Optional<Node> missing(Node node, OperatorSchema schema) {
    return schema.attributes().values().stream()
        .filter(AttributeSchema::required)
        .findFirst()
        .map(
            a ->
                node.withAttributes(
                    node.attributes().stream().filter(b -> !b.name().equals(a.name())).toList()));
  }

  private static Optional<Node> type(Node node, OperatorSchema schema) {
    return node.attributes().stream()
        .filter(a -> a.type() == AttributeType.INT || a.type() == AttributeType.INTS)
        .findFirst()
        .map(
            a ->
                node.withAttribute(
                    a.withValue(
                        a.type() == AttributeType.INT
                            ? new AttributeValue.Float(1)
                            : new AttributeValue.String("1"))));
  }

  private static Optional<Node> twice(Node node, OperatorSchema schema) {
    if (node.attributes().isEmpty()) {
      return Optional.empty();
    }
    List<Attribute> attributes = new ArrayList<>(node.attributes());
    attributes.add(attributes.get(0));
    return Optional.of(node.withAttributes(attributes));
  }

  private static Optional<Node> reference(Node node, OperatorSchema schema) {
    return node.attributes().stream()
        .findFirst()
        .map(a -> node.withAttribute(Attribute.ofReference(a.name(), "outer", a.type())));
  }
}
