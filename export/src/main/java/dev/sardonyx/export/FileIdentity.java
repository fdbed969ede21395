package dev.sardonyx.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * Tells a file from any other that may have its name later, and from itself with other content.
 *
 * @param key the file system's own number of the file; null where it has none
 * @param created tells apart what has no key
 */
record FileIdentity(@Nullable Object key, FileTime created, long size, FileTime modified) {

  /** The identity of the file that a path leads to now. */
  static FileIdentity of(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileIdentity(now.fileKey(), now.creationTime(), now.size(), now.lastModifiedTime());
  }
}
