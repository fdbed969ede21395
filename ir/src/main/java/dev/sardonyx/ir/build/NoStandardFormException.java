package dev.sardonyx.ir.build;

/** A node that cannot be said in ONNX's own operators; the message is the reason, without it. */
public final class NoStandardFormException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NoStandardFormException(String reason) {
    super(reason);
  }
}
