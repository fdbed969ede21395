package dev.sardonyx.ir.edit;

/** An edit that cannot be made. The message names the value or node and says what to do. */
public final class EditException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  EditException(String message) {
    super(message);
  }
}
