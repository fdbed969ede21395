package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What a command gave that stood in a pipe.
 *
 * @param out all that went to standard output
 */
record PipedRun(int status, byte[] out, String err) {
  /** Executes a command in this JVM, with something on standard input. */
  static PipedRun of(byte[] in, Object... arguments) {
    InputStream inBefore = System.in;
    PrintStream outBefore = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setIn(new ByteArrayInputStream(in));
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      CommandRun run = CommandRun.of(arguments);
      out.writeBytes(run.out().getBytes(StandardCharsets.UTF_8));
      return new PipedRun(run.status(), out.toByteArray(), run.err());
    } finally {
      System.setIn(inBefore);
      System.setOut(outBefore);
    }
  }

  /** The same, if the command ended with a status. */
  PipedRun expect(int wanted) {
    assertEquals(wanted, status, this::toString);
    return this;
  }

  /** Standard output as text. */
  String text() {
    return new String(out, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "status " + status + "\n--- out\n" + text() + "\n--- err\n" + err;
  }
}
