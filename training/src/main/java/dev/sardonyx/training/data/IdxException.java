package dev.sardonyx.training.data;

import java.io.IOException;

/** A data set that is missing, damaged or not what its files say; the message names the file. */
public final class IdxException extends IOException {
  IdxException(String message) {
    super(message);
  }

  IdxException(String message, Throwable cause) {
    super(message, cause);
  }
}
