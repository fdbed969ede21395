package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import dev.sardonyx.runtime.conformance.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a backend made of a case.
 *
 * @param way how it disagrees with the case's outputs; empty if it does not
 */
public record Answer(GeneratedCase generated, Outcome outcome, Optional<Way> way) {
  /** Sums and squares of numbers from here on may overflow a float. */
  private static final double HUGE = 1e18;

  private static final int SHOWN = 8;

  /**
   * The case and the outcome in a line, for the rules of {@link KnownDisagreements}: opset,
   * attributes, inputs and expected outputs by the names that the operator's signature has for
   * them, each with its type, its elements if they are few, and what is special about them; and the
   * outcome's reason, as in
   *
   * <pre>{@code
   * opset 11; auto_pad=SAME_LOWER; X: float[1, 2] [3.0, 3.0E38] huge; Y: float[1, 1] ...
   * }</pre>
   */
  public String text() {
    Node node = generated.model().graph().nodes().get(0);
    long opset = generated.model().opset(node.domain()).orElse(1);
    Optional<OperatorSchema> schema = OperatorCatalogue.standard().find(node, opset);
    List<String> parts = new ArrayList<>();
    parts.add("opset " + opset);
    for (Attribute attribute : node.attributes()) {
      parts.add(attribute.name() + "=" + text(attribute.value()));
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      int position = i;
      add(
          parts,
          schema.flatMap(s -> s.input(position)).map(Parameter::name).orElse("input"),
          generated.inputs().get(node.input(i)));
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      int position = i;
      add(
          parts,
          schema.flatMap(s -> s.output(position)).map(Parameter::name).orElse("output"),
          generated.outputs().get(node.outputs().get(i).name()));
    }
    parts.add(outcome.reason());
    return Printable.line(String.join("; ", parts));
  }

  private static String text(AttributeValue value) {
    if (value instanceof AttributeValue.Int number) {
      return String.valueOf(number.value());
    }
    if (value instanceof AttributeValue.Float number) {
      return String.valueOf(number.value());
    }
    return value instanceof AttributeValue.String text ? text.value() : value.toString();
  }

  private static void add(List<String> parts, String name, @Nullable Datum datum) {
    if (datum instanceof Tensor tensor) {
      parts.add(name + ": " + tensor.elementType() + Arrays.toString(tensor.dims()) + data(tensor));
    } else if (datum != null) {
      parts.add(name + ": " + datum.type());
    }
  }

  /** The elements, if they are few, and what is special about them. */
  private static String data(Tensor tensor) {
    if (tensor.size() == 0) {
      return " empty";
    }
    ElementType type = tensor.elementType();
    if (type.kind() == ElementType.Kind.COMPLEX) {
      return "";
    }
    if (type == ElementType.STRING) {
      return tensor.size() > SHOWN ? "" : " " + tensor.strings();
    }
    double[] numbers = tensor.toDoubles();
    StringBuilder text = new StringBuilder();
    if (tensor.size() <= SHOWN) {
      text.append(' ')
          .append(type.isInteger() ? Arrays.toString(tensor.toLongs()) : Arrays.toString(numbers));
    }
    Map.of(
            "nan", Arrays.stream(numbers).anyMatch(Double::isNaN),
            "infinite", Arrays.stream(numbers).anyMatch(Double::isInfinite),
            "huge", Arrays.stream(numbers).anyMatch(d -> Math.abs(d) >= HUGE),
            "negative", Arrays.stream(numbers).anyMatch(d -> d < 0))
        .entrySet()
        .stream()
        .filter(Map.Entry::getValue)
        .map(Map.Entry::getKey)
        .sorted()
        .forEach(word -> text.append(' ').append(word));
    return text.toString();
  }
}
