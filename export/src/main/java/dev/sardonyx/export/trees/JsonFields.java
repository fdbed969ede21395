package dev.sardonyx.export.trees;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads JSON without an object for each number. */
final class JsonFields {
  /** How deep the objects of a model nest, and some more. */
  static final int DEPTH = 32;

  private static final Map<String, Double> NOT_FINITE =
      Map.of(
          "NaN", Double.NaN,
          "Infinity", Double.POSITIVE_INFINITY,
          "-Infinity", Double.NEGATIVE_INFINITY);

  private final JsonReader json;
  private final Set<String> unwanted;

  private JsonFields(JsonReader json, Set<String> unwanted) {
    this.json = json;
    this.unwanted = unwanted;
  }

  /**
   * @param unwanted names of fields that are left out
   * @throws TreeFault if it is no JSON
   */
  static Fields read(byte[] bytes, Set<String> unwanted) {
    try (JsonReader json =
        new JsonReader(
            new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8))) {
      json.setStrictness(Strictness.LENIENT); // XGBoost writes NaN and Infinity
      json.setNestingLimit(DEPTH);
      Fields root = new JsonFields(json, unwanted).object("");
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new TreeFault("goes on after its JSON");
      }
      return root;
    } catch (MalformedJsonException | IllegalStateException | NumberFormatException e) {
      throw new TreeFault("is not the JSON it should be: " + firstSentence(e), e);
    } catch (EOFException e) {
      throw new TreeFault("ends in the midst of its JSON; it is truncated", e);
    } catch (IOException e) {
      throw new TreeFault("cannot be read: " + firstSentence(e), e);
    }
  }

  private static String firstSentence(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private Fields object(String place) throws IOException {
    Fields fields = new Fields(place);
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      if (unwanted.contains(name)) {
        json.skipValue();
      } else {
        fields.put(name, value(name));
      }
    }
    json.endObject();
    return fields;
  }

  private @Nullable Object value(String name) throws IOException {
    return switch (json.peek()) {
      case BEGIN_OBJECT -> object(name);
      case BEGIN_ARRAY -> array(name);
      case STRING -> json.nextString();
      case NUMBER -> json.nextDouble();
      case BOOLEAN -> json.nextBoolean() ? 1.0 : 0.0;
      case NULL -> {
        json.nextNull();
        yield null;
      }
      default -> throw new TreeFault(name + " is not what JSON can have here");
    };
  }

  private Object item(String name, int index) throws IOException {
    String place = name + "[" + index + "]";
    Object value = value(place);
    if (value == null) {
      throw new TreeFault(place + " is null");
    }
    return value;
  }

  /** Numbers and booleans alone become a list of numbers, for which NaN and Infinity are words. */
  private Object array(String name) throws IOException {
    double[] numbers = new double[16];
    int count = 0;
    List<Object> others = new ArrayList<>();
    json.beginArray();
    while (json.hasNext()) {
      Object value = json.peek() == JsonToken.NUMBER ? null : item(name, count + others.size());
      if (value instanceof String word && NOT_FINITE.containsKey(word)) {
        value = NOT_FINITE.get(word);
      }
      if (value == null || value instanceof Double) {
        numbers = count == numbers.length ? Arrays.copyOf(numbers, 2 * count) : numbers;
        numbers[count++] = value instanceof Double number ? number : json.nextDouble();
      } else {
        others.add(value);
      }
    }
    json.endArray();
    if (count > 0 && !others.isEmpty()) {
      throw new TreeFault(name + " mixes numbers with other values");
    }
    return others.isEmpty() ? Arrays.copyOf(numbers, count) : others;
  }
}
