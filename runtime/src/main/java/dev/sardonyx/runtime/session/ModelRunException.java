package dev.sardonyx.runtime.session;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run gave no result: ONNX Runtime failed while running a model that it had accepted, and the
 * message names the node, or the run was ended early, see {@link #reason}. The interrupt status of
 * a thread that was interrupted is still set.
 */
public final class ModelRunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a run gave no result. */
  public enum Reason {
    /** ONNX Runtime failed. */
    FAILED,
    /** The thread was interrupted. */
    INTERRUPTED,
    /** It was cancelled, see {@link Cancellation}. */
    CANCELLED,
    /** It took too long, see {@link RunOptions#timeout}. */
    TIMED_OUT
  }

  private final Reason reason;
  private final String node;
  private final String operator;

  /** A failure outside of any node. */
  ModelRunException(String message) {
    super(message);
    this.reason = Reason.FAILED;
    this.node = "";
    this.operator = "";
  }

  ModelRunException(String message, String node, String operator, Throwable cause) {
    super(message, cause);
    this.reason = Reason.FAILED;
    this.node = node;
    this.operator = operator;
  }

  /**
   * A node's failure, for backends that run models in another process.
   *
   * @param node the node that failed, empty if unknown
   * @param operator its operator, empty if unknown
   */
  public ModelRunException(String message, String node, String operator) {
    super(message);
    this.reason = Reason.FAILED;
    this.node = node;
    this.operator = operator;
  }

  /**
   * A run that was ended early, for backends that run models in another process.
   *
   * @param reason why it was ended
   */
  public ModelRunException(Reason reason, String message) {
    this(reason, message, null);
  }

  /** A run that was ended early. */
  ModelRunException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.node = "";
    this.operator = "";
  }

  /** Why there is no result. */
  public Reason reason() {
    return reason;
  }

  /** The node that failed, if ONNX Runtime named it. */
  public Optional<String> node() {
    return node.isEmpty() ? Optional.empty() : Optional.of(node);
  }

  /** The failed node's operator, such as {@code Reshape}, if ONNX Runtime named it. */
  public Optional<String> operator() {
    return operator.isEmpty() ? Optional.empty() : Optional.of(operator);
  }
}
