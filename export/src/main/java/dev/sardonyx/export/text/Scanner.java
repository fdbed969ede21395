package dev.sardonyx.export.text;

/**
 * Splits a text into tokens. White space and comments between them are skipped, except the
 * annotations that extend ONNX's syntax.
 */
final class Scanner {
  /** An ONNX file cannot hold deeper nesting of graphs and types either. */
  private static final int DEEPEST = 100;

  /** How many brackets a level of nesting takes at most: those of attributes, lists and graphs. */
  private static final int BRACKETS_A_LEVEL = 3;

  /** Stands before the types of a function's results that are not declared. */
  static final String RESULTS = "#@results";

  private static final int LONGEST_LINE = 200;

  private final String text;
  private int at;
  private int depth;

  Scanner(String text) {
    this.text = text;
  }

  /**
   * How deep brackets of all kinds nest, those in strings and comments too, up to the limit for
   * texts.
   */
  static int brackets(String text) {
    int depth = 0;
    int deepest = 0;
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '(', '[', '{' -> deepest = Math.max(deepest, ++depth);
        case ')', ']', '}' -> depth--;
        default -> {}
      }
    }
    return Math.min(deepest, BRACKETS_A_LEVEL * DEEPEST);
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#' && !text.startsWith("#@{", at) && !text.startsWith(RESULTS, at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (c == ' ' || c >= '\t' && c <= '\r') {
        at++;
      } else {
        return;
      }
    }
  }

  /** The next character, 0 at the end. */
  char peek() {
    skipSpace();
    return at < text.length() ? text.charAt(at) : 0;
  }

  boolean atEnd() {
    return peek() == 0 && at >= text.length();
  }

  boolean next(String token) {
    skipSpace();
    return text.startsWith(token, at);
  }

  boolean accept(String token) {
    if (next(token)) {
      at += token.length();
      return true;
    }
    return false;
  }

  void expect(String token) {
    if (!accept(token)) {
      throw expected("'" + token + "'");
    }
  }

  /** The identifier that comes next, without taking it; empty if none does. */
  String peekWord() {
    skipSpace();
    int end = at;
    if (end < text.length() && Words.isIdentifierStart(text.charAt(end))) {
      while (end < text.length() && Words.isIdentifierPart(text.charAt(end))) {
        end++;
      }
    }
    return text.substring(at, end);
  }

  String word(String what) {
    String word = peekWord();
    if (word.isEmpty()) {
      throw expected(what);
    }
    at += word.length();
    return word;
  }

  boolean nextIsName() {
    return peek() == '"' || !peekWord().isEmpty();
  }

  /** An identifier, or any text in quotes. */
  String name(String what) {
    return peek() == '"' ? string(what) : word(what);
  }

  String string(String what) {
    if (peek() != '"') {
      throw expected(what + " in quotes");
    }
    int start = at;
    StringBuilder string = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        c = escaped();
      }
      string.append(c);
    }
    if (at >= text.length()) {
      at = start;
      throw problem("the string that begins here does not end");
    }
    at++;
    return string.toString();
  }

  /**
   * The character after a backslash, which is taken literally, or the one that {@code u{...}} gives
   * by its number.
   */
  private char escaped() {
    int close = text.startsWith("u{", at) ? text.indexOf('}', at) : -1;
    if (close == at + 6) {
      try {
        char c = (char) Integer.parseInt(text.substring(at + 2, close), 16);
        at = close + 1;
        return c;
      } catch (NumberFormatException notAnEscape) {
        // Not an escape, so the u is literal.
      }
    }
    return text.charAt(at++);
  }

  /** A whole number of 64 bits. */
  long integer(String what) {
    int start = at;
    String token = token();
    try {
      return Long.parseLong(token);
    } catch (NumberFormatException e) {
      at = start;
      throw expected(what + ", a whole number");
    }
  }

  /**
   * The text of a number: decimal with sign, point and exponent, {@code nan}, {@code inf}, or bits
   * after {@code 0x}.
   */
  String token() {
    skipSpace();
    int start = at;
    if (at < text.length() && text.charAt(at) == '-') {
      at++;
    }
    boolean bits = text.startsWith("0x", at);
    while (at < text.length()) {
      char c = text.charAt(at);
      boolean exponentSign =
          !bits && (c == '+' || c == '-') && at > start && "eE".indexOf(text.charAt(at - 1)) >= 0;
      if (!Words.isIdentifierPart(c) && c != '.' && !exponentSign) {
        break;
      }
      at++;
    }
    return text.substring(start, at);
  }

  int position() {
    return at;
  }

  void back(int position) {
    at = position;
  }

  /** Enters a graph or type. */
  void enter() {
    if (++depth > DEEPEST) {
      throw problem("nests deeper than " + DEEPEST + " levels");
    }
  }

  void leave() {
    depth--;
  }

  ModelSyntaxException expected(String what) {
    skipSpace();
    String found =
        at >= text.length()
            ? "the end of the text"
            : text.startsWith("...", at)
                ? "'...', which stands for what an abbreviated text leaves out"
                : "'" + found() + "'";
    return problem("expected " + what + ", but found " + found);
  }

  private String found() {
    String word = peekWord();
    if (!word.isEmpty()) {
      return word;
    }
    return new String(Character.toChars(text.codePointAt(at)));
  }

  ModelSyntaxException problem(String problem) {
    int lineStart = text.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
    if (at < text.length() && text.charAt(at) == '\n' && lineStart > at) {
      lineStart = at;
    }
    int line = 1;
    for (int i = 0; i < lineStart; i++) {
      line += text.charAt(i) == '\n' ? 1 : 0;
    }
    int lineEnd = text.indexOf('\n', at);
    lineEnd = lineEnd < 0 ? text.length() : lineEnd;
    int column = at - lineStart + 1;
    // Of a long line only the part around the error is shown.
    int from = Math.max(lineStart, at - LONGEST_LINE / 2);
    int to = Math.min(lineEnd, from + LONGEST_LINE);
    String shown = text.substring(from, Math.max(from, to));
    return new ModelSyntaxException(line, column, problem, shown, at - from);
  }
}
