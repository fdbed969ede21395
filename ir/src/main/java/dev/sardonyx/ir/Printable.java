package dev.sardonyx.ir;

/**
 * Text of a model or of the machine, such as a value's or a file's name, made fit to be printed. A
 * terminal acts on control characters: a name could move the cursor, or begin a line that looks
 * like one of this program's own.
 */
public final class Printable {
  private Printable() {}

  /**
   * The text on one line: control and invisible characters, line ends among them, become escapes
   * such as {@code \u001b}, or {@code \n}, {@code \r} and {@code \t}.
   */
  public static String line(String text) {
    return escaped(text, false);
  }

  /**
   * The text with its line ends and tabs, all other control and invisible characters being escaped
   * as in {@link #line}. JSON stays JSON and means the same.
   */
  public static String lines(String text) {
    return escaped(text, true);
  }

  /** Whether a terminal shows the character, and nothing else happens. */
  public static boolean isPlain(int codePoint) {
    if (codePoint >= ' ' && codePoint < 0x7f) {
      return true;
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }

  private static String escaped(String text, boolean keepLineEnds) {
    int plain = 0;
    while (plain < text.length() && isKept(text.codePointAt(plain), keepLineEnds)) {
      plain += Character.charCount(text.codePointAt(plain));
    }
    if (plain == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, plain);
    text.substring(plain)
        .codePoints()
        .forEach(
            c -> {
              if (isKept(c, keepLineEnds)) {
                escaped.appendCodePoint(c);
              } else {
                escape(escaped, c);
              }
            });
    return escaped.toString();
  }

  private static boolean isKept(int codePoint, boolean lineEnds) {
    return lineEnds && (codePoint == '\n' || codePoint == '\t') || isPlain(codePoint);
  }

  private static void escape(StringBuilder escaped, int codePoint) {
    switch (codePoint) {
      case '\n' -> escaped.append("\\n");
      case '\r' -> escaped.append("\\r");
      case '\t' -> escaped.append("\\t");
      default -> {
        for (char unit : Character.toChars(codePoint)) {
          escaped.append("\\u");
          for (int shift = 12; shift >= 0; shift -= 4) {
            escaped.append(Character.forDigit(unit >> shift & 0xf, 16));
          }
        }
      }
    }
  }
}
