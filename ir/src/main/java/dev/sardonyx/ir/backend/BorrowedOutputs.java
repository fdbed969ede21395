package dev.sardonyx.ir.backend;

/**
 * Outputs that may lie in memory of the backend's, so that nothing has to be copied. They are for
 * reading only, and not to be touched after {@link #close}, which may give the memory to the next
 * run; what is needed longer has to be copied.
 *
 * <pre>{@code
 * try (BorrowedOutputs borrowed = prepared.borrow(inputs)) {
 *   ... borrowed.outputs().tensor("y").bytes() ...
 * }
 * }</pre>
 */
public final class BorrowedOutputs implements AutoCloseable {
  private final Outputs outputs;
  private final Runnable giveBack;
  private boolean closed;

  private BorrowedOutputs(Outputs outputs, Runnable giveBack) {
    this.outputs = outputs;
    this.giveBack = giveBack;
  }

  /**
   * Outputs in a backend's memory.
   *
   * @param giveBack called once, when they are no longer needed, by any thread
   */
  public static BorrowedOutputs of(Outputs outputs, Runnable giveBack) {
    return new BorrowedOutputs(outputs, giveBack);
  }

  /** Outputs that belong to the caller. */
  public static BorrowedOutputs of(Outputs outputs) {
    return new BorrowedOutputs(outputs, () -> {});
  }

  /**
   * The outputs.
   *
   * @throws IllegalStateException if they have been given back
   */
  public synchronized Outputs outputs() {
    if (closed) {
      throw new IllegalStateException("The outputs have been given back");
    }
    return outputs;
  }

  /** Gives the memory back; later calls do nothing. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    giveBack.run();
  }
}
