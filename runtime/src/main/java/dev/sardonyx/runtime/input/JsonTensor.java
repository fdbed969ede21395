package dev.sardonyx.runtime.input;

import com.google.gson.stream.JsonWriter;
import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * The elements of a tensor as JSON: strings, truth values, or real numbers with as many digits as
 * their type needs. JSON has no NaN or infinity; they are the strings {@code "NaN"}, {@code
 * "Infinity"} and {@code "-Infinity"}, as {@link InputFile} reads them.
 */
public final class JsonTensor {
  private final JsonWriter writer;
  private final long[] dims;
  private int next;

  private JsonTensor(JsonWriter writer, Tensor tensor) {
    this.writer = writer;
    this.dims = tensor.dims();
  }

  /**
   * Writes arrays within arrays by the shape; of a scalar, the element alone.
   *
   * @throws IllegalArgumentException if the elements are complex numbers
   */
  public static void writeNested(JsonWriter writer, Tensor tensor) throws IOException {
    new JsonTensor(writer, tensor).write(0, element(writer, tensor));
  }

  /**
   * Writes one array of all elements, row-major.
   *
   * @throws IllegalArgumentException if the elements are complex numbers
   */
  public static void writeFlat(JsonWriter writer, Tensor tensor) throws IOException {
    Element element = element(writer, tensor);
    writer.beginArray();
    for (int i = 0; i < tensor.length(); i++) {
      element.write(i);
    }
    writer.endArray();
  }

  /** Writes the element of a place. */
  private interface Element {
    void write(int i) throws IOException;
  }

  private void write(int axis, Element element) throws IOException {
    if (axis == dims.length) {
      element.write(next++);
      return;
    }
    writer.beginArray();
    // Without elements, further axes say nothing.
    for (int i = 0; i < dims[axis]; i++) {
      write(axis + 1, element);
    }
    writer.endArray();
  }

  private static Element element(JsonWriter writer, Tensor tensor) {
    ElementType type = tensor.elementType();
    if (type == ElementType.STRING) {
      return i -> writer.value(tensor.strings().get(i));
    }
    ByteBuffer bytes = tensor.bytes();
    ElementCodec codec = ElementCodec.of(type);
    return switch (type.kind()) {
      case BOOL -> i -> writer.value(codec.getLong(bytes, i) != 0);
      case SIGNED -> i -> writer.value(codec.getLong(bytes, i));
      case UNSIGNED ->
          i -> writer.value(new BigInteger(Long.toUnsignedString(codec.getLong(bytes, i))));
      default -> i -> real(writer, type, codec.getDouble(bytes, i));
    };
  }

  private static void real(JsonWriter writer, ElementType type, double element) throws IOException {
    if (!Double.isFinite(element)) {
      writer.value(String.valueOf(element));
    } else if (type == ElementType.DOUBLE) {
      writer.value(element);
    } else {
      writer.value((float) element);
    }
  }
}
