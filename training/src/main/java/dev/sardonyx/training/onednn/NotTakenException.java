package dev.sardonyx.training.onednn;

import java.util.Objects;

/** Says why a network, or something in it, is left to DL4J. */
final class NotTakenException extends RuntimeException {
  NotTakenException(String reason) {
    super(reason);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
