package dev.sardonyx.training.compile;

/** A value is not there because the node that computes it was refused before. */
final class MissingValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingValueException(String value) {
    super(value, null, false, false);
  }
}
