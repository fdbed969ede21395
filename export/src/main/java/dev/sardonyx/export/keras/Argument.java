package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An argument of a layer's call: a tensor, a structure of tensors, or anything else as JSON. */
sealed interface Argument {
  /**
   * One output of one call of a layer.
   *
   * @param declared the output's shape and element type as JSON, if the file has them
   */
  record Reference(String layer, int call, int output, @Nullable JsonObject declared)
      implements Argument {}

  /** A list or tuple. */
  record Items(List<Argument> items) implements Argument {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A dictionary, in the order of the file. */
  record Named(Map<String, Argument> items) implements Argument {
    public Named {
      items = new LinkedHashMap<>(items);
    }
  }

  /** A number, string, boolean, null, array, slice and so on. */
  record Literal(JsonElement element) implements Argument {}

  /** Parses an argument as Keras 3 writes it. */
  static Argument parse(JsonElement element) {
    if (element.isJsonArray()) {
      return new Items(element.getAsJsonArray().asList().stream().map(Argument::parse).toList());
    }
    if (!element.isJsonObject()) {
      return new Literal(element);
    }
    JsonObject object = element.getAsJsonObject();
    String className = className(object);
    if (className.equals("__keras_tensor__")) {
      JsonObject config = ModelConfig.object(object, "config");
      return reference(ModelConfig.element(config, "keras_history"), config);
    }
    if (className.equals("__tuple__") && object.get("items") != null) {
      return parse(object.get("items"));
    }
    if (!className.isEmpty()) {
      return new Literal(element);
    }
    Map<String, Argument> items = new LinkedHashMap<>();
    object.entrySet().forEach(e -> items.put(e.getKey(), parse(e.getValue())));
    return new Named(items);
  }

  private static String className(JsonObject object) {
    return object.get("class_name") != null && object.get("class_name").isJsonPrimitive()
        ? object.get("class_name").getAsString()
        : "";
  }

  /** Whether this is {@code ["name", call, output]}, perhaps with further items. */
  static boolean isReference(JsonElement element) {
    return element.isJsonArray()
        && element.getAsJsonArray().size() >= 3
        && isText(element.getAsJsonArray().get(0))
        && isNumber(element.getAsJsonArray().get(1))
        && isNumber(element.getAsJsonArray().get(2));
  }

  static Reference reference(JsonElement element, @Nullable JsonObject declared) {
    if (!isReference(element)) {
      throw new BrokenFile(
          LayerConfig.shortened(element) + " stands where [layer, call, output] belongs");
    }
    List<JsonElement> parts = element.getAsJsonArray().asList();
    return new Reference(
        parts.get(0).getAsString(), index(parts.get(1)), index(parts.get(2)), declared);
  }

  private static int index(JsonElement element) {
    double number = element.getAsDouble();
    if (number < 0 || number != (int) number) {
      throw new BrokenFile(element + " is no index of a call or output");
    }
    return (int) number;
  }

  /**
   * Parses an argument as Keras 2 writes it: a reference followed by named arguments, or lists of
   * such references.
   */
  static Argument parseLegacy(JsonElement element, Map<String, Argument> named) {
    if (isReference(element)) {
      List<JsonElement> parts = element.getAsJsonArray().asList();
      if (parts.size() > 3 && parts.get(3).isJsonObject()) {
        parts
            .get(3)
            .getAsJsonObject()
            .entrySet()
            .forEach(e -> named.put(e.getKey(), legacyValue(e.getValue())));
      }
      return reference(element, null);
    }
    if (element.isJsonArray()) {
      List<Argument> items = new ArrayList<>();
      element.getAsJsonArray().forEach(e -> items.add(parseLegacy(e, named)));
      return new Items(items);
    }
    return legacyValue(element);
  }

  private static Argument legacyValue(JsonElement element) {
    if (isReference(element)) {
      return reference(element, null);
    }
    return element.isJsonArray()
        ? new Items(element.getAsJsonArray().asList().stream().map(Argument::legacyValue).toList())
        : new Literal(element);
  }

  private static boolean isText(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
  }

  private static boolean isNumber(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber();
  }

  /** All references, in order. */
  default List<Reference> references() {
    List<Reference> all = new ArrayList<>();
    collect(this, all);
    return all;
  }

  private static void collect(Argument argument, List<Reference> into) {
    if (argument instanceof Reference reference) {
      into.add(reference);
    } else if (argument instanceof Items list) {
      list.items().forEach(item -> collect(item, into));
    } else if (argument instanceof Named map) {
      map.items().values().forEach(item -> collect(item, into));
    }
  }
}
