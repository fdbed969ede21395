package dev.sardonyx.export.keras;

/**
 * Something is wrong with a file. It is thrown where the file's name is not known; the reader adds
 * the name.
 */
final class BrokenFile extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean located;

  BrokenFile(String problem) {
    super(problem);
    this.located = false;
  }

  BrokenFile(String problem, Throwable cause) {
    super(problem, cause);
    this.located = false;
  }

  private BrokenFile(String place, BrokenFile what) {
    super(place + what.getMessage(), what);
    this.located = true;
  }

  /** The same problem with its place before it, unless a more precise place is already named. */
  BrokenFile at(String place) {
    return located ? this : new BrokenFile(place, this);
  }
}
