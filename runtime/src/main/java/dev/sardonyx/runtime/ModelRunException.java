package dev.sardonyx.runtime;

import java.util.Optional;

/**
 * ONNX Runtime failed while running a model that it had accepted; the message names the node. Also
 * thrown when the thread is interrupted, whose interrupt status is then still set.
 */
public final class ModelRunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String node;
  private final String operator;

  /** A failure that is no node's. */
  ModelRunException(String message) {
    super(message);
    this.node = "";
    this.operator = "";
  }

  ModelRunException(String message, String node, String operator, Throwable cause) {
    super(message, cause);
    this.node = node;
    this.operator = operator;
  }

  /** The node that failed, if ONNX Runtime told. */
  public Optional<String> node() {
    return node.isEmpty() ? Optional.empty() : Optional.of(node);
  }

  /** The failed node's operator, such as {@code Reshape}, if ONNX Runtime told. */
  public Optional<String> operator() {
    return operator.isEmpty() ? Optional.empty() : Optional.of(operator);
  }
}
