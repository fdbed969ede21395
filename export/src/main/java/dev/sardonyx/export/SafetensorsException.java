package dev.sardonyx.export;

import java.io.IOException;

/**
 * A file is not the safetensors file it should be. The message names the file and what is wrong.
 */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  SafetensorsException(String file, String problem) {
    super(file + ": " + problem);
  }

  SafetensorsException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
