package dev.sardonyx.export.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The settings that a layer was made with, under Keras's own names. A missing setting has the
 * default that the caller passes; a setting in the wrong form is an error that names the setting.
 */
public final class LayerConfig {
  private final JsonObject json;

  LayerConfig(JsonObject json) {
    this.json = json;
  }

  /** Whether there is a setting of the name, and it is not null. */
  public boolean has(String key) {
    return json.has(key) && !json.get(key).isJsonNull();
  }

  /** A number. */
  public double number(String key, double absent) {
    return has(key) ? number(key, json.get(key)) : absent;
  }

  /** An integer. */
  public long whole(String key, long absent) {
    return has(key) ? whole(key, json.get(key)) : absent;
  }

  /** An integer that must be there. */
  public long whole(String key) {
    return whole(key, required(key));
  }

  /** A boolean. */
  public boolean truth(String key, boolean absent) {
    if (!has(key)) {
      return absent;
    }
    JsonElement element = json.get(key);
    if (element.isJsonPrimitive() && element.getAsJsonPrimitive().isBoolean()) {
      return element.getAsBoolean();
    }
    throw wrong(key, "true or false");
  }

  /** A string. */
  public String text(String key, String absent) {
    return has(key) ? text(key, json.get(key)) : absent;
  }

  /** A string that must be there. */
  public String text(String key) {
    return text(key, required(key));
  }

  /** A list of integers; a single one is a list of one. */
  public long[] wholes(String key) {
    return wholes(key, required(key));
  }

  /** Integers, one for each axis; a single one applies to all axes. */
  public long[] wholes(String key, int axes, long absent) {
    long[] given = has(key) ? wholes(key, json.get(key)) : new long[] {absent};
    if (given.length == 1 && axes > 1) {
      long[] all = new long[axes];
      Arrays.fill(all, given[0]);
      return all;
    }
    if (given.length != axes) {
      throw wrong(key, axes + " whole numbers");
    }
    return given;
  }

  /** A list of numbers; nested lists are flattened, and a single number is a list of one. */
  public double[] numbers(String key) {
    return flat(key, required(key)).stream().mapToDouble(e -> number(key, e)).toArray();
  }

  /** Nested settings. */
  Optional<LayerConfig> object(String key) {
    return has(key) && json.get(key).isJsonObject()
        ? Optional.of(new LayerConfig(json.getAsJsonObject(key)))
        : Optional.empty();
  }

  /** Any JSON element; JSON's null if it is not there. */
  JsonElement element(String key) {
    return json.has(key) ? json.get(key) : com.google.gson.JsonNull.INSTANCE;
  }

  JsonObject json() {
    return json;
  }

  private JsonElement required(String key) {
    if (!has(key)) {
      throw new BrokenFile("its configuration has no " + key);
    }
    return json.get(key);
  }

  private static List<JsonElement> flat(String key, JsonElement element) {
    if (!element.isJsonArray()) {
      return List.of(element);
    }
    JsonArray array = element.getAsJsonArray();
    return array.asList().stream().flatMap(e -> flat(key, e).stream()).toList();
  }

  private long[] wholes(String key, JsonElement element) {
    return flat(key, element).stream().mapToLong(e -> whole(key, e)).toArray();
  }

  private double number(String key, JsonElement element) {
    if (element.isJsonPrimitive()) {
      try {
        return element.getAsDouble();
      } catch (NumberFormatException e) {
        throw wrong(key, "a number");
      }
    }
    throw wrong(key, "a number");
  }

  private long whole(String key, JsonElement element) {
    double number = number(key, element);
    if (number != Math.rint(number) || Math.abs(number) > 1L << 53) {
      throw wrong(key, "a whole number");
    }
    return (long) number;
  }

  private String text(String key, JsonElement element) {
    if (element.isJsonPrimitive() && element.getAsJsonPrimitive().isString()) {
      return element.getAsString();
    }
    throw wrong(key, "a text");
  }

  private BrokenFile wrong(String key, String expected) {
    return new BrokenFile(
        "its " + key + " is " + shortened(json.get(key)) + ", where " + expected + " belongs");
  }

  /** The text of an element, shortened for messages. */
  static String shortened(JsonElement element) {
    String text = element.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  @Override
  public String toString() {
    return json.toString();
  }
}
