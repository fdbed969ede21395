package dev.sardonyx.export;

import java.io.IOException;

/** A file is not valid ONNX. The message names the file and what is wrong in it. */
public final class OnnxFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param file how to name the file
   * @param problem what is wrong, as a sentence about the file's content
   */
  public OnnxFormatException(String file, String problem) {
    super(file + ": " + problem);
  }

  public OnnxFormatException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
