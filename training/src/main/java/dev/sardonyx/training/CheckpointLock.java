package dev.sardonyx.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps two trainings, of this program or of two, from writing their checkpoints into one folder.
 * The hidden file that is locked stays: were it removed, another training could hold the lock on
 * what is no longer there.
 */
final class CheckpointLock implements AutoCloseable {
  private static final String NAME = ".sardonyx-training.lock";

  /** Locks on files hold between programs only, and end when any channel of the file is closed. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private CheckpointLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes the lock on a folder, which is made if it is not there.
   *
   * @throws IOException if another training has it
   */
  static CheckpointLock of(Path checkpoints) throws IOException {
    Files.createDirectories(checkpoints);
    Path folder = checkpoints.toRealPath();
    if (!HELD.add(folder)) {
      throw taken(checkpoints);
    }
    boolean kept = false;
    try {
      FileChannel channel =
          FileChannel.open(
              folder.resolve(NAME),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      if (isTaken(channel)) {
        channel.close();
        throw taken(checkpoints);
      }
      kept = true;
      return new CheckpointLock(folder, channel);
    } finally {
      if (!kept) {
        HELD.remove(folder);
      }
    }
  }

  /** Some file systems have no locks; there only this program's trainings are kept apart. */
  private static boolean isTaken(FileChannel channel) {
    try {
      return channel.tryLock() == null;
    } catch (IOException | UnsupportedOperationException noLocks) {
      return false;
    }
  }

  private static IOException taken(Path folder) {
    return new FileSystemException(
        folder.toString(),
        null,
        "another training is writing its checkpoints there; name another folder, or wait for it");
  }

  @Override
  public void close() throws IOException {
    try (FileChannel closed = channel) {
      HELD.remove(folder);
    }
  }
}
