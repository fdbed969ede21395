package dev.sardonyx.ir.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file that is there whole or not at all: written under a hidden name in the same folder, forced
 * to the disk, and renamed. Until {@link #commit} an older file of the name stays as it was.
 *
 * <pre>{@code
 * try (AtomicFile out = AtomicFile.create(file)) {
 *   out.write(bytes);
 *   out.commit();
 * }
 * }</pre>
 *
 * <p>What is not committed is removed by {@link #close}, by the end of the program, or, if that was
 * killed, by the next program that writes a file into the folder. The new file has the owner and
 * the permissions of the one it replaces. Behind a symbolic link, the file that it leads to is
 * replaced; a device, a pipe or {@code /dev/stdout} is written into as it is.
 *
 * <p>It is not buffered. For one thread at a time. Errors name the file.
 */
public final class AtomicFile extends OutputStream {
  /** The JDK copies what it writes into native memory first, all at once, and keeps that memory. */
  private static final int PIECE = 1 << 20;

  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final FilePlace place;
  private final @Nullable Unfinished temporary;
  private final SeekableByteChannel channel;
  private long position;

  private AtomicFile(FilePlace place, @Nullable Unfinished temporary, SeekableByteChannel channel) {
    this.place = place;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Begins a file of a name that may exist already.
   *
   * @throws IOException if it is a folder or write-protected, or its folder takes no new file
   */
  public static AtomicFile create(Path file) throws IOException {
    return create(FilePlace.of(file));
  }

  private static AtomicFile create(FilePlace place) throws IOException {
    place.requireWritable();
    return place.stream() ? stream(place) : hidden(place);
  }

  /**
   * Begins a file that belongs to this one: {@code NAME.TOKEN} and a suffix, in the same folder and
   * with the same permissions, where the token is that of this file alone. If this file is never
   * committed, it is removed with it.
   *
   * @throws IOException if this file is a stream, or the folder takes no new file
   */
  public AtomicFile beside(String suffix) throws IOException {
    Path path = place.folder().resolve(nameBeside(suffix));
    return create(new FilePlace(path, path, place.folder(), false, place.access()));
  }

  /** The name that {@link #beside} gives. */
  public String nameBeside(String suffix) throws IOException {
    if (temporary == null) {
      throw new FileSystemException(
          place.given().toString(), null, "is no regular file, so that no other can lie beside it");
    }
    return place.path().getFileName() + "." + temporary.token() + suffix;
  }

  /**
   * Says that a file which {@link #beside} made for an earlier file of this name is to go once this
   * one is in its place. Should the program be killed before it has removed it, the next one that
   * writes into the folder does, unless another file speaks of it.
   *
   * @param name its name in the folder
   * @return to be closed when the file has been removed, or is to stay
   */
  public Closeable removing(String name) throws IOException {
    Matcher token = TOKEN.matcher(name);
    if (temporary == null || !token.find()) {
      return () -> {};
    }
    Unfinished mark = Unfinished.of(place.folder(), token.group());
    try {
      SeekableByteChannel held = open(mark.path(), new FileAttribute<?>[0]);
      mark.claim(held);
      return () -> {
        held.close();
        mark.removeAlone();
      };
    } catch (IOException e) {
      mark.removeAlone();
      throw named(place, e);
    }
  }

  /** Writes all bytes into a file, whole or not at all. */
  public static void write(Path file, byte[] bytes) throws IOException {
    try (AtomicFile out = create(file)) {
      out.write(bytes);
      out.commit();
    }
  }

  /**
   * Makes sure that a file can be written later, before much time is spent on what goes into it.
   *
   * @throws IOException naming the file if not
   */
  public static void requireWritable(Path file) throws IOException {
    FilePlace place = FilePlace.of(file);
    place.requireWritable();
    // A pipe is left alone: whoever reads it would take the check for the end.
    if (!place.stream()) {
      hidden(place).close();
    }
  }

  /**
   * Whether a device, a pipe or an open descriptor such as {@code /dev/stdout} is there, from which
   * what is written cannot be read again.
   */
  public static boolean isStream(Path file) throws IOException {
    return FilePlace.of(file).stream();
  }

  /** Whether two names lead to one regular file, be it there already or not. */
  public static boolean isSame(Path one, Path other) throws IOException {
    return FilePlace.isSame(one, other);
  }

  private static AtomicFile stream(FilePlace place) throws IOException {
    try {
      return new AtomicFile(
          place,
          null,
          FileChannel.open(place.given(), StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw named(place, e);
    }
  }

  private static AtomicFile hidden(FilePlace place) throws IOException {
    Unfinished.removeAbandoned(place.folder());
    PosixFileAttributes access = place.access();
    FileAttribute<?>[] attributes =
        access == null
            ? new FileAttribute<?>[0]
            : new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)};
    while (true) {
      Unfinished temporary = Unfinished.in(place.folder());
      SeekableByteChannel channel = null;
      boolean claimed = false;
      try {
        channel = open(temporary.path(), attributes);
        claimed = temporary.claim(channel);
        if (claimed) {
          if (access != null) {
            keepAccess(temporary.path(), access);
          }
          return new AtomicFile(place, temporary, channel);
        }
      } catch (IOException e) {
        claimed = false;
        throw channel != null ? named(place, e) : noNewFile(place, e);
      } finally {
        if (!claimed) {
          if (channel != null) {
            channel.close();
          }
          temporary.remove();
        }
      }
    }
  }

  private static IOException noNewFile(FilePlace place, IOException e) {
    String reason = "the folder " + place.folder() + " takes no new file (" + reason(e) + ")";
    return new FileSystemException(place.given().toString(), null, "cannot be written: " + reason);
  }

  private static SeekableByteChannel open(Path path, FileAttribute<?>[] attributes)
      throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return path.getFileSystem().equals(FileSystems.getDefault())
        ? FileChannel.open(path, options, attributes)
        : Files.newByteChannel(path, options, attributes);
  }

  /** Only root can give files away, and only to a group of one's own can others give them. */
  @SuppressWarnings("EmptyCatch")
  private static void keepAccess(Path path, PosixFileAttributes access) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    PosixFileAttributes own = view.readAttributes();
    try {
      if (!own.group().equals(access.group())) {
        view.setGroup(access.group());
      }
      if (!own.owner().equals(access.owner())) {
        view.setOwner(access.owner());
      }
    } catch (IOException notPermitted) {
      // It then belongs to whoever wrote it.
    }
    view.setPermissions(access.permissions());
  }

  /** Where the file will be: behind all symbolic links, in a folder without any. */
  public Path path() {
    return place.path();
  }

  /** Whether what is written goes into a device, a pipe or the like, at once and for good. */
  public boolean isStream() {
    return temporary == null;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    write(ByteBuffer.wrap(bytes, offset, length));
  }

  /** Writes all that remains in a buffer. */
  public void write(ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    try {
      while (bytes.position() < end) {
        bytes.limit(Math.min(end, bytes.position() + PIECE));
        position += channel.write(bytes);
      }
    } catch (IOException e) {
      throw named(place, e);
    }
  }

  /** Goes on at a later position, with zeros up to there. */
  public void skipTo(long later) throws IOException {
    if (temporary != null && channel instanceof FileChannel) {
      // Leaves a hole, which takes no space.
      channel.position(later);
      position = later;
    }
    while (position < later) {
      write(new byte[(int) Math.min(PIECE, later - position)]);
    }
  }

  /**
   * Puts the file in its place, from where nothing but the next of its name removes it.
   *
   * @throws IOException if the disk does not take it; an older file is whole then
   */
  public void commit() throws IOException {
    try {
      if (temporary != null) {
        if (channel instanceof FileChannel file) {
          file.force(true);
        } else {
          // Other file systems keep what is written in memory until then.
          channel.close();
        }
        temporary.moveTo(place.path());
      }
      channel.close();
    } catch (IOException e) {
      throw named(place, e);
    }
    if (temporary != null) {
      forceFolder();
    }
  }

  /** So that the new name survives a power failure; not every system can do that. */
  @SuppressWarnings("EmptyCatch")
  private void forceFolder() {
    try (FileChannel entries = FileChannel.open(place.folder(), StandardOpenOption.READ)) {
      entries.force(true);
    } catch (IOException | UnsupportedOperationException notSupported) {
      // Windows cannot open folders; the file itself is safe.
    }
  }

  @Override
  public void close() throws IOException {
    try {
      // First: in a zip file, for example, the file appears only now.
      channel.close();
    } finally {
      if (temporary != null) {
        temporary.remove();
      }
    }
  }

  private static IOException named(FilePlace place, IOException e) {
    String file = place.given().toString();
    if (e instanceof FileSystemException known && file.equals(known.getFile())) {
      return e;
    }
    FileSystemException named =
        new FileSystemException(file, null, "cannot be written: " + reason(e));
    named.initCause(e);
    return named;
  }

  private static String reason(IOException e) {
    String said = e instanceof FileSystemException known ? known.getReason() : e.getMessage();
    if (said == null && e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return said == null ? e.getClass().getSimpleName() : said;
  }

  static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException | UnsupportedOperationException e) {
      // Within a folder every disk can; a file system in a zip file, for example, cannot.
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
