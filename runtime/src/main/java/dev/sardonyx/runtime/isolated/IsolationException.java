package dev.sardonyx.runtime.isolated;

/** The process that a model was prepared or run in has ended, or was ended. */
public final class IsolationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What happened to the process. */
  public enum Kind {
    /** It ended by itself; the message has the native frame, if the JVM reported it. */
    CRASH,
    /** It took too long and was ended. */
    TIMEOUT,
    /** It had not enough memory. */
    OUT_OF_MEMORY
  }

  private final Kind kind;
  private final String model;
  private final String frame;

  IsolationException(Kind kind, String model, String frame, String message) {
    super(message);
    this.kind = kind;
    this.model = model;
    this.frame = frame;
  }

  /** What happened. */
  public Kind kind() {
    return kind;
  }

  /** The name of the model's graph. */
  public String model() {
    return model;
  }

  /** Where in native code, such as {@code libonnxruntime.so+0x123}; empty if unknown. */
  public String frame() {
    return frame;
  }
}
