package dev.sardonyx.ir;

import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Whether a node is written as its operator's signature asks: arity and attributes. */
final class Signature {
  private Signature() {}

  /** What is wrong with a node, in one sentence that says what to do; empty if nothing is. */
  static Optional<String> check(Node node, long opset) {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    if (!catalogue.knowsDomain(node.domain())) {
      return Optional.empty();
    }
    Optional<OperatorSchema> schema = catalogue.find(node, opset);
    if (schema.isEmpty()) {
      return Optional.of(unknown(node, opset, catalogue));
    }
    if (schema.get().deprecated()) {
      return Optional.of(
          schema.get().name()
              + " no longer exists since opset "
              + schema.get().since()
              + ", and this is opset "
              + opset);
    }
    return arity(node, schema.get()).or(() -> attributes(node, schema.get()));
  }

  private static String unknown(Node node, long opset, OperatorCatalogue catalogue) {
    List<OperatorSchema> versions = catalogue.versions(node.domain(), node.opType());
    return versions.isEmpty()
        ? "ONNX has no operator " + node.operator() + "; names are case-sensitive"
        : node.operator()
            + " exists from opset "
            + versions.get(0).since()
            + " on, and this is opset "
            + opset
            + "; build for a later opset or use older operators";
  }

  private static Optional<String> arity(Node node, OperatorSchema schema) {
    int inputs = node.inputs().size();
    if (inputs < schema.minInputs() || inputs > schema.maxInputs()) {
      return Optional.of(
          schema
              + " takes "
              + range(schema.minInputs(), schema.maxInputs())
              + " inputs "
              + schema.inputs().stream().map(Parameter::name).toList()
              + ", not "
              + inputs);
    }
    int outputs = node.outputs().size();
    if (outputs < schema.minOutputs() || outputs > schema.maxOutputs()) {
      return Optional.of(
          schema
              + " gives "
              + range(schema.minOutputs(), schema.maxOutputs())
              + " outputs "
              + schema.outputs().stream().map(Parameter::name).toList()
              + ", not "
              + outputs);
    }
    for (int i = 0; i < inputs; i++) {
      Parameter parameter = schema.input(i).orElse(null);
      if (!node.hasInput(i) && parameter != null && parameter.kind() == Parameter.Kind.SINGLE) {
        return Optional.of(
            schema + " needs its input " + i + " (" + parameter.name() + "), which is absent");
      }
    }
    return Optional.empty();
  }

  private static String range(int min, int max) {
    if (max == Integer.MAX_VALUE) {
      return min + " or more";
    }
    return min == max ? Integer.toString(min) : min + " to " + max;
  }

  private static Optional<String> attributes(Node node, OperatorSchema schema) {
    for (Attribute attribute : node.attributes()) {
      AttributeSchema formal = schema.attribute(attribute.name()).orElse(null);
      if (formal == null) {
        return Optional.of(
            schema
                + " has no attribute "
                + attribute.name()
                + "; it has "
                + new TreeSet<>(schema.attributes().keySet()));
      }
      if (formal.type() != attribute.type()) {
        return Optional.of(
            "attribute "
                + attribute.name()
                + " of "
                + schema
                + " is of type "
                + formal.type()
                + ", not "
                + attribute.type());
      }
    }
    for (AttributeSchema formal : schema.attributes().values()) {
      if (formal.required() && node.attribute(formal.name()).isEmpty()) {
        return Optional.of(
            schema + " needs attribute " + formal.name() + " of type " + formal.type());
      }
    }
    return Optional.empty();
  }
}
