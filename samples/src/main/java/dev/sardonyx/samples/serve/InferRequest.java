package dev.sardonyx.samples.serve;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import dev.sardonyx.ir.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request of the protocol: JSON, and after it the elements of the tensors that are in binary
 * form.
 *
 * @param id what the client calls it, null for nothing
 * @param inputs by name
 * @param outputs those wanted, in order; none for all
 * @param binaryOutputs whether outputs go in binary form where nothing else is said
 */
record InferRequest(
    @Nullable String id, Map<String, Tensor> inputs, List<Wanted> outputs, boolean binaryOutputs) {
  /** More than any runtime computes with. */
  private static final int MOST_DIMENSIONS = 64;

  private static final TypeAdapter<JsonElement> JSON = new Gson().getAdapter(JsonElement.class);

  /**
   * An output that is wanted.
   *
   * @param binary whether in binary form; null if nothing is said
   * @param classification how many classes with the largest scores are wanted in its place; 0 for
   *     the output as it is
   */
  record Wanted(String name, @Nullable Boolean binary, int classification) {}

  /**
   * An input without its elements.
   *
   * @param bytes how many bytes of binary form it has; -1 if its elements are in the JSON
   */
  private record Header(String name, Datatype datatype, long[] dims, int size, int bytes) {}

  /**
   * Reads a request.
   *
   * @param jsonLength how many bytes of the body are JSON
   * @throws RequestFailure if anything is wrong with it, naming it
   */
  static InferRequest read(byte[] body, int jsonLength) throws RequestFailure {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(body, 0, jsonLength))
              .toString();
      return read(text, ByteBuffer.wrap(body, jsonLength, body.length - jsonLength).slice());
    } catch (CharacterCodingException e) {
      throw RequestFailure.badRequest("the body is not text in UTF-8");
    } catch (EOFException e) {
      throw RequestFailure.badRequest("the JSON ends too early");
    } catch (JsonParseException | MalformedJsonException | IllegalStateException e) {
      // Gson's advice to its callers is nothing for clients.
      String reason =
          String.valueOf(e.getMessage())
              .replaceFirst("^Use .* to accept ", "")
              .lines()
              .findFirst()
              .orElse("");
      throw RequestFailure.badRequest(
          "the body is not the JSON of a request: %s".formatted(reason));
    } catch (IOException e) {
      throw new IllegalStateException(e); // a string cannot fail to be read
    }
  }

  /**
   * Elements are not kept as JSON, which would take many times their memory: the text is read once
   * for all but them, and once more for them.
   */
  private static InferRequest read(String text, ByteBuffer binary)
      throws IOException, RequestFailure {
    List<JsonObject> inputs = new ArrayList<>();
    JsonObject request = outline(text, inputs);
    List<Header> headers = new ArrayList<>();
    for (JsonObject input : inputs) {
      headers.add(header(input, text.length(), binary.remaining()));
    }
    List<@Nullable Tensor> elements = elements(text, headers);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      Tensor tensor = elements.get(i);
      if (tensor == null) {
        tensor = binary(header, binary);
      }
      if (tensors.put(header.name, tensor) != null) {
        throw RequestFailure.badRequest("input '%s' is given twice".formatted(header.name));
      }
    }
    if (binary.hasRemaining()) {
      throw RequestFailure.badRequest(
          "%d bytes of binary data belong to no input".formatted(binary.remaining()));
    }
    JsonElement id = request.get("id");
    return new InferRequest(
        id == null || id.isJsonNull() ? null : string(id, "id"),
        tensors,
        wanted(request.get("outputs")),
        Boolean.TRUE.equals(flag(request, "binary_data_output")));
  }

  private static JsonReader reader(String text) {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    return reader;
  }

  /** The request without its inputs, and the inputs without elements. */
  private static JsonObject outline(String text, List<JsonObject> inputs)
      throws IOException, RequestFailure {
    JsonReader reader = reader(text);
    JsonObject request = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      if (!key.equals("inputs")) {
        request.add(key, JSON.read(reader));
        continue;
      }
      if (request.has("inputs")) {
        throw RequestFailure.badRequest("there are two 'inputs'");
      }
      request.add("inputs", JsonNull.INSTANCE);
      reader.beginArray();
      while (reader.hasNext()) {
        inputs.add(withoutElements(reader));
      }
      reader.endArray();
    }
    reader.endObject();
    if (reader.peek() != JsonToken.END_DOCUMENT || !request.has("inputs")) {
      throw RequestFailure.badRequest("the request has no 'inputs'");
    }
    return request;
  }

  private static JsonObject withoutElements(JsonReader reader) throws IOException, RequestFailure {
    JsonObject input = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      JsonElement value = JsonNull.INSTANCE;
      if (key.equals("data")) {
        reader.skipValue();
      } else {
        value = JSON.read(reader);
      }
      if (input.has(key)) {
        throw RequestFailure.badRequest("an input has two '%s'".formatted(key));
      }
      input.add(key, value);
    }
    reader.endObject();
    return input;
  }

  private static Header header(JsonObject input, int textLength, int binaryLength)
      throws RequestFailure {
    String name = string(input.get("name"), "name of an input");
    Datatype datatype =
        Datatype.named(string(input.get("datatype"), "datatype of input '" + name + "'"));
    long[] dims = dims(input.get("shape"), name);
    int bytes = binarySize(input, name, binaryLength);
    if (input.has("data") == (bytes >= 0)) {
      throw RequestFailure.badRequest(
          "input '%s' has %s"
              .formatted(name, bytes >= 0 ? "both data and binary data" : "no data"));
    }
    // An element takes a character of text, or a byte, at least; so no memory is reserved for more.
    long size = size(dims, bytes >= 0 ? binaryLength : textLength);
    if (size < 0) {
      throw RequestFailure.badRequest(
          "input '%s': there are fewer elements than its shape says, %s"
              .formatted(name, input.get("shape")));
    }
    return new Header(name, datatype, dims, (int) size, bytes);
  }

  /** The number of elements; -1 if it is more than a limit. */
  private static long size(long[] dims, int most) {
    long size = 1;
    for (long dim : dims) {
      if (dim == 0) {
        return 0;
      }
    }
    for (long dim : dims) {
      if (dim > most / size) {
        return -1;
      }
      size *= dim;
    }
    return size;
  }

  private static int binarySize(JsonObject input, String name, int binaryLength)
      throws RequestFailure {
    JsonElement size = parameter(input, "binary_data_size");
    if (size == null) {
      return -1;
    }
    long bytes = whole(size, "binary_data_size of input '" + name + "'");
    if (bytes > binaryLength) {
      throw RequestFailure.badRequest(
          "input '%s': its binary_data_size is %d, but after the JSON there are %d bytes"
              .formatted(name, bytes, binaryLength));
    }
    return (int) bytes;
  }

  private static long[] dims(@Nullable JsonElement shape, String name) throws RequestFailure {
    if (shape == null || !shape.isJsonArray()) {
      throw RequestFailure.badRequest(
          "input '%s' has no shape, an array of numbers".formatted(name));
    }
    long[] dims = new long[shape.getAsJsonArray().size()];
    if (dims.length > MOST_DIMENSIONS) {
      throw RequestFailure.badRequest(
          "input '%s': its shape has %d dimensions, more than %d"
              .formatted(name, dims.length, MOST_DIMENSIONS));
    }
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = whole(shape.getAsJsonArray().get(axis), "shape of input '" + name + "'");
    }
    return dims;
  }

  private static long whole(JsonElement json, String what) throws RequestFailure {
    if (json instanceof JsonPrimitive number && number.isNumber()) {
      String text = number.getAsString();
      if (text.matches("\\d{1,18}")) {
        return Long.parseLong(text);
      }
    }
    throw RequestFailure.badRequest(
        "the %s has no whole number of 0 or more: %s".formatted(what, json));
  }

  private static String string(@Nullable JsonElement json, String what) throws RequestFailure {
    if (json instanceof JsonPrimitive text && text.isString()) {
      return text.getAsString();
    }
    throw RequestFailure.badRequest("the %s is not a string: %s".formatted(what, json));
  }

  private static @Nullable JsonElement parameter(JsonObject of, String name) {
    return of.get("parameters") instanceof JsonObject parameters ? parameters.get(name) : null;
  }

  private static @Nullable Boolean flag(JsonObject of, String name) throws RequestFailure {
    JsonElement flag = parameter(of, name);
    if (flag == null) {
      return null;
    }
    if (flag instanceof JsonPrimitive given && given.isBoolean()) {
      return given.getAsBoolean();
    }
    throw RequestFailure.badRequest(
        "the parameter %s is neither true nor false: %s".formatted(name, flag));
  }

  private static List<Wanted> wanted(@Nullable JsonElement outputs) throws RequestFailure {
    List<Wanted> wanted = new ArrayList<>();
    if (outputs == null || outputs.isJsonNull()) {
      return wanted;
    }
    if (!outputs.isJsonArray()) {
      throw RequestFailure.badRequest("'outputs' is not an array");
    }
    for (JsonElement output : outputs.getAsJsonArray()) {
      if (!(output instanceof JsonObject object)) {
        throw RequestFailure.badRequest("an output is not an object: %s".formatted(output));
      }
      wanted.add(
          new Wanted(
              string(object.get("name"), "name of an output"),
              flag(object, "binary_data"),
              classification(object)));
    }
    return wanted;
  }

  private static int classification(JsonObject output) throws RequestFailure {
    JsonElement wanted = parameter(output, "classification");
    if (wanted == null) {
      return 0;
    }
    long classes = whole(wanted, "parameter classification");
    if (classes == 0) {
      throw RequestFailure.badRequest("the parameter classification is 0, but 1 or more");
    }
    return (int) Math.min(classes, Integer.MAX_VALUE);
  }

  /** The elements that are in the JSON, null for those of other inputs. */
  private static List<@Nullable Tensor> elements(String text, List<Header> headers)
      throws IOException, RequestFailure {
    List<@Nullable Tensor> elements = new ArrayList<>();
    JsonReader reader = reader(text);
    reader.beginObject();
    while (!reader.nextName().equals("inputs")) {
      reader.skipValue();
    }
    reader.beginArray();
    for (Header header : headers) {
      Tensor tensor = null;
      reader.beginObject();
      while (reader.hasNext()) {
        if (reader.nextName().equals("data")) {
          tensor = TensorJson.read(reader, header.name, header.datatype, header.dims, header.size);
        } else {
          reader.skipValue();
        }
      }
      reader.endObject();
      elements.add(tensor);
    }
    return elements;
  }

  private static Tensor binary(Header header, ByteBuffer binary) throws RequestFailure {
    if (header.bytes > binary.remaining()) {
      throw RequestFailure.badRequest(
          "input '%s': its binary_data_size is %d, but there are only %d bytes left for it"
              .formatted(header.name, header.bytes, binary.remaining()));
    }
    ByteBuffer bytes = binary.slice(binary.position(), header.bytes);
    binary.position(binary.position() + header.bytes);
    return TensorBytes.read(bytes, header.name, header.datatype, header.dims, header.size);
  }
}
