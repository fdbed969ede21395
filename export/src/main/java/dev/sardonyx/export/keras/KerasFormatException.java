package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Printable;
import java.io.IOException;

/** A file is not a valid Keras file. The message names the file, layer and what is wrong. */
public final class KerasFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param file how to name the file
   * @param problem what is wrong, as a sentence about the file's content
   */
  public KerasFormatException(String file, String problem) {
    super(file + ": " + Printable.line(problem));
  }

  public KerasFormatException(String file, String problem, Throwable cause) {
    super(file + ": " + Printable.line(problem), cause);
  }
}
