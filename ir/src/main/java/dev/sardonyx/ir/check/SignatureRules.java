package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules about nodes and the signatures of their operators: existence, arity, attributes. */
final class SignatureRules {
  private final Map<OperatorName, Function> functions = new HashMap<>();
  private final List<Problem> problems;

  SignatureRules(List<Problem> problems) {
    this.problems = problems;
  }

  void add(Function function) {
    functions.put(OperatorName.of(function), function);
  }

  /** One node, without its subgraphs. */
  void node(Node node, Place place) {
    attributesThemselves(node, place.function(), place.path());
    Function called = functions.isEmpty() ? null : functions.get(OperatorName.of(node));
    if (called != null) {
      call(node, called, place.path());
    } else {
      operator(node, place.imports(), place.path());
    }
  }

  private void attributesThemselves(Node node, @Nullable Function inside, String path) {
    if (node.attributes().isEmpty()) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (Attribute attribute : node.attributes()) {
      if (!names.add(attribute.name())) {
        add(
            ProblemCode.DUPLICATE_ATTRIBUTE,
            path,
            node,
            attribute.name(),
            "one",
            "two",
            "attribute " + attribute.name() + " is given twice");
      }
      if (attribute.value() instanceof AttributeValue.Reference reference
          && (inside == null || !declares(inside, reference.attribute()))) {
        add(
            ProblemCode.ATTRIBUTE_REFERENCE,
            path,
            node,
            attribute.name(),
            "an attribute of the function around the node",
            reference.attribute(),
            "attribute "
                + attribute.name()
                + " refers to "
                + reference.attribute()
                + (inside == null
                    ? ", but the node is in no function"
                    : ", which " + FunctionRules.label(inside) + " does not declare"));
      }
    }
  }

  private static boolean declares(Function function, String attribute) {
    return function.attributes().contains(attribute)
        || function.defaults().stream().anyMatch(a -> a.name().equals(attribute));
  }

  private void call(Node node, Function called, String path) {
    int inputs = trimmedInputs(node);
    if (inputs > called.inputs().size()) {
      add(
          ProblemCode.INPUT_COUNT,
          path,
          node,
          "",
          "at most " + called.inputs().size(),
          "" + inputs,
          node.operator()
              + " takes at most "
              + counted(called.inputs().size(), "input")
              + ", not "
              + inputs);
    }
    if (node.outputs().size() > called.outputs().size()) {
      add(
          ProblemCode.OUTPUT_COUNT,
          path,
          node,
          "",
          "at most " + called.outputs().size(),
          "" + node.outputs().size(),
          node.operator()
              + " gives at most "
              + counted(called.outputs().size(), "output")
              + ", not "
              + node.outputs().size());
    }
    callAttributes(node, called, path);
  }

  private void callAttributes(Node node, Function called, String path) {
    for (String required : called.attributes()) {
      if (node.attribute(required).isEmpty()) {
        String message = node.operator() + " needs attribute " + required;
        // A warning only: nodes in the function may do without the attribute.
        problems.add(
            Problem.error(
                    ProblemCode.MISSING_ATTRIBUTE,
                    path,
                    node.label(),
                    required,
                    "attribute " + required,
                    "none",
                    message)
                .asWarning());
      }
    }
    for (Attribute attribute : node.attributes()) {
      if (!declares(called, attribute.name())) {
        add(
            ProblemCode.UNKNOWN_ATTRIBUTE,
            path,
            node,
            attribute.name(),
            "no such attribute",
            attribute.name(),
            node.operator() + " has no attribute " + attribute.name());
      }
    }
  }

  private void operator(Node node, List<OpsetImport> imports, String path) {
    OptionalLong opset = OpsetImport.version(imports, node.domain());
    if (opset.isEmpty() && !imports.isEmpty()) {
      String domain = shownDomain(node);
      add(
          ProblemCode.MISSING_OPSET_IMPORT,
          path,
          node,
          domain,
          "an import of " + domain,
          "none",
          node.operator() + " is of domain " + domain + ", which is not imported");
      return;
    }
    long version = opset.orElse(1);
    OperatorSchema schema = OperatorCatalogue.standard().find(node, version).orElse(null);
    if (schema == null) {
      unknown(node, version, path);
    } else if (schema.deprecated()) {
      String domain = shownDomain(node);
      add(
          ProblemCode.DEPRECATED_OPERATOR,
          path,
          node,
          node.opType(),
          domain + " before " + schema.since(),
          domain + " " + version,
          node.operator()
              + " was removed in version "
              + schema.since()
              + " of "
              + domain
              + "; imported is "
              + version);
    } else {
      earlier(node, schema, version, path);
      arity(node, schema, path);
      presentResults(node, schema, path);
      attributes(node, schema, path);
    }
  }

  /**
   * Tells why an operator has no signature in the imported version: its domain is not known, no
   * version of the domain has it, or only later ones have.
   */
  private void unknown(Node node, long version, String path) {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    String domain = shownDomain(node);
    if (!catalogue.knowsDomain(node.domain())) {
      problems.add(
          Problem.error(
                  ProblemCode.UNKNOWN_DOMAIN,
                  path,
                  node.label(),
                  node.operator(),
                  "a known domain",
                  domain,
                  "nothing is known of operator " + node.operator() + " of domain " + domain)
              .asWarning());
      return;
    }
    List<OperatorSchema> versions = catalogue.versions(node.domain(), node.opType());
    if (versions.isEmpty()) {
      add(
          ProblemCode.UNKNOWN_OPERATOR,
          path,
          node,
          node.opType(),
          "an operator of " + domain,
          node.opType(),
          "domain " + domain + " has no operator " + node.opType() + similar(catalogue, node));
      return;
    }
    problems.add(tooNew(node, versions.get(0).since(), version, path));
  }

  /** ONNX Runtime takes some of ONNX's operators in versions that in ONNX do not have them yet. */
  private void earlier(Node node, OperatorSchema schema, long version, String path) {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    if (catalogue.knowsDomain(node.domain())) {
      List<OperatorSchema> versions = catalogue.versions(node.domain(), node.opType());
      if (!versions.isEmpty() && versions.get(0).since() > schema.since()) {
        problems.add(tooNew(node, versions.get(0).since(), version, path).asWarning());
      }
    }
  }

  private static Problem tooNew(Node node, int since, long version, String path) {
    String domain = shownDomain(node);
    return Problem.error(
        ProblemCode.OPERATOR_TOO_NEW,
        path,
        node.label(),
        node.opType(),
        domain + " " + since + " or later",
        domain + " " + version,
        "node "
            + node.label()
            + ": "
            + node.operator()
            + " exists from version "
            + since
            + " of "
            + domain
            + " on; imported is "
            + version);
  }

  private static String shownDomain(Node node) {
    return ModelRules.shown(OpsetImport.canonical(node.domain()));
  }

  private static String similar(OperatorCatalogue catalogue, Node node) {
    return catalogue.operators(node.domain()).stream()
        .filter(name -> name.equalsIgnoreCase(node.opType()))
        .findFirst()
        .map(name -> "; did you mean " + name + "?")
        .orElse("");
  }

  /** Absent inputs at the end are as good as not written. */
  private static int trimmedInputs(Node node) {
    int count = node.inputs().size();
    while (count > 0 && !node.hasInput(count - 1)) {
      count--;
    }
    return count;
  }

  private void arity(Node node, OperatorSchema schema, String path) {
    int inputs = node.inputs().size();
    if (inputs < schema.minInputs() || inputs > schema.maxInputs()) {
      add(
          ProblemCode.INPUT_COUNT,
          path,
          node,
          "",
          range(schema.minInputs(), schema.maxInputs()),
          "" + inputs,
          schema
              + " takes "
              + range(schema.minInputs(), schema.maxInputs(), "input")
              + ", not "
              + inputs
              + (trimmedInputs(node) < inputs ? ", absent ones counted" : ""));
    } else {
      for (int i = 0; i < node.inputs().size(); i++) {
        Parameter parameter = schema.input(i).orElse(null);
        if (!node.hasInput(i) && parameter != null && parameter.kind() != Parameter.Kind.OPTIONAL) {
          add(
              ProblemCode.MISSING_INPUT,
              path,
              node,
              parameter.name(),
              "a value",
              "none",
              "input " + i + " (" + parameter.name() + ") of " + schema + " is required");
        }
      }
    }
    int outputs = node.outputs().size();
    if (outputs < schema.minOutputs() || outputs > schema.maxOutputs()) {
      add(
          ProblemCode.OUTPUT_COUNT,
          path,
          node,
          "",
          range(schema.minOutputs(), schema.maxOutputs()),
          "" + outputs,
          schema
              + " gives "
              + range(schema.minOutputs(), schema.maxOutputs(), "output")
              + ", not "
              + outputs);
    }
  }

  /**
   * Only results that the signature calls optional may be left out. ONNX Runtime and ONNX's own
   * checker refuse others; where there may be any number of them, ONNX Runtime crashes instead.
   */
  private void presentResults(Node node, OperatorSchema schema, String path) {
    for (int i = 0; i < node.outputs().size(); i++) {
      Parameter parameter = node.hasOutput(i) ? null : schema.output(i).orElse(null);
      if (parameter != null && parameter.kind() != Parameter.Kind.OPTIONAL) {
        problems.add(
            Problem.error(
                ProblemCode.MISSING_OUTPUT,
                path,
                node.label(),
                parameter.name(),
                "a name",
                "none",
                "node "
                    + node.label()
                    + ": output "
                    + i
                    + " ("
                    + parameter.name()
                    + ") of "
                    + schema
                    + " has no name"));
      }
    }
  }

  private static String range(int min, int max) {
    if (min == max) {
      return Integer.toString(min);
    }
    return max == Integer.MAX_VALUE ? "at least " + min : min + " to " + max;
  }

  private static String range(int min, int max, String noun) {
    boolean one = min == 1 && (max == 1 || max == Integer.MAX_VALUE);
    return range(min, max) + " " + noun + (one ? "" : "s");
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private void attributes(Node node, OperatorSchema schema, String path) {
    for (Attribute attribute : node.attributes()) {
      AttributeSchema formal = schema.attributes().get(attribute.name());
      if (formal == null) {
        if (!attribute.name().startsWith("__")) {
          add(
              ProblemCode.UNKNOWN_ATTRIBUTE,
              path,
              node,
              attribute.name(),
              schema.attributes().isEmpty() ? "none" : "one of " + schema.attributes().keySet(),
              attribute.name(),
              schema
                  + " has no attribute "
                  + attribute.name()
                  + "; it has "
                  + (schema.attributes().isEmpty() ? "none" : schema.attributes().keySet()));
        }
      } else if (attribute.type() != formal.type() && attribute.type() != AttributeType.UNDEFINED) {
        add(
            ProblemCode.ATTRIBUTE_TYPE,
            path,
            node,
            attribute.name(),
            formal.type().toString(),
            attribute.type().toString(),
            "attribute "
                + attribute.name()
                + " of "
                + schema
                + " is "
                + formal.type()
                + ", not "
                + attribute.type());
      }
    }
    for (AttributeSchema formal : schema.attributes().values()) {
      if (formal.required() && node.attribute(formal.name()).isEmpty()) {
        add(
            ProblemCode.MISSING_ATTRIBUTE,
            path,
            node,
            formal.name(),
            formal.type().toString(),
            "none",
            schema + " needs attribute " + formal.name());
      }
    }
  }

  private void add(
      ProblemCode code,
      String path,
      Node node,
      String value,
      String expected,
      String actual,
      String message) {
    problems.add(
        Problem.error(
            code,
            path,
            node.label(),
            value,
            expected,
            actual,
            "node " + node.label() + ": " + message));
  }
}
