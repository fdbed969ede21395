package dev.sardonyx.export;

import java.io.IOException;

/** A file is not a valid safetensors file. The message names the file and what is wrong. */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  SafetensorsException(String file, String problem) {
    super(file + ": " + problem);
  }

  SafetensorsException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
