package dev.sardonyx.export.trees;

/** Something is wrong with a file whose name is not known here; the reader adds it. */
final class TreeFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TreeFault(String problem) {
    super(problem);
  }

  TreeFault(String problem, Throwable cause) {
    super(problem, cause);
  }
}
