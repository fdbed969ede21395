package dev.sardonyx.samples.report;

/** A paragraph. */
public record Remark(Tone tone, String text) implements ReportPart {
  /** Neither good nor bad. */
  public static Remark of(String text) {
    return new Remark(Tone.PLAIN, text);
  }

  /** A result, good or bad. */
  public static Remark of(boolean passed, String text) {
    return new Remark(passed ? Tone.GOOD : Tone.BAD, text);
  }
}
