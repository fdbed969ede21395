package dev.sardonyx.training.onednn;

/** Says why a network, or something in it, is left to DL4J. */
final class NotTakenException extends RuntimeException {
  NotTakenException(String reason) {
    super(reason);
  }
}
