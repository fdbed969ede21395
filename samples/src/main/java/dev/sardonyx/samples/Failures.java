package dev.sardonyx.samples;

import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.InvalidModelException;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.runtime.isolated.IsolationException;
import dev.sardonyx.runtime.session.AcceleratorUnavailableException;
import dev.sardonyx.runtime.session.ModelRunException;
import dev.sardonyx.runtime.session.NativeLoading;
import dev.sardonyx.training.TrainingException;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * How the command line reports failures: one line that names the cause and what to do. The stack
 * trace is printed if asked for by {@code --verbose} or {@code -Dsardonyx.debug=true}.
 */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final Sardonyx root;
  private Optional<DefaultOptions> defaults = Optional.empty();

  Failures(Sardonyx root) {
    this.root = root;
  }

  /** Names the file of these defaults where one of them is what is wrong with the arguments. */
  void blame(DefaultOptions used) {
    defaults = Optional.of(used);
  }

  /**
   * Whether an option is among the arguments. One of the user's own defaults is not: it holds where
   * it fits, and is no fault where it does not.
   *
   * @param option its long name
   */
  static boolean isTyped(CommandSpec command, String option) {
    CommandLine line = command.commandLine();
    Failures failures = (Failures) line.getExecutionExceptionHandler();
    return line.getParseResult().hasMatchedOption(option)
        && failures.defaults.stream().noneMatch(used -> used.gives(option));
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return report(failure, command);
  }

  /** Reports a failure and returns the exit status. */
  int report(Throwable failure, CommandLine command) {
    return report(message(failure, takesBatchSize(command)), failure, command);
  }

  /** Reports the failure of one of several files and returns the exit status. */
  int report(Throwable failure, Path file, CommandLine command) {
    return report(named(message(failure, takesBatchSize(command)), file), failure, command);
  }

  /** What failed of one of several files, in one line that names it. */
  static String message(Throwable failure, Path file) {
    return named(message(failure), file);
  }

  private static String named(String message, Path file) {
    String name = line(StandardStreams.input(file));
    return message.contains(name) ? message : name + ": " + message;
  }

  private int report(String message, Throwable failure, CommandLine command) {
    PrintWriter err = command.getErr();
    err.println("sardonyx: " + message);
    if (root.verbose() || Boolean.getBoolean("sardonyx.debug")) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace, true));
      err.print(Printable.lines(trace.toString().replace(System.lineSeparator(), "\n")));
    }
    err.flush();
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    Optional<String> fault = defaults.flatMap(used -> used.blame(failure));
    String typed = Arguments.message(failure) + Arguments.fileHint(command, arguments);
    err.println("sardonyx: " + line(fault.orElse(typed)));
    if (fault.isEmpty()) {
      err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    }
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** Whether the command that was given, the last of the subcommands, has the option. */
  private static boolean takesBatchSize(CommandLine command) {
    ParseResult parsed = command.getParseResult();
    while (parsed != null && parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
    }
    return parsed != null && parsed.commandSpec().findOption("--batch-size") != null;
  }

  static String message(Throwable failure) {
    return message(failure, false);
  }

  /**
   * What failed, in one line.
   *
   * @param batchSize whether the user can choose one
   */
  private static String message(Throwable failure, boolean batchSize) {
    if (failure instanceof UncheckedIOException e && e.getCause() != null) {
      return message(e.getCause(), batchSize);
    }
    if (failure instanceof FileSystemException e) {
      return fileMessage(e);
    }
    if (failure instanceof EOFException && failure.getMessage() == null) {
      return "a file ends too early";
    }
    if (isExpected(failure) && failure.getMessage() != null) {
      return line(failure.getMessage());
    }
    if (root(failure) instanceof OutOfMemoryError e) {
      return "out of memory ("
          + line(String.valueOf(e.getMessage()))
          + "); give the JVM more by JAVA_OPTS=-Xmx8g"
          + (batchSize ? ", or use a smaller --batch-size" : "");
    }
    Throwable cause = root(failure);
    if (cause instanceof UnsatisfiedLinkError) {
      String reason = line(String.valueOf(cause.getMessage()));
      return "a native library does not load: "
          + reason
          + "; "
          + NativeLoading.advice(reason)
              .orElse(
                  "build Sardonyx on this machine, for it takes the libraries of the machine it is"
                      + " built on");
    }
    return "unexpected "
        + line(cause.toString())
        + "; this is a fault of Sardonyx: please report it with what --verbose shows";
  }

  private static String fileMessage(FileSystemException e) {
    String reason = e.getReason();
    if (reason == null) {
      if (e instanceof NoSuchFileException) {
        reason = "does not exist";
      } else if (e instanceof AccessDeniedException) {
        reason = "permission denied";
      } else if (e instanceof FileAlreadyExistsException) {
        reason = "is there already";
      } else if (e instanceof NotDirectoryException) {
        reason = "is a file, not a folder";
      } else {
        reason = "cannot be read or written (" + e.getClass().getSimpleName() + ")";
      }
    }
    return line(e.getFile() + ": " + reason);
  }

  /** Whether a failure is due to the input or the machine, so that its message is enough. */
  static boolean isExpected(Throwable failure) {
    return failure instanceof IOException
        || failure instanceof UnsupportedModelException
        || failure instanceof InvalidModelException
        || failure instanceof LimitExceededException
        || failure instanceof AcceleratorUnavailableException
        || failure instanceof TrainingException
        || failure instanceof ModelRunException
        || failure instanceof IsolationException
        || (failure instanceof IllegalArgumentException && isOurs(failure))
        || (failure instanceof EvaluationException && isExpectedOfNode(root(failure)));
  }

  /**
   * Whether a node that cannot be evaluated is an expected failure, not one of Java's own
   * exceptions.
   */
  private static boolean isExpectedOfNode(Throwable root) {
    return root instanceof EvaluationException
        || (root instanceof IllegalArgumentException && isOurs(root));
  }

  private static boolean isOurs(Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    return trace.length > 0 && trace[0].getClassName().startsWith("dev.sardonyx.");
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Text of several lines on one, fit to be printed. */
  private static String line(String text) {
    return Printable.line(
        text.strip().replaceAll(":\\s*\\R\\s*", ": ").replaceAll("\\s*\\R\\s*", "; "));
  }
}
