package dev.sardonyx.ir;

/** Reads the text of a dimension; see {@link Dim#parse}. */
final class DimParser {
  private final String text;
  private int at;

  private DimParser(String text) {
    this.text = text;
  }

  static Dim parse(String text) {
    if (text.equals("?")) {
      return Dim.UNKNOWN;
    }
    DimParser parser = new DimParser(text);
    try {
      Dim dim = parser.sum();
      parser.skipSpace();
      return parser.at == text.length() && dim.isKnown() ? dim : Dim.symbol(text);
    } catch (IllegalArgumentException notAnExpression) {
      return Dim.symbol(text);
    }
  }

  private Dim sum() {
    Dim left = accept('-') ? product().times(-1) : product();
    while (true) {
      if (accept('+')) {
        left = left.plus(product());
      } else if (accept('-')) {
        left = left.minus(product());
      } else {
        return left;
      }
    }
  }

  private Dim product() {
    Dim left = factor();
    while (true) {
      if (accept('*')) {
        left = left.times(factor());
      } else if (accept('/')) {
        left = left.floorDiv(factor());
      } else {
        return left;
      }
    }
  }

  private Dim factor() {
    if (accept('(')) {
      Dim inner = sum();
      expect(')');
      return inner;
    }
    skipSpace();
    int from = at;
    while (at < text.length() && isWordCharacter(text.charAt(at))) {
      at++;
    }
    String word = text.substring(from, at);
    if (word.isEmpty()) {
      throw new IllegalArgumentException("a number or a symbol is missing");
    }
    if (Character.isDigit(word.charAt(0))) {
      return Dim.of(Long.parseLong(word));
    }
    boolean function = word.equals("mod") || word.equals("max") || word.equals("min");
    return function && accept('(') ? call(word) : Dim.symbol(word);
  }

  private Dim call(String function) {
    Dim left = sum();
    expect(',');
    Dim right = sum();
    expect(')');
    return switch (function) {
      case "mod" -> left.mod(right);
      case "max" -> left.max(right);
      default -> left.min(right);
    };
  }

  private static boolean isWordCharacter(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$';
  }

  private void skipSpace() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private boolean accept(char c) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw new IllegalArgumentException(c + " is missing");
    }
  }
}
