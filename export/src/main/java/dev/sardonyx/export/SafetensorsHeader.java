package dev.sardonyx.export;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON header of a safetensors file: each tensor's type, shape and place in the bytes that
 * follow it.
 *
 * @param entries by the tensor's name, in the order of the header
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";

  /** The format's names of element types. */
  private static final Map<ElementType, String> TYPES = new EnumMap<>(ElementType.class);

  /** Element types by the format's names, from the narrowest to the widest. */
  private static final Map<String, ElementType> BY_NAME = new LinkedHashMap<>();

  static {
    add("BOOL", ElementType.BOOL);
    add("F4", ElementType.FLOAT4E2M1);
    add("U8", ElementType.UINT8);
    add("I8", ElementType.INT8);
    add("F8_E5M2", ElementType.FLOAT8E5M2);
    add("F8_E4M3", ElementType.FLOAT8E4M3FN);
    add("F8_E8M0", ElementType.FLOAT8E8M0);
    add("F8_E4M3FNUZ", ElementType.FLOAT8E4M3FNUZ);
    add("F8_E5M2FNUZ", ElementType.FLOAT8E5M2FNUZ);
    add("I16", ElementType.INT16);
    add("U16", ElementType.UINT16);
    add("F16", ElementType.FLOAT16);
    add("BF16", ElementType.BFLOAT16);
    add("I32", ElementType.INT32);
    add("U32", ElementType.UINT32);
    add("F32", ElementType.FLOAT);
    add("C64", ElementType.COMPLEX64);
    add("F64", ElementType.DOUBLE);
    add("I64", ElementType.INT64);
    add("U64", ElementType.UINT64);
  }

  private static void add(String name, ElementType type) {
    TYPES.put(type, name);
    BY_NAME.put(name, type);
  }

  /**
   * A tensor's type, shape and place: from byte {@code begin} to before byte {@code end}, counted
   * from the end of the header.
   */
  record Entry(ElementType type, long[] dims, long begin, long end) {
    /** How many bytes the type and shape take; -1 if the number overflows. */
    long wanted() {
      try {
        long elements = 1;
        for (long dim : dims) {
          elements = Math.multiplyExact(elements, dim);
        }
        return type.byteSize(elements);
      } catch (ArithmeticException e) {
        return -1;
      }
    }
  }

  /**
   * The header that puts tensors one after the other, the widest elements first, so that all are
   * aligned.
   *
   * @throws IllegalArgumentException if the format lacks the element type of a tensor, which the
   *     message names
   */
  static SafetensorsHeader of(Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<String> order = List.copyOf(BY_NAME.keySet());
    for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
      if (!TYPES.containsKey(each.getValue().elementType()) || each.getKey().equals(METADATA)) {
        throw new IllegalArgumentException(
            "A safetensors file cannot hold tensor "
                + each.getKey()
                + " of type "
                + each.getValue().type());
      }
    }
    List<Map.Entry<String, Tensor>> sorted = new ArrayList<>(tensors.entrySet());
    sorted.sort(
        Comparator.<Map.Entry<String, Tensor>>comparingInt(
                e -> -order.indexOf(TYPES.get(e.getValue().elementType())))
            .thenComparing(Map.Entry.comparingByKey()));
    Map<String, Entry> entries = new LinkedHashMap<>();
    long at = 0;
    for (Map.Entry<String, Tensor> each : sorted) {
      Tensor tensor = each.getValue();
      long end = Math.addExact(at, tensor.byteSize());
      entries.put(each.getKey(), new Entry(tensor.elementType(), tensor.dims(), at, end));
      at = end;
    }
    return new SafetensorsHeader(entries, metadata);
  }

  /** The bytes of the header, padded with spaces so that the data after it is aligned. */
  byte[] toBytes() throws IOException {
    StringWriter text = new StringWriter();
    JsonWriter json = new JsonWriter(text);
    json.beginObject();
    if (!metadata.isEmpty()) {
      json.name(METADATA).beginObject();
      for (Map.Entry<String, String> each : metadata.entrySet()) {
        json.name(each.getKey()).value(each.getValue());
      }
      json.endObject();
    }
    for (Map.Entry<String, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      json.name(each.getKey()).beginObject();
      json.name("dtype").value(TYPES.get(entry.type));
      json.name("shape").beginArray();
      for (long dim : entry.dims) {
        json.value(dim);
      }
      json.endArray();
      json.name("data_offsets").beginArray().value(entry.begin).value(entry.end).endArray();
      json.endObject();
    }
    json.endObject();
    int length = text.toString().getBytes(StandardCharsets.UTF_8).length;
    return (text + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a header.
   *
   * @param size how many bytes follow it; the tensors must cover all of them without overlap
   */
  static SafetensorsHeader parse(String file, String text, long size) throws SafetensorsException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonReader json = new JsonReader(new StringReader(text))) {
      json.setStrictness(Strictness.STRICT);
      json.beginObject();
      while (json.hasNext()) {
        String name = json.nextName();
        if (name.equals(METADATA)) {
          json.beginObject();
          while (json.hasNext()) {
            metadata.put(json.nextName(), json.nextString());
          }
          json.endObject();
        } else if (entries.put(name, entry(file, name, json)) != null) {
          throw new SafetensorsException(file, "two tensors are named " + name);
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new SafetensorsException(file, "its header goes on after its JSON");
      }
    } catch (SafetensorsException e) {
      throw e;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new SafetensorsException(file, "its header is not the JSON it should be", e);
    }
    requireWhole(file, entries, size);
    return new SafetensorsHeader(entries, metadata);
  }

  private static Entry entry(String file, String name, JsonReader json) throws IOException {
    @Nullable String type = null;
    long[] dims = null;
    long[] offsets = null;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "dtype" -> type = json.nextString();
        case "shape" -> dims = longs(json);
        case "data_offsets" -> offsets = longs(json);
        default ->
            throw new SafetensorsException(
                file, "tensor " + name + " has other fields than dtype, shape and data_offsets");
      }
    }
    json.endObject();
    if (type == null || dims == null || offsets == null || offsets.length != 2) {
      throw new SafetensorsException(
          file, "tensor " + name + " lacks its dtype, shape or two data_offsets");
    }
    ElementType known = BY_NAME.get(type);
    if (known == null) {
      throw new SafetensorsException(
          file, "tensor " + name + " is of type " + type + ", which ONNX does not have");
    }
    return new Entry(known, dims, offsets[0], offsets[1]);
  }

  private static long[] longs(JsonReader json) throws IOException {
    List<Long> numbers = new ArrayList<>();
    json.beginArray();
    while (json.hasNext()) {
      long number = json.nextLong();
      if (number < 0) {
        throw new NumberFormatException("negative");
      }
      numbers.add(number);
    }
    json.endArray();
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private static void requireWhole(String file, Map<String, Entry> entries, long size)
      throws SafetensorsException {
    List<Map.Entry<String, Entry>> placed = new ArrayList<>(entries.entrySet());
    placed.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin)
            .thenComparingLong(e -> e.getValue().end));
    long at = 0;
    for (Map.Entry<String, Entry> each : placed) {
      Entry entry = each.getValue();
      if (entry.begin != at || entry.end < at || entry.wanted() != entry.end - at) {
        throw new SafetensorsException(
            file,
            "tensor %s, %s of dimensions %s, takes %s bytes, but lies in %d to %d, where %d follows"
                .formatted(
                    each.getKey(),
                    entry.type.onnxName(),
                    Arrays.toString(entry.dims),
                    entry.wanted() < 0 ? "too many" : Long.toString(entry.wanted()),
                    entry.begin,
                    entry.end,
                    at));
      }
      at = entry.end;
    }
    if (at != size) {
      throw new SafetensorsException(
          file, "its tensors take " + at + " bytes, but it has " + size + " after its header");
    }
  }
}
