package dev.sardonyx.runtime.session;

/**
 * The threads of a session.
 *
 * @param intraOp threads that share the work of one node, 0 for as many as there are cores; never
 *     more than the machine has processors. Where many threads call one session at once, 1 gives
 *     the highest throughput
 * @param interOp threads that compute independent nodes at the same time, 1 for one node after the
 *     other
 * @param spinning whether idle threads wait for work in a loop: shorter latency for a busy core
 */
public record Threads(int intraOp, int interOp, boolean spinning) {
  /** A larger number is taken for a mistake: no machine has so many processors. */
  private static final int MOST = 1024;

  /** ONNX Runtime's default number of threads, one node after the other. */
  public static final Threads DEFAULT = new Threads(0, 1, true);

  /**
   * @throws IllegalArgumentException if a number is negative or above 1024
   */
  public Threads {
    if (intraOp < 0 || intraOp > MOST || interOp < 1 || interOp > MOST) {
      throw new IllegalArgumentException(
          "A session takes from 1 to "
              + MOST
              + " threads, not "
              + intraOp
              + " within a node and "
              + interOp
              + " for nodes");
    }
  }

  /** This many threads within a node, which do not spin. */
  public static Threads of(int intraOp) {
    return new Threads(intraOp, 1, false);
  }
}
