package dev.sardonyx.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a file and its state: another file of the same name has another identity, and so has
 * the same file after a change.
 *
 * @param key the file system's number of the file; null if it has none
 * @param created when the file was created, which distinguishes files that have no key
 */
record FileIdentity(@Nullable Object key, FileTime created, long size, FileTime modified) {

  /** The identity of the file that a path leads to now. */
  static FileIdentity of(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileIdentity(now.fileKey(), now.creationTime(), now.size(), now.lastModifiedTime());
  }
}
