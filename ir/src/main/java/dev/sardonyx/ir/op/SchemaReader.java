package dev.sardonyx.ir.op;

import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Reads one paragraph of the catalogue's file. Its form is described in {@code
 * src/main/python/onnx_operators.py}, which writes the file.
 */
final class SchemaReader {
  private SchemaReader() {}

  static OperatorSchema read(String paragraph) {
    List<String> lines = paragraph.lines().toList();
    List<String> head = words(lines.get(0));
    SchemaBuilder schema =
        new SchemaBuilder(head.get(0), head.get(1), Integer.parseInt(head.get(2)));
    head.subList(3, head.size()).forEach(fact -> fact(schema, fact));
    lines.subList(1, lines.size()).forEach(line -> line(schema, words(line)));
    return schema.build();
  }

  private static List<String> words(String line) {
    return Arrays.asList(line.split(" ", -1));
  }

  private static void fact(SchemaBuilder schema, String fact) {
    switch (fact) {
      case "deprecated" -> schema.deprecated();
      case "function" -> schema.function();
      case "random=always" -> schema.randomness(OperatorSchema.Randomness.ALWAYS);
      case "random=training" -> schema.randomness(OperatorSchema.Randomness.TRAINING);
      default -> throw new IllegalArgumentException("Not a fact of an operator: " + fact);
    }
  }

  private static void line(SchemaBuilder schema, List<String> words) {
    List<String> rest = words.subList(2, words.size());
    switch (words.get(0)) {
      case "input" -> schema.input(parameter(words.get(1), rest));
      case "output" -> schema.output(parameter(words.get(1), rest));
      case "attribute" -> schema.attribute(attribute(words.get(1), rest));
      case "types" -> schema.types(words.get(1), rest.toArray(String[]::new));
      default -> throw new IllegalArgumentException("Not a line of an operator: " + words);
    }
  }

  private static Parameter parameter(String name, List<String> rest) {
    boolean isSingle = rest.size() == 1;
    Parameter.Kind kind =
        isSingle
            ? Parameter.Kind.SINGLE
            : Parameter.Kind.valueOf(rest.get(1).toUpperCase(Locale.ROOT));
    boolean isVariadic = kind == Parameter.Kind.VARIADIC;
    int minArity = isVariadic ? Integer.parseInt(rest.get(2)) : 1;
    return new Parameter(name, rest.get(0), kind, minArity, !rest.contains("heterogeneous"));
  }

  private static AttributeSchema attribute(String name, List<String> rest) {
    AttributeType type = AttributeType.valueOf(rest.get(0));
    boolean hasDefault = rest.size() > 1 && rest.get(1).equals("=");
    return new AttributeSchema(
        name,
        type,
        rest.contains("required") && !hasDefault,
        hasDefault ? value(type, rest.subList(2, rest.size())) : null);
  }

  private static AttributeValue value(AttributeType type, List<String> words) {
    return switch (type) {
      case INT -> new AttributeValue.Int(Long.parseLong(words.get(0)));
      case FLOAT -> new AttributeValue.Float(Float.parseFloat(words.get(0)));
      case STRING -> new AttributeValue.String(words.get(0));
      case INTS -> new AttributeValue.Ints(words.stream().mapToLong(Long::parseLong).toArray());
      case STRINGS -> new AttributeValue.Strings(List.copyOf(words));
      default -> throw new IllegalArgumentException("No default of type " + type + " is known");
    };
  }
}
