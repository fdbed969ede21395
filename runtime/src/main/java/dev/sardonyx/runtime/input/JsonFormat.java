package dev.sardonyx.runtime.input;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.file.TextFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values of every kind but sparse tensors, as the input's type says how to read them. */
final class JsonFormat implements InputFormat {
  private static final int MOST_AXES = 64;

  /** More than the 20 of the largest integer of 64 bits. */
  private static final long MOST_DIGITS = 40;

  private static final TypeAdapter<JsonElement> JSON = new Gson().getAdapter(JsonElement.class);

  @Override
  public List<String> endings() {
    return List.of(".json");
  }

  @Override
  public Datum read(Path file, String entry, Input input) throws IOException {
    try {
      JsonElement json = parse(TextFile.read(file));
      if (!entry.isEmpty()) {
        json = json instanceof JsonObject object ? object.get(entry) : null;
        if (json == null) {
          throw new WrongJsonException("there is no '" + entry + "'");
        }
      }
      return datum(json, input.type());
    } catch (WrongJsonException e) {
      throw new IOException(
          "%s: %s; input '%s' takes %s".formatted(file, e.getMessage(), input.name(), input.type()),
          e);
    } catch (JsonParseException | EOFException | MalformedJsonException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IOException(file + ": is no JSON: " + clipped(reason, 100), e);
    } catch (StackOverflowError e) {
      throw new IOException(file + ": has too many levels", e);
    }
  }

  private static JsonElement parse(String text) throws IOException {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    JsonElement json = JSON.read(reader);
    if (reader.peek() != JsonToken.END_DOCUMENT) {
      throw new MalformedJsonException("there is more than one value");
    }
    return json;
  }

  /** What is wrong with a part of the file. */
  private static final class WrongJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    WrongJsonException(String message) {
      super(message);
    }
  }

  private static Datum datum(JsonElement json, ValueType type) throws WrongJsonException {
    if (type instanceof OptionalType optional) {
      return new OptionalDatum(
          optional.element(), json.isJsonNull() ? null : datum(json, optional.element()));
    }
    if (type instanceof SequenceType sequence) {
      List<Datum> items = new ArrayList<>();
      for (JsonElement item : array(json)) {
        items.add(datum(item, sequence.element()));
      }
      return new SequenceDatum(sequence.element(), items);
    }
    if (type instanceof MapType map) {
      return map(json, map);
    }
    if (type instanceof TensorType tensor) {
      return tensor(json, tensor.elementType());
    }
    throw new WrongJsonException("such values are not read from JSON, but from .pb");
  }

  private static MapDatum map(JsonElement json, MapType type) throws WrongJsonException {
    if (!(json instanceof JsonObject object)) {
      throw new WrongJsonException("there is " + shown(json) + " where an object is needed");
    }
    List<String> keys = new ArrayList<>();
    List<Datum> values = new ArrayList<>();
    for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
      keys.add(entry.getKey());
      values.add(datum(entry.getValue(), type.value()));
    }
    JsonArray list = new JsonArray();
    for (String key : keys) {
      list.add(
          type.key() == ElementType.STRING
              ? new JsonPrimitive(key)
              : new JsonPrimitive(whole(key)));
    }
    return new MapDatum(tensor(list, type.key()), new SequenceDatum(type.value(), values));
  }

  private static BigInteger whole(String text) throws WrongJsonException {
    try {
      BigDecimal number = new BigDecimal(text);
      if (number.signum() != 0 && (long) number.precision() - number.scale() > MOST_DIGITS) {
        // Written out, 1e100000000 alone would take minutes.
        throw new WrongJsonException("'" + text + "' is larger than any integer type holds");
      }
      return number.toBigIntegerExact();
    } catch (NumberFormatException | ArithmeticException e) {
      throw new WrongJsonException("'" + text + "' is no whole number");
    }
  }

  private static JsonArray array(JsonElement json) throws WrongJsonException {
    if (json instanceof JsonArray array) {
      return array;
    }
    throw new WrongJsonException("there is " + shown(json) + " where an array is needed");
  }

  private static String shown(JsonElement json) {
    return clipped(json.toString(), 40);
  }

  private static String clipped(String text, int length) {
    return text.length() > length ? text.substring(0, length) + "..." : text;
  }

  private static Tensor tensor(JsonElement json, ElementType type) throws WrongJsonException {
    List<Long> axes = new ArrayList<>();
    JsonElement first = json;
    while (first instanceof JsonArray array) {
      axes.add((long) array.size());
      if (axes.size() > MOST_AXES) {
        throw new WrongJsonException("there are more than " + MOST_AXES + " axes");
      }
      if (array.isEmpty()) {
        break;
      }
      first = array.get(0);
    }
    long[] dims = axes.stream().mapToLong(Long::longValue).toArray();
    List<JsonPrimitive> elements = new ArrayList<>();
    collect(json, dims, 0, elements);
    return tensor(elements, type, dims);
  }

  private static void collect(JsonElement json, long[] dims, int axis, List<JsonPrimitive> into)
      throws WrongJsonException {
    if (axis == dims.length) {
      if (!(json instanceof JsonPrimitive element)) {
        throw new WrongJsonException("there is " + shown(json) + " where an element is needed");
      }
      into.add(element);
      return;
    }
    JsonArray array = array(json);
    if (array.size() != dims[axis]) {
      throw new WrongJsonException(
          "arrays on axis %d have %d and %d elements".formatted(axis, dims[axis], array.size()));
    }
    for (JsonElement item : array) {
      collect(item, dims, axis + 1, into);
    }
  }

  private static Tensor tensor(List<JsonPrimitive> elements, ElementType type, long[] dims)
      throws WrongJsonException {
    switch (type.kind()) {
      case STRING -> {
        List<String> strings = new ArrayList<>();
        for (JsonPrimitive element : elements) {
          require(element.isString(), element, "a string");
          strings.add(element.getAsString());
        }
        return Tensor.ofStrings(strings, dims);
      }
      case BOOL -> {
        boolean[] flags = new boolean[elements.size()];
        for (int i = 0; i < flags.length; i++) {
          require(elements.get(i).isBoolean(), elements.get(i), "true or false");
          flags[i] = elements.get(i).getAsBoolean();
        }
        return Tensor.ofBooleans(flags, dims);
      }
      case SIGNED, UNSIGNED -> {
        long[] numbers = new long[elements.size()];
        for (int i = 0; i < numbers.length; i++) {
          require(elements.get(i).isNumber(), elements.get(i), "a number");
          BigInteger number = whole(elements.get(i).getAsString());
          require(Fitting.fits(number, type), elements.get(i), "a number of type " + type);
          numbers[i] = number.longValue();
        }
        return Fitting.ofIntegers(type, numbers, dims);
      }
      case FLOAT -> {
        double[] numbers = new double[elements.size()];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = real(elements.get(i));
        }
        return Tensor.ofNumbers(type, numbers, dims);
      }
      default -> throw new WrongJsonException("such values are not read from JSON, but from .npy");
    }
  }

  /** A number, or one of the three that JSON has no way to say but as strings. */
  private static double real(JsonPrimitive element) throws WrongJsonException {
    String text = element.getAsString();
    require(
        element.isNumber() || List.of("NaN", "Infinity", "-Infinity").contains(text),
        element,
        "a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    return Double.parseDouble(text);
  }

  private static void require(boolean holds, JsonElement element, String needed)
      throws WrongJsonException {
    if (!holds) {
      throw new WrongJsonException(
          "there is " + shown(element) + " where " + needed + " is needed");
    }
  }
}
