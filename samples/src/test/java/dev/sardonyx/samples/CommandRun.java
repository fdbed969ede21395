package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a command gave.
 *
 * @param status its exit status
 * @param out what it printed on standard output
 * @param err what it printed on standard error
 */
record CommandRun(int status, String out, String err) {
  /** Executes a command in this JVM. */
  static CommandRun of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] args = new String[arguments.length];
    for (int i = 0; i < args.length; i++) {
      args[i] = arguments[i].toString();
    }
    int status =
        Sardonyx.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(args);
    return new CommandRun(status, out.toString(), err.toString());
  }

  /** The same, if the command ended with a status. */
  CommandRun expect(int wanted) {
    assertEquals(wanted, status, this::toString);
    return this;
  }

  @Override
  public String toString() {
    return "status " + status + "\n--- out\n" + out + "\n--- err\n" + err;
  }
}
