package dev.sardonyx.samples;

import dev.sardonyx.ir.Printable;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command writes: results always, everything else unless told to be quiet.
 *
 * @param out takes results, details and the lines of progress in a pipe
 * @param quiet whether only results are wanted
 * @param terminal whether the output is a terminal, so that a progress bar can be drawn on standard
 *     error
 */
record Console(PrintWriter out, boolean quiet, boolean terminal) {
  /** Set by the launcher to whether standard output and standard error are terminals. */
  private static final String TERMINAL = "sardonyx.terminal";

  static Console of(CommandSpec command, boolean quiet) {
    return new Console(command.commandLine().getOut(), quiet, Boolean.getBoolean(TERMINAL));
  }

  static Console of(CommandSpec command) {
    return of(command, false);
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
