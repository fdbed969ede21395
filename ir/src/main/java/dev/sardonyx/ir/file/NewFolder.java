package dev.sardonyx.ir.file;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

/**
 * A new folder of several files, of which nothing is left if one of them cannot be written.
 *
 * <pre>{@code
 * try (NewFolder folder = NewFolder.create(path)) {
 *   folder.write("data/x.pb", bytes);
 *   folder.keep();
 * }
 * }</pre>
 *
 * <p>Should the program be killed meanwhile, what was written so far stays; so what makes the
 * others count is written last.
 */
public final class NewFolder implements AutoCloseable {
  private final Path folder;

  /** The files and folders made here, the last one first. */
  private final Deque<Path> made = new ArrayDeque<>();

  private NewFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes a folder, and those that it lies in.
   *
   * @throws IOException naming the folder if it holds something, or cannot be made
   */
  public static NewFolder create(Path folder) throws IOException {
    requireNew(folder);
    NewFolder created = new NewFolder(folder);
    try {
      created.makeFolder(folder);
      return created;
    } catch (IOException e) {
      created.close();
      throw e;
    }
  }

  /**
   * Makes sure that a folder can be made later, or is there and empty, before much time is spent on
   * what goes into it.
   *
   * @throws IOException naming the folder if not
   */
  public static void requireNew(Path folder) throws IOException {
    Path there = folder.toAbsolutePath();
    while (there.getParent() != null && !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      throw new FileSystemException(folder.toString(), null, there + " is not a folder");
    }
    if (!Files.isWritable(there)) {
      throw new FileSystemException(
          folder.toString(), null, "cannot be written: " + there + " takes no new file");
    }
    if (there.equals(folder.toAbsolutePath())) {
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new FileSystemException(folder.toString(), null, "is not empty; name a new folder");
        }
      }
    }
  }

  /** Writes a file of a name that may begin with folders, which are made. */
  public void write(String name, byte[] bytes) throws IOException {
    Path file = begin(name);
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  /** Where a file is to be written by the caller. */
  public Path begin(String name) throws IOException {
    Path file = folder.resolve(name);
    Path parent = file.getParent();
    if (parent != null) {
      makeFolder(parent);
    }
    made.push(file);
    return file;
  }

  private void makeFolder(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return;
    }
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      makeFolder(parent);
    }
    try {
      Files.createDirectory(path);
    } catch (IOException e) {
      throw named(path, e);
    }
    made.push(path);
  }

  private static IOException named(Path path, IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    String why = reason == null ? e.getClass().getSimpleName() : reason;
    return new FileSystemException(path.toString(), null, "cannot be written: " + why);
  }

  /** Everything has been written. */
  public void keep() {
    made.clear();
  }

  /** Removes what was made here, unless it is {@link #keep kept}; what others put there stays. */
  @Override
  public void close() {
    for (Path path : made) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // A folder with files of others, or one that cannot be changed any more.
      }
    }
    made.clear();
  }
}
