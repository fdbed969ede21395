package dev.sardonyx.ir;

import java.util.List;

/**
 * An operator that the model itself defines by other operators.
 *
 * @param domain the domain of the operator it defines
 * @param name the operator's name
 * @param overload tells functions of one name apart, mostly empty
 * @param inputs names of the formal inputs
 * @param outputs names of the values given back
 * @param attributes names of attributes that a caller must give
 * @param defaults attributes that a caller may give, with their defaults
 * @param nodes the body, in topological order
 * @param opsetImports the operators that the body uses
 * @param values declared types of the body's inputs and results, if any
 */
public record Function(
    String domain,
    String name,
    String overload,
    List<String> inputs,
    List<String> outputs,
    List<String> attributes,
    List<Attribute> defaults,
    List<Node> nodes,
    List<OpsetImport> opsetImports,
    List<Input> values,
    Metadata metadata) {
  public Function {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = List.copyOf(attributes);
    defaults = List.copyOf(defaults);
    nodes = List.copyOf(nodes);
    opsetImports = List.copyOf(opsetImports);
    values = List.copyOf(values);
  }

  public Function withNodes(List<Node> changed) {
    return new Function(
        domain,
        name,
        overload,
        inputs,
        outputs,
        attributes,
        defaults,
        changed,
        opsetImports,
        values,
        metadata);
  }
}
