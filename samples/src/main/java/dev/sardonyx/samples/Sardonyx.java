package dev.sardonyx.samples;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code sardonyx} command line: the root of its commands. */
@Command(
    name = "sardonyx",
    description = "Carries neural networks from the JVM to every ONNX runtime.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    versionProvider = BuildVersions.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Sardonyx {
  private static final List<Class<?>> COMMANDS =
      List.of(
          MnistCommand.class,
          TrainCommand.class,
          CheckCommand.class,
          ExplainCommand.class,
          InspectCommand.class,
          ViewCommand.class,
          DiffCommand.class,
          VerifyCommand.class,
          RunCommand.class,
          BenchCommand.class,
          ConvertCommand.class,
          SimplifyCommand.class,
          OptimizeCommand.class,
          EditCommand.class,
          QuantizeCommand.class,
          ConformanceCommand.class,
          ZooCommand.class,
          DepthCommand.class,
          ServeCommand.class,
          CompletionCommand.class,
          ManCommand.class);

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description =
          "Print results and errors only: no progress, and no remarks such as what was written where.")
  private boolean quiet;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  private final StandardStreams streams = new StandardStreams();

  /** Whether this is Windows, whose terminals do not set TERM. */
  private static final boolean WINDOWS = File.separatorChar == '\\';

  private Sardonyx() {}

  /** Runs the command line and exits with its status: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    // Digits and separators are those of JSON and of the documents, whatever the user's language.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    StandardOutput output = StandardOutput.install();
    CommandLine commandLine = commandLine(args);
    int status = run(commandLine, System.getenv(), args);
    commandLine.getOut().flush();
    try {
      output.requireComplete();
    } catch (IOException e) {
      int failed = failures(commandLine).report(e, commandLine);
      status = status == 0 ? failed : status;
    }
    System.exit(status);
  }

  /** Executes a command line without the user's own defaults, errors of the JVM included. */
  static int run(CommandLine commandLine, String... args) {
    return run(commandLine, Map.of(), args);
  }

  /** Executes a command line with the defaults of the file that the environment names. */
  static int run(CommandLine commandLine, Map<String, String> environment, String... args) {
    Failures failures = failures(commandLine);
    try {
      DefaultOptions defaults = DefaultOptions.read(environment);
      String[] all = defaults.before(commandLine, args);
      failures.blame(defaults);
      return commandLine.execute(all);
    } catch (IOException | OutOfMemoryError | StackOverflowError | LinkageError e) {
      return failures.report(e, commandLine);
    }
  }

  /** Whether there is a command of this name, registered or not. */
  static boolean isCommand(String name) {
    return COMMANDS.stream().anyMatch(type -> name(type).equals(name));
  }

  private static Failures failures(CommandLine commandLine) {
    return (Failures) commandLine.getExecutionExceptionHandler();
  }

  /**
   * The command line, ready to execute these arguments. A command's error is one line on standard
   * error.
   */
  static CommandLine commandLine(String... args) {
    Sardonyx root = new Sardonyx();
    Failures failures = new Failures(root);
    // If an option is given twice, the last one counts; picocli would warn.
    CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
    CommandLine commandLine = new CommandLine(root);
    commands(args).forEach(commandLine::addSubcommand);
    return Arguments.register(commandLine)
        .setColorScheme(Help.defaultColorScheme(ansi()))
        .setOverwrittenOptionsAllowed(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(failures)
        .setParameterExceptionHandler(failures);
  }

  /** The command that the arguments begin with; all, if it is not there or unknown. */
  private static List<Class<?>> commands(String... args) {
    // Half the time to start would be spent on the options of the others.
    List<Class<?>> named =
        args.length == 0
            ? List.of()
            : COMMANDS.stream().filter(type -> name(type).equals(args[0])).toList();
    return named.isEmpty() ? COMMANDS : named;
  }

  private static String name(Class<?> type) {
    return type.getAnnotation(Command.class).name();
  }

  /** Colours, if the output is a terminal that can show them. */
  private static Ansi ansi() {
    String terminal = System.getenv("TERM");
    boolean unable = terminal == null || terminal.isEmpty() || terminal.equals("dumb");
    return unable && !WINDOWS ? Ansi.OFF : Ansi.AUTO;
  }

  boolean quiet() {
    return quiet;
  }

  StandardStreams streams() {
    return streams;
  }

  boolean verbose() {
    return verbose;
  }
}
