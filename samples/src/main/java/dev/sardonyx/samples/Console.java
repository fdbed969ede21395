package dev.sardonyx.samples;

import dev.sardonyx.ir.Printable;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command writes: results always, everything else unless told to be quiet.
 *
 * @param out takes results, details and the lines of progress in a pipe: standard output, or
 *     standard error if the content of a file goes to standard output
 * @param quiet whether only results are wanted
 * @param terminal whether the output is a terminal, so that a progress bar can be drawn on standard
 *     error
 */
record Console(PrintWriter out, boolean quiet, boolean terminal) {
  /**
   * The console of a command. It must have taken standard output for what it writes there before.
   */
  static Console of(CommandSpec command) {
    boolean taken = StandardStreams.of(command).isTaken();
    boolean quiet = ((Sardonyx) command.root().userObject()).quiet();
    boolean terminal = StandardStreams.isTerminal(2) && (taken || StandardStreams.isTerminal(1));
    CommandLine line = command.commandLine();
    PrintWriter out =
        quiet && StandardStreams.of(command).isTakenByJson()
            ? new PrintWriter(Writer.nullWriter())
            : taken ? line.getErr() : line.getOut();
    return new Console(out, quiet, terminal);
  }

  /** The same with progress as a bar or not at all. */
  Console withBarOnly() {
    return terminal ? this : new Console(out, true, false);
  }

  /** Writes a line that the user asked for. Texts among the arguments need not be trusted. */
  void result(String format, Object... arguments) {
    Object[] printable = Arrays.stream(arguments).map(Console::printable).toArray();
    out.printf(Locale.ROOT, format + "%n", printable);
    out.flush();
  }

  private static Object printable(Object argument) {
    return argument instanceof Number ? argument : Printable.line(String.valueOf(argument));
  }

  /** Writes a line of detail, unless quiet. */
  void detail(String format, Object... arguments) {
    if (!quiet) {
      result(format, arguments);
    }
  }

  /** Writes text of several lines that the user asked for. */
  void results(String text) {
    out.println(Printable.lines(text.stripTrailing()));
    out.flush();
  }

  /** Writes details of several lines, unless quiet. */
  void block(String text) {
    if (!quiet) {
      results(text);
    }
  }
}
