package dev.sardonyx.export;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that is there whole or not at all: written under another name in the same folder, forced
 * to the disk, and renamed. Until {@link #commit} an older file of the name stays as it was; {@link
 * #close}, and the end of the program, remove what was not committed.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private boolean committed;

  private AtomicFile(Path target, Path temporary) throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    // For whoever interrupts the program.
    temporary.toFile().deleteOnExit();
  }

  /**
   * Begins a file of a name that may exist already.
   *
   * @throws IOException if the folder takes no new file, naming the file
   */
  public static AtomicFile create(Path file) throws IOException {
    // Replace the file that a link leads to, not the link.
    Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new FileSystemException(file.toString(), null, "is a folder, not a file");
    }
    Path folder = target.getParent();
    Path name = target.getFileName();
    if (folder == null || name == null || !Files.isDirectory(folder)) {
      throw new NoSuchFileException(file.toString(), null, "its folder does not exist");
    }
    try {
      return new AtomicFile(target, folder.resolve("." + name + "." + UUID.randomUUID() + ".tmp"));
    } catch (IOException e) {
      throw new FileSystemException(
          file.toString(), null, "cannot be written: the folder " + folder + " takes no new file");
    }
  }

  /** Where to write. */
  public FileChannel channel() {
    return channel;
  }

  /** Puts the file in its place. */
  public void commit() throws IOException {
    channel.force(true);
    channel.close();
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
    forceFolder();
  }

  /** So that the new name survives a power failure; not every system can do that. */
  @SuppressWarnings("EmptyCatch")
  private void forceFolder() {
    Path folder = target.getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    } catch (IOException notSupported) {
      // Windows cannot open folders; the file itself is safe.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
