package dev.sardonyx.export.text;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Undoes the escapes of {@link Words#quoted}, since ONNX's syntax has no such escapes. Escapes of
 * bytes that are not UTF-8 stay, and so do those in comments. Each appended piece of text must end
 * outside of quotes and comments.
 */
record UnescapedText(Appendable to) implements Appendable {
  private static final String ESCAPE = "\\u{";
  private static final int LENGTH = "\\u{001b}".length();

  @Override
  public Appendable append(@Nullable CharSequence piece) throws IOException {
    String text = String.valueOf(piece);
    return text.contains(ESCAPE) ? append(text) : to.append(text);
  }

  private Appendable append(String text) throws IOException {
    boolean quoted = false;
    int at = 0;
    while (at < text.length()) {
      int length = 1;
      char c = text.charAt(at);
      if (!quoted && c == '#') {
        length = text.indexOf('\n', at) - at;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\') {
        length = text.startsWith(ESCAPE, at) ? unescape(text, at) : 2;
      }
      if (length > 0) {
        to.append(text, at, at + length);
      }
      at += Math.abs(length);
    }
    return to;
  }

  /**
   * Writes the character of an escape. Returns the escape's length, negative if the escape was
   * replaced and positive if it stays.
   */
  private int unescape(String text, int at) throws IOException {
    char c = unit(text, at);
    if (!Character.isSurrogate(c)) {
      to.append(c);
      return -LENGTH;
    }
    if (Character.isHighSurrogate(c) && text.startsWith(ESCAPE, at + LENGTH)) {
      char low = unit(text, at + LENGTH);
      if (Character.isLowSurrogate(low)) {
        to.append(c).append(low);
        return -2 * LENGTH;
      }
    }
    return LENGTH;
  }

  private static char unit(String text, int at) {
    return (char) Integer.parseInt(text.substring(at + ESCAPE.length(), at + LENGTH - 1), 16);
  }

  @Override
  public Appendable append(@Nullable CharSequence piece, int start, int end) throws IOException {
    return append(String.valueOf(piece).subSequence(start, end));
  }

  @Override
  public Appendable append(char c) throws IOException {
    return to.append(c);
  }
}
