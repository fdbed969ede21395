package dev.sardonyx.samples.plan;

import java.io.IOException;

/** A plan that is wrong; the message names the file, the line, the column and the key. */
public final class PlanException extends IOException {
  PlanException(String message, Throwable cause) {
    super(message, cause);
  }

  PlanException(String message) {
    super(message);
  }
}
