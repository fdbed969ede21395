package dev.sardonyx.samples;

/** Formats numbers of things. */
final class Count {
  private Count() {}

  /** Such as {@code 1 node} or {@code 1,203 nodes}. */
  static String of(long number, String noun) {
    return "%,d %s%s".formatted(number, noun, number == 1 ? "" : "s");
  }
}
