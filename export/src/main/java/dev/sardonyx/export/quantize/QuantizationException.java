package dev.sardonyx.export.quantize;

/**
 * A model that cannot be quantised as asked; the message names the node or value and the reason.
 */
public final class QuantizationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QuantizationException(String message) {
    super(message);
  }
}
