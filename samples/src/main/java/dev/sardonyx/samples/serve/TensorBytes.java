package dev.sardonyx.samples.serve;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements of a tensor in the protocol's binary form: little-endian, row-major; a string is its
 * length in 4 bytes and its text in UTF-8.
 */
final class TensorBytes {
  private static final int LENGTH = Integer.BYTES;

  private TensorBytes() {}

  /**
   * A tensor over the bytes, which are not copied.
   *
   * @param size the number of elements that the shape says
   */
  static Tensor read(ByteBuffer bytes, String name, Datatype datatype, long[] dims, int size)
      throws RequestFailure {
    if (datatype == Datatype.BYTES) {
      return Tensor.ofStrings(strings(bytes.order(ByteOrder.LITTLE_ENDIAN), name, size), dims);
    }
    long needed = datatype.elementType().byteSize(size);
    if (bytes.remaining() != needed) {
      throw RequestFailure.badRequest(
          "input '%s', %s: its shape takes %d bytes, its binary_data_size is %d"
              .formatted(name, datatype, needed, bytes.remaining()));
    }
    if (datatype == Datatype.BOOL) {
      requireFlags(bytes, name);
    }
    return Tensor.of(datatype.elementType(), dims, bytes);
  }

  /** Native code may rely on a boolean being 0 or 1. */
  private static void requireFlags(ByteBuffer bytes, String name) throws RequestFailure {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if ((bytes.get(i) & ~1) != 0) {
        throw RequestFailure.badRequest(
            "input '%s', BOOL: byte %d is %d, neither 0 nor 1"
                .formatted(name, i - bytes.position(), bytes.get(i) & 0xFF));
      }
    }
  }

  private static List<String> strings(ByteBuffer bytes, String name, int size)
      throws RequestFailure {
    List<String> strings = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int length = bytes.remaining() < LENGTH ? -1 : bytes.getInt();
      if (length < 0 || length > bytes.remaining()) {
        throw RequestFailure.badRequest(
            "input '%s', BYTES: its binary data ends within string %d"
                .formatted(name, strings.size()));
      }
      ByteBuffer text = bytes.slice(bytes.position(), length);
      try {
        strings.add(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
      } catch (CharacterCodingException e) {
        throw RequestFailure.badRequest(
            "input '%s', BYTES: string %d is not text in UTF-8".formatted(name, strings.size()));
      }
      bytes.position(bytes.position() + length);
    }
    if (strings.size() != size) {
      throw RequestFailure.badRequest(
          "input '%s', BYTES: its binary data has %d strings, its shape says %d"
              .formatted(name, strings.size(), size));
    }
    return strings;
  }

  /** The bytes of all elements. */
  static ByteBuffer of(Tensor tensor) {
    if (tensor.elementType() != ElementType.STRING) {
      return tensor.bytes();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String element : tensor.strings()) {
      byte[] text = element.getBytes(StandardCharsets.UTF_8);
      ByteBuffer length = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
      bytes.writeBytes(length.putInt(0, text.length).array());
      bytes.writeBytes(text);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }
}
