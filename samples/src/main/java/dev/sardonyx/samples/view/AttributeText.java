package dev.sardonyx.samples.view;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What an attribute holds, for people; of much, the beginning. */
final class AttributeText {
  private static final int MOST = 100;

  private AttributeText() {}

  static String of(AttributeValue value) {
    if (value instanceof AttributeValue.Int one) {
      return Long.toString(one.value());
    } else if (value instanceof AttributeValue.Float one) {
      return Float.toString(one.value());
    } else if (value instanceof AttributeValue.String one) {
      return '"' + one.value() + '"';
    } else if (value instanceof AttributeValue.Ints many) {
      return list(Arrays.stream(many.values()).mapToObj(Long::toString).limit(MOST + 1).toList());
    } else if (value instanceof AttributeValue.Floats many) {
      float[] floats = many.values();
      return list(
          IntStream.range(0, Math.min(floats.length, MOST + 1))
              .mapToObj(i -> Float.toString(floats[i]))
              .toList());
    } else if (value instanceof AttributeValue.Strings many) {
      return list(many.values().stream().map(s -> '"' + s + '"').limit(MOST + 1).toList());
    } else if (value instanceof AttributeValue.Tensor one) {
      return tensor(one.value());
    } else if (value instanceof AttributeValue.SparseTensor one) {
      return tensor(one.value());
    } else if (value instanceof AttributeValue.Reference one) {
      return "attribute " + one.attribute() + " of the function";
    }
    return nested(value);
  }

  private static String nested(AttributeValue value) {
    if (value instanceof AttributeValue.Graph one) {
      return "graph of %,d nodes".formatted(one.value().nodes().size());
    } else if (value instanceof AttributeValue.Graphs many) {
      return "%,d graphs".formatted(many.values().size());
    } else if (value instanceof AttributeValue.Type one) {
      return one.value().toString();
    } else if (value instanceof AttributeValue.Types many) {
      return many.values().stream().map(Object::toString).collect(Collectors.joining(", "));
    } else if (value instanceof AttributeValue.Tensors many) {
      return list(many.values().stream().map(AttributeText::tensor).limit(MOST + 1).toList());
    }
    return value.type().toString();
  }

  private static String tensor(TensorData data) {
    String text = ShortType.constant(data);
    if (!(data instanceof Tensor tensor)
        || !tensor.isReadable()
        || tensor.size() > MOST
        || tensor.size() < 2
        || !tensor.elementType().isFloat() && !tensor.elementType().isInteger()) {
      return text;
    }
    ElementType type = tensor.elementType();
    List<String> elements =
        type.isFloat()
            ? Arrays.stream(tensor.toDoubles()).mapToObj(d -> Float.toString((float) d)).toList()
            : Arrays.stream(tensor.toLongs()).mapToObj(Long::toString).toList();
    return text + " " + list(elements);
  }

  private static String list(List<String> texts) {
    String shown = texts.stream().limit(MOST).collect(Collectors.joining(", "));
    return "[" + shown + (texts.size() > MOST ? ", …]" : "]");
  }
}
