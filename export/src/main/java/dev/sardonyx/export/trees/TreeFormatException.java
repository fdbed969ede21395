package dev.sardonyx.export.trees;

import dev.sardonyx.ir.Printable;
import java.io.IOException;

/**
 * A file is not a valid model of XGBoost or LightGBM. The message names the file, the tree and
 * node, and what is wrong.
 */
public final class TreeFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  TreeFormatException(String file, String problem, Throwable cause) {
    super(file + ": " + Printable.line(problem), cause);
  }
}
