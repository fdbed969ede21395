package dev.sardonyx.export.keras;

/**
 * What is wrong with a file, thrown where only a part of it is known; the reader names the file.
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

  /** The same with the place before it, unless a place within that place is already named. */
  BrokenFile at(String place) {
    return located ? this : new BrokenFile(place, this);
  }
}
