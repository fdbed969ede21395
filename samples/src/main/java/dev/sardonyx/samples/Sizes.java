package dev.sardonyx.samples;

import java.util.Locale;

/** Formats numbers of bytes. */
final class Sizes {
  private Sizes() {}

  /** Such as {@code 1.2 MB}; 1 kB is 1,000 bytes. */
  static String bytes(long count) {
    if (count < 1000) {
      return count + " bytes";
    }
    String[] units = {"kB", "MB", "GB", "TB"};
    double size = count;
    int unit = -1;
    while (size >= 999.5 && unit < units.length - 1) {
      size /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
  }
}
