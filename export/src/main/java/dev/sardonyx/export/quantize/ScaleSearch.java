package dev.sardonyx.export.quantize;

/** How the scale of a block of weights is found. */
public enum ScaleSearch {
  /** From the range of the block: its elements furthest from 0 are the first and the last step. */
  RANGE(1),
  /**
   * The scale and the zero point whose mean squared error is smallest: narrower ranges are tried,
   * too, and each is fitted to the elements by least squares. Quantising takes longer, running the
   * model does not.
   */
  LEAST_SQUARES(18);

  private static final double STEP = 0.02;

  private final int tries;

  ScaleSearch(int tries) {
    this.tries = tries;
  }

  /** How many ranges are tried. */
  int tries() {
    return tries;
  }

  /** By what the range is multiplied at a try. */
  static double factor(int attempt) {
    return 1 - STEP * attempt;
  }

  /** Whether scales are fitted to the elements. */
  boolean fits() {
    return this == LEAST_SQUARES;
  }
}
