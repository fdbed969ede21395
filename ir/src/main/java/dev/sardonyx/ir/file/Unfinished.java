package dev.sardonyx.ir.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hidden file that becomes an {@link AtomicFile}. Its name says which program writes it, and
 * has a token that no other file has; its writer holds a lock on it, which ends with the writer
 * however that ends. So another program can tell what was left behind by one that was killed, and
 * removes it, with the files that belong to it: those with the token in their names.
 */
final class Unfinished {
  private static final String HIDDEN = ".sardonyx";
  private static final Pattern NAME =
      Pattern.compile("\\.sardonyx-([0-9a-f]+-[0-9a-f]+)-([0-9a-f]{32})\\.tmp");

  /** This program, by process number and start: systems give numbers of ended processes again. */
  private static final String PROGRAM =
      Long.toHexString(ProcessHandle.current().pid())
          + "-"
          + Long.toHexString(
              ProcessHandle.current().info().startInstant().orElse(Instant.EPOCH).toEpochMilli());

  /** Those that this program is writing; also guards {@link #ending}. */
  private static final Set<Unfinished> WRITING = new HashSet<>();

  /** Whether the program ends, so that nothing may be put into its place any more. */
  private static boolean ending;

  static {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(Unfinished::removeAll, "unfinished files"));
    } catch (IllegalStateException e) {
      ending = true;
    }
  }

  private final Path folder;
  private final Path path;
  private final String token;

  private Unfinished(Path folder, String token) {
    this.folder = folder;
    this.token = token;
    this.path = folder.resolve(".sardonyx-" + PROGRAM + "-" + token + ".tmp");
  }

  /** A new name in a folder; there is no file of it yet. */
  static Unfinished in(Path folder) throws IOException {
    return of(folder, UUID.randomUUID().toString().replace("-", ""));
  }

  /** The hidden file with a token that other files have too, so that they belong to it. */
  static Unfinished of(Path folder, String token) throws IOException {
    Unfinished file = new Unfinished(folder, token);
    synchronized (WRITING) {
      if (ending) {
        throw new IOException("the program is ending");
      }
      WRITING.add(file);
    }
    return file;
  }

  Path path() {
    return path;
  }

  String token() {
    return token;
  }

  /**
   * Takes the lock, where the file system has locks.
   *
   * @return false if another program has already taken the file for one left behind
   */
  boolean claim(SeekableByteChannel channel) throws IOException {
    if (channel instanceof FileChannel file) {
      try {
        if (file.tryLock() == null) {
          return false;
        }
      } catch (IOException | UnsupportedOperationException noLocks) {
        return true; // Then nobody else gets one either.
      }
      return Files.exists(path);
    }
    return true;
  }

  /** Renames the file, as long as the program goes on. */
  void moveTo(Path target) throws IOException {
    synchronized (WRITING) {
      if (ending) {
        throw new IOException("the program is ending");
      }
      AtomicFile.move(path, target);
      WRITING.remove(this);
    }
  }

  /** Removes the file and leaves what belongs to it. */
  void removeAlone() throws IOException {
    synchronized (WRITING) {
      if (WRITING.remove(this)) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Removes the file and what belongs to it, unless it has been moved. */
  void remove() throws IOException {
    synchronized (WRITING) {
      if (WRITING.remove(this)) {
        removeBelongings(folder, token);
        Files.deleteIfExists(path);
      }
    }
  }

  @SuppressWarnings("EmptyCatch")
  private static void removeAll() {
    synchronized (WRITING) {
      ending = true;
      for (Unfinished file : List.copyOf(WRITING)) {
        try {
          file.remove();
        } catch (IOException | ClosedFileSystemException e) {
          // The next program that writes into the folder removes it.
        }
      }
    }
  }

  /** Removes what killed programs left in a folder, never what somebody is writing. */
  @SuppressWarnings("EmptyCatch")
  static void removeAbandoned(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".sardonyx-*.tmp")) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        // Closing a file of this program's own would end the lock on it.
        if (name.matches() && !name.group(1).equals(PROGRAM)) {
          removeIfAbandoned(folder, file, name.group(2));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // It costs space only, and the next one tries again.
    }
  }

  @SuppressWarnings("EmptyCatch")
  private static void removeIfAbandoned(Path folder, Path file, String token) {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        removeBelongings(folder, token);
        Files.deleteIfExists(file);
      }
    } catch (IOException | UnsupportedOperationException | OverlappingFileLockException e) {
      // Somebody else's.
    }
  }

  /**
   * Removes the files with the token in their names. Nobody else knows of them, as the file that
   * they belong to never was in its place; but a folder can have been copied while it was written.
   * So a file that another one speaks of stays.
   */
  private static void removeBelongings(Path folder, String token) throws IOException {
    List<Path> belongings = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*." + token + "*")) {
      found.forEach(belongings::add);
    }
    if (!belongings.isEmpty() && !isMentioned(token, folder)) {
      for (Path belonging : belongings) {
        Files.deleteIfExists(belonging);
      }
    }
  }

  private static boolean isMentioned(String token, Path folder) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, file -> canMention(file, token))) {
      for (Path file : files) {
        if (contains(file, token)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Our own hidden files stay closed: closing them would end the locks on them. */
  private static boolean canMention(Path file, String token) {
    String name = file.getFileName().toString();
    return !name.startsWith(HIDDEN) && !name.contains(token) && Files.isRegularFile(file);
  }

  private static boolean contains(Path file, String token) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] piece = new byte[1 << 16];
      int kept = 0;
      for (int read; (read = in.read(piece, kept, piece.length - kept)) >= 0; ) {
        int end = kept + read;
        if (new String(piece, 0, end, StandardCharsets.ISO_8859_1).contains(token)) {
          return true;
        }
        kept = Math.min(end, token.length() - 1);
        System.arraycopy(piece, end - kept, piece, 0, kept);
      }
      return false;
    }
  }
}
