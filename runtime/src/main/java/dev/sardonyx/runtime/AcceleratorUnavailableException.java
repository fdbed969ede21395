package dev.sardonyx.runtime;

/**
 * An accelerator that was asked for by name does not load on this machine; the message says why.
 */
public final class AcceleratorUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Accelerator accelerator;

  AcceleratorUnavailableException(Accelerator accelerator, String reason) {
    super("Accelerator " + accelerator + " is not available: " + reason);
    this.accelerator = accelerator;
  }

  public Accelerator accelerator() {
    return accelerator;
  }
}
