package dev.sardonyx.export.text;

/**
 * A text is not a model. The message says where and what was expected there, and shows the line.
 */
public final class ModelSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  /**
   * @param lineText the line, or a part of it
   * @param mark how many of its characters come before the place
   */
  ModelSyntaxException(int line, int column, String problem, String lineText, int mark) {
    super(
        "Line "
            + line
            + ", column "
            + column
            + ": "
            + problem
            + "\n"
            + lineText
            + "\n"
            + " ".repeat(mark)
            + "^");
    this.line = line;
    this.column = column;
  }

  /** The line of the text, from 1. */
  public int line() {
    return line;
  }

  /** The character in the line, from 1. */
  public int column() {
    return column;
  }
}
