package dev.sardonyx.ir.precision;

/** Weights do not fit into the precision that was asked for; the message names them all. */
public final class PrecisionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  PrecisionException(String message) {
    super(message);
  }
}
