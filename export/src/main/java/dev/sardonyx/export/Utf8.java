package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Decodes and encodes the strings of files. They should be UTF-8; an invalid byte becomes an
 * unpaired surrogate U+DC80 to U+DCFF, and a byte again when it is written, so that every string is
 * kept.
 */
final class Utf8 {
  private Utf8() {}

  static String decode(ByteString bytes) {
    return bytes.isValidUtf8() ? bytes.toStringUtf8() : escape(bytes);
  }

  private static String escape(ByteString bytes) {
    StringBuilder text = new StringBuilder(bytes.size());
    int at = 0;
    while (at < bytes.size()) {
      int length = sequenceLength(bytes, at);
      if (length == 0) {
        text.append((char) (0xDC00 | bytes.byteAt(at) & 0xFF));
        at++;
      } else {
        text.append(bytes.substring(at, at + length).toStringUtf8());
        at += length;
      }
    }
    return text.toString();
  }

  /** The number of bytes of the character that starts here; 0 if there is no valid one. */
  private static int sequenceLength(ByteString bytes, int at) {
    int first = bytes.byteAt(at) & 0xFF;
    int length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return at + length <= bytes.size() && bytes.substring(at, at + length).isValidUtf8()
        ? length
        : 0;
  }

  /**
   * @throws IllegalArgumentException if the text has an unpaired surrogate that stands for no byte
   */
  static ByteString encode(String text) {
    int lone = loneSurrogate(text, 0);
    if (lone < 0) {
      return ByteString.copyFromUtf8(text);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int from = 0;
    while (lone >= 0) {
      bytes.writeBytes(text.substring(from, lone).getBytes(StandardCharsets.UTF_8));
      char c = text.charAt(lone);
      if (c < 0xDC80 || c > 0xDCFF) {
        throw new IllegalArgumentException(
            "The text \"" + text + "\" has an unpaired surrogate at character " + lone);
      }
      bytes.write(c & 0xFF);
      from = lone + 1;
      lone = loneSurrogate(text, from);
    }
    bytes.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
    return ByteString.copyFrom(bytes.toByteArray());
  }

  private static int loneSurrogate(String text, int from) {
    int at = from;
    while (at < text.length()) {
      int character = text.codePointAt(at);
      if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
        return at;
      }
      at += Character.charCount(character);
    }
    return -1;
  }
}
