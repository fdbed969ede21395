package dev.sardonyx.export;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A lock that keeps other exports, of this program and of others, from changing which model in a
 * folder refers to which data file. An export holds it while it looks for such references, renames
 * its files and removes old ones.
 *
 * <p>It is a lock on a hidden file, which is removed at the end. A program that has waited for a
 * file that was then removed holds a lock on nothing, and has to try again: to show this, one byte
 * is written into the file before it is removed.
 */
final class FolderLock implements AutoCloseable {
  private static final String NAME = ".sardonyx.lock";
  private static final long PAUSE_MILLIS = 2;
  private static final Duration ABANDONED_AFTER = Duration.ofSeconds(5);

  /** File locks work between programs only. Folders whose numbers are equal share a lock. */
  private static final ReentrantLock[] WITHIN_PROGRAM =
      IntStream.range(0, 64).mapToObj(i -> new ReentrantLock()).toArray(ReentrantLock[]::new);

  private final ReentrantLock withinProgram;
  private final Path file;
  private final @Nullable FileChannel channel;

  private FolderLock(ReentrantLock withinProgram, Path file, @Nullable FileChannel channel) {
    this.withinProgram = withinProgram;
    this.file = file;
    this.channel = channel;
  }

  /**
   * Waits for the lock. If the file system has no locks, like some network file systems, the lock
   * works within this program only. A folder that has two paths, for example by a bind mount, has
   * one lock.
   *
   * @param folder a real path
   * @throws InterruptedIOException if the thread is interrupted while it waits
   */
  static FolderLock of(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    Object key = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    int number = (key == null ? folder : key).hashCode();
    ReentrantLock withinProgram = WITHIN_PROGRAM[Math.floorMod(number, WITHIN_PROGRAM.length)];
    withinProgram.lock();
    boolean locked = false;
    try {
      boolean betweenPrograms = folder.getFileSystem().equals(FileSystems.getDefault());
      FolderLock lock = new FolderLock(withinProgram, file, betweenPrograms ? locked(file) : null);
      locked = true;
      return lock;
    } finally {
      if (!locked) {
        withinProgram.unlock();
      }
    }
  }

  private static @Nullable FileChannel locked(Path file) throws IOException {
    while (true) {
      FileChannel channel = open(file);
      if (channel == null) {
        return null;
      }
      boolean kept = false;
      try {
        if (!waitFor(channel)) {
          return null;
        }
        if (channel.size() == 0) {
          kept = true;
          return channel;
        }
        removeIfAbandoned(file);
        pause();
      } finally {
        if (!kept) {
          channel.close();
        }
      }
    }
  }

  /**
   * Removes a file that still has its mark because its owner was killed before it could remove it.
   * Only an old mark counts: with a new one, another export may be just about to remove the file.
   */
  private static void removeIfAbandoned(Path file) throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      Instant marked = now.lastModifiedTime().toInstant();
      if (now.size() > 0 && marked.isBefore(Instant.now().minus(ABANDONED_AFTER))) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // Its owner has removed it.
    }
  }

  private static @Nullable FileChannel open(Path file) {
    try {
      return FileChannel.open(
          file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException notOurs) {
      return null;
    }
  }

  /**
   * Tries again and again, since a blocking wait of two programs can look like a deadlock to the
   * system.
   */
  private static boolean waitFor(FileChannel channel) throws IOException {
    try {
      while (channel.tryLock() == null) {
        pause();
      }
      return true;
    } catch (ClosedChannelException | InterruptedIOException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException noLocks) {
      return false;
    }
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another export");
    }
  }

  /** Removes the file. One that cannot be removed loses its mark again, and serves the next. */
  private void remove(FileChannel locked) throws IOException {
    try {
      locked.write(ByteBuffer.wrap(new byte[] {1}), 0);
      Files.deleteIfExists(file);
    } catch (IOException e) {
      locked.truncate(0);
    }
  }

  @Override
  @SuppressWarnings("EmptyCatch")
  public void close() throws IOException {
    try (FileChannel closed = channel) {
      if (closed != null) {
        remove(closed);
      }
    } catch (IOException e) {
      // For example on a full disk. The file that stays there does not block the next export.
    } finally {
      withinProgram.unlock();
    }
  }
}
