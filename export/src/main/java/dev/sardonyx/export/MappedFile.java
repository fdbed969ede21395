package dev.sardonyx.export;

import dev.sardonyx.ir.TensorSource;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of tensor bytes, mapped into memory piece by piece when they are first asked for. A piece
 * is a window of 1 GiB, which costs address space only; slices within a window share its mapping.
 */
final class MappedFile {
  private static final long WINDOW = 1L << 30;

  private final Path path;
  private final FileIdentity identity;
  private final @Nullable FileChannel channel;
  private final @Nullable ByteBuffer[] windows;
  private @Nullable String sha1;

  private MappedFile(Path path, FileIdentity identity, @Nullable FileChannel channel) {
    this.path = path;
    this.identity = identity;
    this.channel = channel;
    this.windows = new ByteBuffer[(int) ((identity.size() + WINDOW - 1) / WINDOW)];
  }

  /**
   * Opens a file, which stays open as long as its bytes are in use, even if it is deleted. A file
   * that is not in the default file system, such as one in a zip file, cannot be mapped and is read
   * at once.
   */
  static MappedFile open(Path path) throws IOException {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      MappedFile file = new MappedFile(path, FileIdentity.of(path), null);
      file.readAll();
      return file;
    }
    FileIdentity identity = FileIdentity.of(path);
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    boolean opened = false;
    try {
      MappedFile file = new MappedFile(path, identity, channel);
      if (!FileIdentity.of(path).equals(identity)) {
        throw new IOException("it is being changed");
      }
      opened = true;
      return file;
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  private void readAll() throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      for (int i = 0; i < windows.length; i++) {
        int length = (int) Math.min(WINDOW, size() - i * WINDOW);
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
          throw new EOFException("it ends too early");
        }
        windows[i] = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
      }
    }
  }

  /** The identity and state that the file had when it was opened. */
  FileIdentity identity() {
    return identity;
  }

  long size() {
    return identity.size();
  }

  TensorSource slice(long offset, long length) {
    return new Slice(this, offset, length);
  }

  private ByteBuffer read(long offset, int length) {
    if (length == 0) {
      return ByteBuffer.allocate(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    int window = (int) (offset / WINDOW);
    long inWindow = offset % WINDOW;
    if (inWindow + length <= WINDOW) {
      return window(window).slice((int) inWindow, length).order(ByteOrder.LITTLE_ENDIAN);
    }
    return acrossWindows(offset, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer acrossWindows(long offset, int length) {
    if (channel != null) {
      return map(channel, offset, length);
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      long at = offset + bytes.position();
      int inWindow = (int) (at % WINDOW);
      int piece = (int) Math.min(bytes.remaining(), WINDOW - inWindow);
      bytes.put(window((int) (at / WINDOW)).slice(inWindow, piece));
    }
    return bytes.flip().asReadOnlyBuffer();
  }

  private synchronized ByteBuffer window(int i) {
    ByteBuffer window = windows[i];
    if (window == null) {
      window =
          map(Objects.requireNonNull(channel), i * WINDOW, Math.min(WINDOW, size() - i * WINDOW));
      windows[i] = window;
    }
    return window;
  }

  private MappedByteBuffer map(FileChannel file, long offset, long length) {
    try {
      // Mapping beyond the end would crash the JVM at the first access.
      if (file.size() < size() || isChanged()) {
        throw new IOException(
            path
                + " has been changed since it was opened: it had "
                + size()
                + " bytes and has "
                + file.size());
      }
      return file.map(FileChannel.MapMode.READ_ONLY, offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the same file is still there, but has been written into. */
  private boolean isChanged() {
    try {
      FileIdentity now = FileIdentity.of(path);
      boolean same =
          now.key() != null
              ? now.key().equals(identity.key())
              : now.created().equals(identity.created());
      return same && !now.equals(identity);
    } catch (IOException removed) {
      return false;
    }
  }

  /** The SHA-1 of the whole file in hexadecimal, which ONNX uses as its checksum. */
  synchronized String sha1() {
    if (sha1 == null) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        for (int i = 0; i < windows.length; i++) {
          digest.update(window(i).duplicate());
        }
        sha1 = HexFormat.of().formatHex(digest.digest());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java platform has SHA-1", e);
      }
    }
    return sha1;
  }

  /** A range of the file. */
  record Slice(MappedFile file, long offset, long byteSize) implements TensorSource {
    @Override
    public ByteBuffer slice(long from, int length) {
      if (from < 0 || length < 0 || from > byteSize - length) {
        throw new IndexOutOfBoundsException(
            "Bytes " + from + " to " + (from + length) + " of " + byteSize);
      }
      return file.read(offset + from, length);
    }
  }
}
