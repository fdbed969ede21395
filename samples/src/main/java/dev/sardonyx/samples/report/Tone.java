package dev.sardonyx.samples.report;

import java.util.Locale;

/** Whether something is good or bad, which is shown by colour and by shape. */
public enum Tone {
  /** Neither. */
  PLAIN,
  /** As it should be. */
  GOOD,
  /** A failure. */
  BAD;

  /** Its class in the style sheet. */
  String style() {
    return name().toLowerCase(Locale.ROOT);
  }
}
