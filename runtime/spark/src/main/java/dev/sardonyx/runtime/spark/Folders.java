package dev.sardonyx.runtime.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Temporary folders, which are removed when the process ends. */
final class Folders {
  private static final List<Path> ALL = new ArrayList<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Folders::removeAll, "sardonyx-spark-folders"));
  }

  private Folders() {}

  static synchronized Path create() throws IOException {
    Path folder = Files.createTempDirectory("sardonyx-spark");
    ALL.add(folder);
    return folder;
  }

  private static synchronized void removeAll() {
    for (Path folder : ALL) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException left) {
        // The process ends; the system's temporary folder keeps what cannot be removed.
      }
    }
  }
}
