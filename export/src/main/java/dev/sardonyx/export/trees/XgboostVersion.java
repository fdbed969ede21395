package dev.sardonyx.export.trees;

/** The version of XGBoost that wrote a file: what the same file means has changed with some. */
record XgboostVersion(int major, int minor) {
  /**
   * @param numbers such as 3, 4, 0; none if the file does not say, which is taken for the newest
   */
  static XgboostVersion of(int[] numbers) {
    return numbers.length < 2
        ? new XgboostVersion(Integer.MAX_VALUE, 0)
        : new XgboostVersion(numbers[0], numbers[1]);
  }

  boolean isBefore(int otherMajor, int otherMinor) {
    return major < otherMajor || major == otherMajor && minor < otherMinor;
  }

  /**
   * Whether numbers that are no category of a split, being negative or too large, go where NaN
   * goes; they go left before and after 1.6.
   */
  boolean sendsUnseenWithMissing() {
    return major == 1 && minor == 6;
  }
}
