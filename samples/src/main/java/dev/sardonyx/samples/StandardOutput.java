package dev.sardonyx.samples;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;

/**
 * Standard output that remembers what went wrong, such as a full disk: Java's own hides the reason.
 * A command goes on without standard output, since its result may be a file.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream out;
  private boolean failed;
  private String reason = "";

  private StandardOutput(OutputStream out) {
    this.out = out;
  }

  /** Replaces {@link System#out} by it. */
  static StandardOutput install() {
    StandardOutput standard = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    System.setOut(new PrintStream(new BufferedOutputStream(standard), false, charset()));
    return standard;
  }

  /** The charset of the stream it replaces. */
  private static Charset charset() {
    String name =
        System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding", ""));
    return !name.isEmpty() && Charset.isSupported(name)
        ? Charset.forName(name)
        : Charset.defaultCharset();
  }

  /**
   * Makes sure that all that was printed has gone where it should. A reader that closes the pipe
   * early, such as {@code head}, is no failure.
   *
   * @throws IOException with the reason if not
   */
  void requireComplete() throws IOException {
    System.out.flush();
    if (failed && !reason.contains("Broken pipe")) {
      throw new FileSystemException("standard output", null, "cannot be written: " + reason);
    }
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (!failed) {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        failed = true;
        reason = String.valueOf(e.getMessage());
      }
    }
  }
}
