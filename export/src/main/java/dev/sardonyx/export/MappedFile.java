package dev.sardonyx.export;

import dev.sardonyx.ir.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file of tensor bytes, mapped into memory piece by piece when they are first asked for. A piece
 * is a window of 1 GiB, which costs address space only; slices within a window share its mapping.
 */
final class MappedFile {
  private static final long WINDOW = 1L << 30;

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private final @Nullable MappedByteBuffer[] windows;
  private @Nullable String sha1;

  /** Opens the file, which stays open until nobody uses its bytes, even if it is deleted. */
  MappedFile(Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    this.size = channel.size();
    this.windows = new MappedByteBuffer[(int) ((size + WINDOW - 1) / WINDOW)];
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
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
    ByteBuffer bytes =
        inWindow + length <= WINDOW
            ? window(window).slice((int) inWindow, length)
            : map(offset, length);
    return bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  private synchronized MappedByteBuffer window(int i) {
    MappedByteBuffer window = windows[i];
    if (window == null) {
      window = map(i * WINDOW, Math.min(WINDOW, size - i * WINDOW));
      windows[i] = window;
    }
    return window;
  }

  private MappedByteBuffer map(long offset, long length) {
    try {
      // Mapping beyond the end would crash the JVM at the first access.
      if (channel.size() < size) {
        throw new IOException(
            path
                + " has shrunk from "
                + size
                + " to "
                + channel.size()
                + " bytes since it was opened");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
