package dev.sardonyx.runtime.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory without the Java heap, which lies in the lowest 64 GB of addresses. */
final class NativeMemory {
  private static final Path SMAPS = Path.of("/proc/self/smaps");

  private NativeMemory() {}

  /** Whether the system tells. */
  static boolean isKnown() {
    return Files.exists(SMAPS);
  }

  static long kilobytes() throws IOException {
    System.gc();
    long kilobytes = 0;
    boolean counted = false;
    for (String line : Files.readAllLines(SMAPS)) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        counted = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16) >= 1L << 36;
      } else if (counted && line.startsWith("Rss:")) {
        kilobytes += Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return kilobytes;
  }
}
