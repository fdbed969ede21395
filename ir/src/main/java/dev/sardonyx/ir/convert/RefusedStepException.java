package dev.sardonyx.ir.convert;

/** Tells from within a rule why a node cannot cross a version; the conversion collects these. */
final class RefusedStepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedStepException(String reason) {
    super(reason, null, false, false);
  }
}
