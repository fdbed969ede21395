package dev.sardonyx.samples.serve;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads elements of a tensor from JSON: an array of all, or arrays within arrays by the shape, as
 * {@link dev.sardonyx.runtime.input.JsonTensor} writes them. JSON has no NaN or infinity; they are
 * the strings {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}.
 */
final class TensorJson {
  private static final int MOST_DIGITS = 100;

  private final JsonReader reader;
  private final String name;
  private final Datatype datatype;
  private final long[] dims;
  private final int size;
  private final ByteBuffer bytes;
  private final List<String> strings = new ArrayList<>();
  private int next;

  private TensorJson(JsonReader reader, String name, Datatype datatype, long[] dims, int size) {
    this.reader = reader;
    this.name = name;
    this.datatype = datatype;
    this.dims = dims;
    this.size = size;
    this.bytes =
        datatype == Datatype.BYTES
            ? ByteBuffer.allocate(0)
            : Tensor.allocate(datatype.elementType(), size);
  }

  /**
   * Reads the elements.
   *
   * @param size as many as the shape needs; the caller has made sure that the text is as long
   */
  static Tensor read(JsonReader reader, String name, Datatype datatype, long[] dims, int size)
      throws IOException, RequestFailure {
    TensorJson json = new TensorJson(reader, name, datatype, dims, size);
    if (dims.length == 0 && reader.peek() != JsonToken.BEGIN_ARRAY) {
      json.element();
    } else {
      json.array(0, false);
    }
    json.requireCount(json.next, size, "");
    return datatype == Datatype.BYTES
        ? Tensor.ofStrings(json.strings, dims)
        : Tensor.of(datatype.elementType(), dims, json.bytes);
  }

  /** One array, of the shape's last axis if it is within others, else of all elements. */
  private void array(int axis, boolean isNested) throws IOException, RequestFailure {
    if (reader.peek() != JsonToken.BEGIN_ARRAY) {
      throw wrong("there is %s where an array is needed".formatted(reader.peek()));
    }
    reader.beginArray();
    boolean nested = isNested || (dims.length > 1 && reader.peek() == JsonToken.BEGIN_ARRAY);
    int count = 0;
    for (; reader.hasNext(); count++) {
      if (nested && axis < dims.length - 1) {
        array(axis + 1, true);
      } else {
        element();
      }
    }
    reader.endArray();
    if (nested) {
      requireCount(count, dims[axis], " on axis " + axis);
    }
  }

  private void requireCount(long count, long wanted, String where) throws RequestFailure {
    if (count != wanted) {
      throw wrong("its data has %d elements%s, its shape says %d".formatted(count, where, wanted));
    }
  }

  private void element() throws IOException, RequestFailure {
    if (next == size) {
      throw wrong("its data has more than the %d elements of its shape".formatted(size));
    }
    JsonToken token = reader.peek();
    switch (datatype.elementType().kind()) {
      case BOOL -> {
        require(token == JsonToken.BOOLEAN, "true or false");
        bytes.put(next, (byte) (reader.nextBoolean() ? 1 : 0));
      }
      case STRING -> {
        require(token == JsonToken.STRING, "a string");
        strings.add(reader.nextString());
      }
      case FLOAT -> {
        require(token == JsonToken.NUMBER || token == JsonToken.STRING, "a number");
        real(reader.nextString(), token == JsonToken.STRING);
      }
      default -> {
        require(token == JsonToken.NUMBER, "a number");
        whole(reader.nextString());
      }
    }
    next++;
  }

  private void require(boolean holds, String needed) throws IOException, RequestFailure {
    if (!holds) {
      throw wrong("element %d is %s where %s is needed".formatted(next, reader.peek(), needed));
    }
  }

  private void real(String text, boolean isString) throws RequestFailure {
    if (isString && !List.of("NaN", "Infinity", "-Infinity").contains(text)) {
      throw wrong("element %d is \"%s\", which is no number".formatted(next, clipped(text)));
    }
    ElementType type = datatype.elementType();
    ElementCodec codec = ElementCodec.of(type);
    // A double in between could round twice.
    double value = type == ElementType.FLOAT ? Float.parseFloat(text) : Double.parseDouble(text);
    codec.putDouble(bytes, next, value);
    if (!isString && !Double.isFinite(codec.getDouble(bytes, next))) {
      throw wrong("element %d, %s, is too large".formatted(next, clipped(text)));
    }
  }

  private void whole(String text) throws RequestFailure {
    try {
      BigDecimal number = new BigDecimal(text);
      // Numbers such as 1e999999999 would take all memory as digits.
      if (Math.abs(number.scale()) > MOST_DIGITS) {
        throw wrong("element %d, %s, is out of range".formatted(next, clipped(text)));
      }
      BigInteger whole = number.toBigIntegerExact();
      ElementType type = datatype.elementType();
      int bits = type.isSigned() ? type.bits() - 1 : type.bits();
      if ((type.isUnsigned() && whole.signum() < 0) || whole.bitLength() > bits) {
        throw wrong("element %d, %s, is out of range".formatted(next, clipped(text)));
      }
      ElementCodec.of(type).putLong(bytes, next, whole.longValue());
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong("element %d, %s, is no whole number".formatted(next, clipped(text)));
    }
  }

  private RequestFailure wrong(String what) {
    return RequestFailure.badRequest("input '%s', %s: %s".formatted(name, datatype, what));
  }

  private static String clipped(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "..." : text;
  }
}
