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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one line of the operator facts. */
final class SchemaReader {
  private SchemaReader() {}

  static int sinceOf(String line) {
    int from = line.indexOf("\"since\":") + 8;
    int to = from;
    while (Character.isDigit(line.charAt(to))) {
      to++;
    }
    return Integer.parseInt(line.substring(from, to));
  }

  static OperatorSchema read(String line) {
    Map<?, ?> fact = (Map<?, ?>) Objects.requireNonNull(Json.parse(line));
    List<Parameter> inputs = parameters(list(fact, "inputs"));
    List<Parameter> outputs = parameters(list(fact, "outputs"));
    return new OperatorSchema(
        OpsetImport.canonical(text(fact, "domain")),
        text(fact, "name"),
        sinceOf(line),
        Boolean.TRUE.equals(fact.get("deprecated")),
        inputs,
        outputs,
        attributes(list(fact, "attributes")),
        types(fact, inputs, outputs),
        count(fact, "min_in"),
        count(fact, "max_in"),
        count(fact, "min_out"),
        count(fact, "max_out"),
        Boolean.TRUE.equals(fact.get("function")),
        fact.get("random") instanceof String when
            ? OperatorSchema.Randomness.valueOf(when.toUpperCase(Locale.ROOT))
            : OperatorSchema.Randomness.NEVER);
  }

  private static List<Parameter> parameters(List<?> facts) {
    List<Parameter> parameters = new ArrayList<>();
    for (Object entry : facts) {
      Map<?, ?> fact = (Map<?, ?>) entry;
      Object option = fact.get("option");
      Parameter.Kind kind =
          option == null
              ? Parameter.Kind.SINGLE
              : option.equals("optional") ? Parameter.Kind.OPTIONAL : Parameter.Kind.VARIADIC;
      int minArity = fact.get("min_arity") instanceof Number n ? n.intValue() : 1;
      boolean homogeneous = !Boolean.FALSE.equals(fact.get("homogeneous"));
      parameters.add(
          new Parameter(text(fact, "name"), text(fact, "type"), kind, minArity, homogeneous));
    }
    return List.copyOf(parameters);
  }

  private static Map<String, AttributeSchema> attributes(List<?> facts) {
    Map<String, AttributeSchema> attributes = new LinkedHashMap<>();
    for (Object entry : facts) {
      Map<?, ?> fact = (Map<?, ?>) entry;
      AttributeType type = AttributeType.valueOf(text(fact, "type"));
      attributes.put(
          text(fact, "name"),
          new AttributeSchema(
              text(fact, "name"),
              type,
              Boolean.TRUE.equals(fact.get("required")),
              value(type, fact.get("default"))));
    }
    return Collections.unmodifiableMap(attributes);
  }

  private static @Nullable AttributeValue value(AttributeType type, @Nullable Object json) {
    if (json == null) {
      return null;
    }
    return switch (type) {
      case INT -> new AttributeValue.Int(((Number) json).longValue());
      case FLOAT -> new AttributeValue.Float(((Number) json).floatValue());
      case STRING -> new AttributeValue.Text((String) json);
      case INTS ->
          new AttributeValue.Ints(
              ((List<?>) json).stream().mapToLong(n -> ((Number) n).longValue()).toArray());
      case STRINGS ->
          new AttributeValue.Texts(((List<?>) json).stream().map(String.class::cast).toList());
      default -> throw new IllegalArgumentException("No default of type " + type + " is known");
    };
  }

  private static Map<String, Set<ValueType>> types(
      Map<?, ?> fact, List<Parameter> inputs, List<Parameter> outputs) {
    Map<String, Set<ValueType>> types = new LinkedHashMap<>();
    if (fact.get("types") instanceof Map<?, ?> named) {
      named.forEach(
          (key, allowed) -> {
            Set<ValueType> set = new LinkedHashSet<>();
            ((List<?>) allowed).forEach(text -> set.add(TypeText.parse((String) text)));
            types.put((String) key, Collections.unmodifiableSet(set));
          });
    }
    List<Parameter> all = new ArrayList<>(inputs);
    all.addAll(outputs);
    for (Parameter parameter : all) {
      if (!types.containsKey(parameter.type())) {
        types.put(parameter.type(), Set.of(TypeText.parse(parameter.type())));
      }
    }
    return Collections.unmodifiableMap(types);
  }

  private static String text(Map<?, ?> fact, String field) {
    return (String) java.util.Objects.requireNonNull(fact.get(field), field);
  }

  private static List<?> list(Map<?, ?> fact, String field) {
    return fact.get(field) instanceof List<?> list ? list : List.of();
  }

  private static int count(Map<?, ?> fact, String field) {
    return fact.get(field) instanceof Number n ? n.intValue() : Integer.MAX_VALUE;
  }
}
