package dev.sardonyx.training.data;

import java.io.IOException;

/**
 * Images or a table that are not what they should be; the message names the file and, where there
 * is one, the line, the column and the value.
 */
public final class DataException extends IOException {
  DataException(String message) {
    super(message);
  }

  DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
