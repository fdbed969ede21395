package dev.sardonyx.training;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Puts a checksum over a whole zip file into the file's own comment, which whoever reads the zip
 * ignores. (The checksums of a zip's entries do not cover its directory, and not every reader looks
 * at them.) The zip is written through it; it keeps the end back until {@link #put}.
 */
final class Seal extends OutputStream {
  private static final String PREFIX = "sha256:";
  private static final int COMMENT = PREFIX.length() + 64;

  /** The comment and, before it, its length; an unsealed zip ends in a length of 0. */
  private static final int TAIL = Short.BYTES + COMMENT;

  private final OutputStream out;
  private final MessageDigest digest = sha256();
  private final byte[] kept = new byte[Short.BYTES];
  private int keptCount;

  Seal(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int passed = Math.max(0, keptCount + length - kept.length);
    int fromKept = Math.min(passed, keptCount);
    pass(kept, 0, fromKept);
    System.arraycopy(kept, fromKept, kept, 0, keptCount - fromKept);
    keptCount -= fromKept;
    int direct = passed - fromKept;
    pass(bytes, offset, direct);
    System.arraycopy(bytes, offset + direct, kept, keptCount, length - direct);
    keptCount += length - direct;
  }

  private void pass(byte[] bytes, int offset, int length) throws IOException {
    digest.update(bytes, offset, length);
    out.write(bytes, offset, length);
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Ends a zip that has no comment, so that the kept bytes are its length of 0. */
  void put() throws IOException {
    out.write(tail(digest.digest()).array());
    out.flush();
  }

  /**
   * Whether a file is as it was sealed.
   *
   * @throws IOException if it cannot be read
   */
  static boolean isWhole(Path zip) throws IOException {
    try (FileChannel channel = FileChannel.open(zip, StandardOpenOption.READ)) {
      long end = channel.size() - TAIL;
      if (end < 0) {
        return false;
      }
      byte[] expected = tail(checksum(channel, end)).array();
      ByteBuffer actual = ByteBuffer.allocate(TAIL);
      channel.position(end);
      while (actual.hasRemaining()) {
        if (channel.read(actual) < 0) {
          return false;
        }
      }
      return Arrays.equals(expected, actual.array());
    }
  }

  private static ByteBuffer tail(byte[] checksum) {
    ByteBuffer tail = ByteBuffer.allocate(TAIL).order(ByteOrder.LITTLE_ENDIAN);
    tail.putShort((short) COMMENT);
    tail.put((PREFIX + HexFormat.of().formatHex(checksum)).getBytes(US_ASCII));
    return tail.flip();
  }

  private static byte[] checksum(FileChannel channel, long end) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    channel.position(0);
    for (long left = end; left > 0; left -= buffer.limit()) {
      buffer.clear().limit((int) Math.min(left, buffer.capacity()));
      if (channel.read(buffer) < 0) {
        break;
      }
      digest.update(buffer.flip());
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
  }
}
