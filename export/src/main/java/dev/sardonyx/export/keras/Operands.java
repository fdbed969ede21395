package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The operands of {@code keras.ops} operations: tensors, arrays and numbers, converted to one
 * element type by Keras's rules.
 */
final class Operands {
  private final KerasLayer layer;

  Operands(KerasLayer layer) {
    this.layer = layer;
  }

  private GraphBuilder builder() {
    return layer.builder();
  }

  /** Two operands in one element type. */
  Value[] pair(String first, String second) {
    Argument one = required(first, 0);
    Argument other = required(second, 1);
    if (isNumber(one) && isNumber(other)) {
      throw layer.broken("is called without a tensor");
    }
    if (isNumber(one)) {
      return numberFirst(one, value(other));
    }
    if (isNumber(other)) {
      Value[] turned = numberFirst(other, value(one));
      return new Value[] {turned[1], turned[0]};
    }
    Value a = value(one);
    Value c = value(other);
    ElementType type = common(KerasLayer.type(a), KerasLayer.type(c));
    return new Value[] {cast(a, type), cast(c, type)};
  }

  /**
   * Converts a number to the tensor's element type; beside a fraction an integer or boolean tensor
   * becomes float, and beside an integer a boolean tensor becomes int32.
   */
  private Value[] numberFirst(Argument number, Value tensor) {
    JsonPrimitive literal = ((Argument.Literal) number).element().getAsJsonPrimitive();
    ElementType type = KerasLayer.type(tensor);
    if (literal.isBoolean()) {
      Value truth = builder().constant(Tensor.scalar(literal.getAsBoolean()));
      return new Value[] {cast(truth, type), tensor};
    }
    boolean fraction = !literal.getAsString().matches("-?\\d+");
    if (type == ElementType.BOOL) {
      type = fraction ? ElementType.FLOAT : ElementType.INT32;
    } else if (fraction && !type.isFloat()) {
      type = ElementType.FLOAT;
    }
    Value typed = cast(tensor, type);
    return new Value[] {builder().scalarLike(typed, literal.getAsDouble()), typed};
  }

  private static boolean isNumber(Argument argument) {
    return argument instanceof Argument.Literal literal
        && literal.element().isJsonPrimitive()
        && !literal.element().getAsJsonPrimitive().isString();
  }

  /**
   * The element type of a result: floats take precedence over integers, and wider types over
   * narrower ones.
   */
  static ElementType common(ElementType a, ElementType c) {
    if (a == c) {
      return a;
    }
    if (a.isFloat() != c.isFloat()) {
      return a.isFloat() ? a : c;
    }
    if (a == ElementType.BOOL || c == ElementType.BOOL) {
      return a == ElementType.BOOL ? c : a;
    }
    return a.bits() >= c.bits() ? a : c;
  }

  Value cast(Value x, ElementType type) {
    return KerasLayer.type(x) == type ? x : builder().cast(x, type);
  }

  private Argument required(String name, int position) {
    return layer
        .argument(name, position)
        .orElseThrow(() -> layer.broken("is called without " + name));
  }

  /** The first operand. */
  Value first() {
    return value(layer.argument("x", 0).orElseThrow(() -> layer.broken("is called without x")));
  }

  /** The first operand as floats. */
  Value firstFloat() {
    Value x = first();
    return KerasLayer.type(x).isFloat() ? x : builder().cast(x, ElementType.FLOAT);
  }

  /** An operand by name or position, as a value of its own type. */
  Value at(String name, int position) {
    return value(required(name, position));
  }

  /** A list of operands, in one element type. */
  List<Value> list(String name) {
    Argument argument = required(name, 0);
    if (!(argument instanceof Argument.Items items)) {
      throw layer.broken("is not called with a list");
    }
    List<Value> values = new ArrayList<>(items.items().stream().map(this::value).toList());
    ElementType type = values.stream().map(KerasLayer::type).reduce(Operands::common).orElseThrow();
    values.replaceAll(v -> cast(v, type));
    return values;
  }

  private Value value(Argument argument) {
    if (argument instanceof Argument.Reference reference) {
      return layer.tensor(reference).value();
    }
    if (argument instanceof Argument.Literal literal) {
      return constant(literal.element());
    }
    if (argument instanceof Argument.Items items && items.references().isEmpty()) {
      List<Double> numbers = new ArrayList<>();
      boolean whole = true;
      for (Argument item : items.items()) {
        if (!isNumber(item)) {
          throw layer.refusal("it is called with a list that is neither of tensors nor of numbers");
        }
        JsonPrimitive number = ((Argument.Literal) item).element().getAsJsonPrimitive();
        whole &= number.getAsString().matches("-?\\d+");
        numbers.add(number.getAsDouble());
      }
      return builder()
          .constant(
              Tensor.ofNumbers(
                  whole ? ElementType.INT32 : ElementType.FLOAT,
                  numbers.stream().mapToDouble(d -> d).toArray(),
                  numbers.size()));
    }
    throw layer.refusal("it is called with a structure that ONNX has not");
  }

  /** A number, or an array as the file holds it. */
  private Value constant(JsonElement element) {
    if (element.isJsonPrimitive() && !element.getAsJsonPrimitive().isString()) {
      JsonPrimitive number = element.getAsJsonPrimitive();
      if (number.isBoolean()) {
        return builder().constant(Tensor.scalar(number.getAsBoolean()));
      }
      return number.getAsString().matches("-?\\d+")
          ? builder().constant(Tensor.ofNumbers(ElementType.INT32, one(number)))
          : builder().constant(Tensor.ofNumbers(ElementType.FLOAT, one(number)));
    }
    Optional<LayerConfig> array =
        element.isJsonObject()
            ? new LayerConfig(element.getAsJsonObject()).object("config")
            : Optional.empty();
    if (array.isEmpty() || !array.get().has("value") || !array.get().has("dtype")) {
      throw layer.refusal("it is called with " + LayerConfig.shortened(element));
    }
    LayerConfig config = array.get();
    ElementType type = GraphReading.elementType(config.text("dtype"));
    if (type == ElementType.BOOL || type == ElementType.STRING) {
      throw layer.refusal("it is called with an array of " + type);
    }
    return builder()
        .constant(Tensor.ofNumbers(type, config.numbers("value"), dims(config.element("value"))));
  }

  private static double[] one(JsonPrimitive number) {
    return new double[] {number.getAsDouble()};
  }

  private static long[] dims(JsonElement array) {
    List<Long> dims = new ArrayList<>();
    JsonElement at = array;
    while (at.isJsonArray()) {
      dims.add((long) at.getAsJsonArray().size());
      if (at.getAsJsonArray().isEmpty()) {
        break;
      }
      at = at.getAsJsonArray().get(0);
    }
    return dims.stream().mapToLong(d -> d).toArray();
  }

  // Settings, which older versions give as arguments

  /** The operation's settings, completed by arguments of its call. */
  LayerConfig settings(String... positional) {
    JsonObject all = layer.config().json().deepCopy();
    for (int i = 0; i < positional.length; i++) {
      if (!all.has(positional[i])) {
        String name = positional[i];
        layer
            .argument(name, i + 1)
            .ifPresent(a -> json(a).ifPresent(element -> all.add(name, element)));
      }
    }
    return new LayerConfig(all);
  }

  private static Optional<JsonElement> json(Argument argument) {
    if (argument instanceof Argument.Literal literal) {
      return Optional.of(literal.element());
    }
    if (argument instanceof Argument.Items items) {
      com.google.gson.JsonArray array = new com.google.gson.JsonArray();
      for (Argument item : items.items()) {
        Optional<JsonElement> element = json(item);
        if (element.isEmpty()) {
          return Optional.empty();
        }
        array.add(element.get());
      }
      return Optional.of(array);
    }
    return Optional.empty();
  }
}
