package dev.sardonyx.ir.op;

import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Describes an operator for {@link OperatorSchema#of}. Types are written as in ONNX's signatures,
 * such as {@code tensor(float)} or {@code seq(tensor(int64))}; the type of an input or output is
 * one of these or the name of a parameter, such as {@code T}, that {@link #types} describes.
 */
public final class SchemaBuilder {
  private final String domain;
  private final String name;
  private final int since;
  private final List<Parameter> inputs = new ArrayList<>();
  private final List<Parameter> outputs = new ArrayList<>();
  private final Map<String, AttributeSchema> attributes = new LinkedHashMap<>();
  private final Map<String, Set<ValueType>> types = new LinkedHashMap<>();
  private boolean deprecated;
  private boolean function;
  private OperatorSchema.Randomness randomness = OperatorSchema.Randomness.NEVER;

  SchemaBuilder(String domain, String name, int since) {
    this.domain = OpsetImport.canonical(domain);
    this.name = name;
    this.since = since;
  }

  /** An input that must be given. */
  public SchemaBuilder input(String parameter, String type) {
    return input(new Parameter(parameter, type, Parameter.Kind.SINGLE, 1, true));
  }

  /** An input that may be absent. */
  public SchemaBuilder optionalInput(String parameter, String type) {
    return input(new Parameter(parameter, type, Parameter.Kind.OPTIONAL, 1, true));
  }

  /** Any other input, such as a variadic one, which must be the last. */
  public SchemaBuilder input(Parameter parameter) {
    add(inputs, parameter);
    return this;
  }

  /** An output that is always given. */
  public SchemaBuilder output(String parameter, String type) {
    return output(new Parameter(parameter, type, Parameter.Kind.SINGLE, 1, true));
  }

  /** An output that a node may leave out. */
  public SchemaBuilder optionalOutput(String parameter, String type) {
    return output(new Parameter(parameter, type, Parameter.Kind.OPTIONAL, 1, true));
  }

  /** Any other output, such as a variadic one, which must be the last. */
  public SchemaBuilder output(Parameter parameter) {
    add(outputs, parameter);
    return this;
  }

  private void add(List<Parameter> parameters, Parameter parameter) {
    if (!parameters.isEmpty()
        && parameters.get(parameters.size() - 1).kind() == Parameter.Kind.VARIADIC) {
      throw new IllegalArgumentException(
          "Operator " + name + " has parameter " + parameter.name() + " after a variadic one");
    }
    parameters.add(parameter);
  }

  /** An attribute that every node must have. */
  public SchemaBuilder requiredAttribute(String attribute, AttributeType type) {
    return attribute(new AttributeSchema(attribute, type, true, null));
  }

  /** An attribute with the value that it has in a node without it. */
  public SchemaBuilder attribute(String attribute, AttributeValue defaultValue) {
    return attribute(new AttributeSchema(attribute, defaultValue.type(), false, defaultValue));
  }

  /** Any other attribute, such as one whose absence has a meaning of its own. */
  public SchemaBuilder attribute(AttributeSchema attribute) {
    attributes.put(attribute.name(), attribute);
    return this;
  }

  /**
   * The types that a type parameter may stand for. Inputs and outputs that share a parameter have
   * the same type.
   *
   * @throws IllegalArgumentException if one of them is not a type
   */
  public SchemaBuilder types(String parameter, String... allowed) {
    Set<ValueType> set = new LinkedHashSet<>();
    for (String type : allowed) {
      set.add(SignatureType.parse(type));
    }
    types.put(parameter, Collections.unmodifiableSet(set));
    return this;
  }

  /** When the operator draws random numbers; {@code NEVER} if nothing is said. */
  public SchemaBuilder randomness(OperatorSchema.Randomness when) {
    randomness = when;
    return this;
  }

  /** That the operator no longer exists from this version on. */
  public SchemaBuilder deprecated() {
    deprecated = true;
    return this;
  }

  /** That ONNX defines the operator by other operators. */
  SchemaBuilder function() {
    function = true;
    return this;
  }

  OperatorSchema build() {
    List<Parameter> all = new ArrayList<>(inputs);
    all.addAll(outputs);
    for (Parameter parameter : all) {
      if (!types.containsKey(parameter.type())) {
        types.put(parameter.type(), Set.of(SignatureType.parse(parameter.type())));
      }
    }
    return new OperatorSchema(
        domain,
        name,
        since,
        deprecated,
        List.copyOf(inputs),
        List.copyOf(outputs),
        Collections.unmodifiableMap(attributes),
        Collections.unmodifiableMap(types),
        least(inputs),
        most(inputs),
        least(outputs),
        most(outputs),
        function,
        randomness);
  }

  /** How many values a node lists at least: up to the last parameter that must be given. */
  private static int least(List<Parameter> parameters) {
    int least = 0;
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      least =
          switch (parameter.kind()) {
            case SINGLE -> i + 1;
            case OPTIONAL -> least;
            case VARIADIC -> i + parameter.minArity();
          };
    }
    return least;
  }

  private static int most(List<Parameter> parameters) {
    boolean endless =
        !parameters.isEmpty()
            && parameters.get(parameters.size() - 1).kind() == Parameter.Kind.VARIADIC;
    return endless ? Integer.MAX_VALUE : parameters.size();
  }
}
