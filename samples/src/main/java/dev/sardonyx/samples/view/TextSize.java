package dev.sardonyx.samples.view;

/**
 * About how wide text is, as most sans-serif fonts have it, and rather too wide: the fonts of who
 * looks at a drawing are not known to who makes it.
 */
final class TextSize {
  /** Longer texts are cut where they are drawn; the page's details have them whole. */
  private static final int LONGEST = 36;

  private TextSize() {}

  /** The width of bold text in pixels. */
  static double bold(String text, double fontSize) {
    return 1.14 * width(text, fontSize);
  }

  /** The width in pixels. */
  static double width(String text, double fontSize) {
    double width = text.codePoints().mapToDouble(TextSize::width).sum();
    return width * fontSize;
  }

  private static double width(int c) {
    if (c < 0x80) {
      if ("iljtfrI.,:;'|!()[]/ ".indexOf(c) >= 0) {
        return 0.4;
      }
      return "mwMW@%".indexOf(c) >= 0 ? 0.95 : Character.isUpperCase(c) ? 0.72 : 0.62;
    }
    return c < 0x2e80 ? 0.75 : 1.05;
  }

  /** A text that is not too long to be drawn. */
  static String cut(String text) {
    if (text.codePointCount(0, text.length()) <= LONGEST) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, LONGEST - 1)) + "…";
  }
}
