package dev.sardonyx.export.trees;

import com.google.gson.Gson;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of a JSON or UBJSON file. Values are {@link Fields}, {@code double[]} for a list of
 * numbers or booleans, {@code List<Object>} for another list, {@link String}, or {@link Double} for
 * one number or boolean.
 *
 * @param place where it stands, for messages; empty for the whole file
 */
record Fields(String place, Map<String, Object> values) {
  Fields(String place) {
    this(place, new LinkedHashMap<>());
  }

  /**
   * @throws TreeFault if there is a value of the name already
   */
  void put(String name, @Nullable Object value) {
    if (value != null && values.put(name, value) != null) {
      throw new TreeFault("has " + path(name) + " twice");
    }
  }

  private String path(String name) {
    return place.isEmpty() ? name : place + "." + name;
  }

  /** The same object under another name in messages. */
  Fields at(String otherPlace) {
    return new Fields(otherPlace, values);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  Fields object(String name) {
    return value(name, Fields.class, "an object").at(path(name));
  }

  String text(String name) {
    return value(name, String.class, "a text");
  }

  /** A number, which XGBoost writes as a text. */
  int count(String name, int otherwise) {
    Object value = values.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      double number =
          value instanceof Double each ? each : Double.parseDouble(String.valueOf(value));
      if (number >= 0 && number <= Integer.MAX_VALUE && number == Math.rint(number)) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      throw new TreeFault(path(name) + " is no number", e);
    }
    throw new TreeFault(path(name) + " is " + value + ", not a count");
  }

  List<?> list(String name) {
    Object value = values.get(name);
    return value instanceof double[] numbers && numbers.length == 0
        ? List.of()
        : value(name, List.class, "a list");
  }

  /** Numbers; none if there is no such field. */
  double[] numbers(String name) {
    Object value = values.get(name);
    return value == null || value instanceof List<?> list && list.isEmpty()
        ? new double[0]
        : value(name, double[].class, "a list of numbers");
  }

  /** A list of a given length. */
  double[] numbers(String name, long length) {
    double[] numbers = numbers(name);
    if (numbers.length != length) {
      throw new TreeFault(
          "%s has %d numbers instead of %d".formatted(path(name), numbers.length, length));
    }
    return numbers;
  }

  /** A list of whole numbers of a given length. */
  int[] ints(String name, int length) {
    return whole(name, numbers(name, length));
  }

  int[] ints(String name) {
    return whole(name, numbers(name));
  }

  private int[] whole(String name, double[] numbers) {
    int[] result = new int[numbers.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (int) numbers[i];
      if (result[i] != numbers[i]) {
        throw new TreeFault(path(name) + " has " + numbers[i] + ", which is no whole number");
      }
    }
    return result;
  }

  private <T> T value(String name, Class<T> type, String kind) {
    Object value = values.get(name);
    if (value == null) {
      throw new TreeFault("lacks " + path(name));
    }
    if (!type.isInstance(value)) {
      throw new TreeFault(path(name) + " is not " + kind);
    }
    return type.cast(value);
  }

  /** A value as JSON. */
  String json(String name) {
    return new Gson().toJson(plain(values.get(name)));
  }

  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Fields fields) {
      Map<String, Object> all = new LinkedHashMap<>();
      fields.values.forEach((name, each) -> all.put(name, plain(each)));
      return all;
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Fields::plain).toList();
    }
    return value instanceof double[] numbers
        ? Arrays.stream(numbers).mapToObj(Fields::plainNumber).toList()
        : value instanceof Double number ? plainNumber(number) : value;
  }

  /** JSON has no NaN and infinities. */
  private static Object plainNumber(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? (Object) (long) number
        : Double.isFinite(number) ? (Object) number : String.valueOf(number);
  }

  /** Whether a list of this object, or of one in it, has anything. */
  boolean holdsAny() {
    return values.values().stream()
        .anyMatch(
            value ->
                value instanceof Fields fields
                    ? fields.holdsAny()
                    : value instanceof double[] numbers
                        ? numbers.length > 0 && !Arrays.stream(numbers).allMatch(n -> n == 0)
                        : value instanceof List<?> list && !list.isEmpty());
  }
}
