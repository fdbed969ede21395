package dev.sardonyx.samples;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Standard output that remembers what went wrong, such as a full disk: Java's own hides the reason.
 * A command goes on without standard output, since its result may be a file.
 */
final class StandardOutput extends OutputStream {
  private static final Path DESCRIPTOR = Path.of("/dev/fd/1");

  /** What kind of file it is, and pipes and sockets among the kinds, in POSIX's words st_mode. */
  private static final int KIND = 0170000;

  private static final int PIPE = 0010000;
  private static final int SOCKET = 0140000;

  private final OutputStream out;
  private final BooleanSupplier isPipe;
  private boolean failed;
  private String reason = "";

  /**
   * @param isPipe whether it goes to another program
   */
  StandardOutput(OutputStream out, BooleanSupplier isPipe) {
    this.out = out;
    this.isPipe = isPipe;
  }

  /** Replaces {@link System#out} by it. */
  static StandardOutput install() {
    StandardOutput standard =
        new StandardOutput(new FileOutputStream(FileDescriptor.out), () -> isPipe(DESCRIPTOR));
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

  /** Whether a file is a pipe or a socket; not where that cannot be asked, as under Windows. */
  static boolean isPipe(Path file) {
    try {
      int kind = (int) Files.getAttribute(file, "unix:mode") & KIND;
      return kind == PIPE || kind == SOCKET;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Makes sure that all that was printed has gone where it should. A reader that closes the pipe
   * early, such as {@code head}, is no failure; nothing else goes wrong in a pipe, and what the
   * system calls it depends on its language.
   *
   * @throws IOException with the reason if not
   */
  void requireComplete() throws IOException {
    System.out.flush();
    if (failed && !isPipe.getAsBoolean()) {
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
