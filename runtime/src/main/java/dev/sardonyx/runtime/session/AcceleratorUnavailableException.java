package dev.sardonyx.runtime.session;

/**
 * An accelerator that was asked for by name does not load on this machine; the message says why.
 */
public final class AcceleratorUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Accelerator accelerator;
  private final String reason;

  AcceleratorUnavailableException(Accelerator accelerator, String reason) {
    super("Accelerator " + accelerator + " is not available: " + reason);
    this.accelerator = accelerator;
    this.reason = reason;
  }

  /** Why, without the accelerator's name. */
  String reason() {
    return reason;
  }

  public Accelerator accelerator() {
    return accelerator;
  }
}
