package dev.sardonyx.ir.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Collections;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a file of a given name really lies, and what is there now.
 *
 * @param given the name as it was asked for, by which messages call the file
 * @param path the place behind all symbolic links, whether or not there is a file yet
 * @param folder the folder of that place
 * @param stream whether a device, a pipe or an open descriptor is there, which can be written into
 *     but not be replaced
 * @param access owner and permissions of the file that is there; null if none is, or its file
 *     system has none
 */
record FilePlace(
    Path given, Path path, Path folder, boolean stream, @Nullable PosixFileAttributes access) {
  private static final int MOST_LINKS = 40;

  private static final Set<PosixFilePermission> WRITE =
      Set.of(
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_WRITE);

  /**
   * Finds the place.
   *
   * @throws IOException if no file can be there
   */
  static FilePlace of(Path file) throws IOException {
    Path path = file.toAbsolutePath();
    boolean descriptor = false;
    for (int links = 0; Files.isSymbolicLink(path) && !descriptor; links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(file.toString());
      }
      // /dev/stdout and /dev/fd/1 lead here, and on to what the shell holds open.
      descriptor = path.resolveSibling(".").toRealPath().startsWith("/proc");
      path = descriptor ? path : path.resolveSibling(Files.readSymbolicLink(path));
    }
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null || Files.isDirectory(path)) {
      throw new FileSystemException(file.toString(), null, "is a folder, not a file");
    }
    Path folder = folder(file, parent);
    Path target = folder.resolve(name.toString());
    boolean stream = descriptor || (Files.exists(path) && !Files.isRegularFile(path));
    PosixFileAttributes access = stream ? null : access(target);
    return new FilePlace(file, target, folder, stream, access);
  }

  private static Path folder(Path file, Path parent) throws IOException {
    Path folder;
    try {
      folder = parent.toRealPath();
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(file.toString(), null, "its folder does not exist");
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(file.toString(), null, "permission denied to its folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new FileSystemException(file.toString(), null, "its folder is a file");
    }
    return folder;
  }

  private static @Nullable PosixFileAttributes access(Path path) throws IOException {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix && Files.exists(path)
        ? Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        : null;
  }

  /**
   * Makes sure that what is there may be replaced or written into.
   *
   * @throws AccessDeniedException if it is write-protected
   */
  void requireWritable() throws IOException {
    Path there = stream ? given : path;
    // Root may write to everything, but a file nobody may write to is meant to stay.
    if (Files.exists(there)
        && (!Files.isWritable(there)
            || (access != null && Collections.disjoint(access.permissions(), WRITE)))) {
      throw new AccessDeniedException(given.toString(), null, "is write-protected");
    }
  }

  /** Whether two names lead to one regular file, be it there already or not. */
  static boolean isSame(Path one, Path other) throws IOException {
    if (Files.exists(one) != Files.exists(other)) {
      return false;
    }
    return Files.exists(one)
        ? Files.isRegularFile(one) && Files.isSameFile(one, other)
        : of(one).path.equals(of(other).path);
  }
}
