package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Standard input and output where a command takes files, both named {@code -}. Each can be used
 * once; while a file's content goes to standard output, all else that a command prints goes to
 * standard error, or nowhere if it is quiet and the content is its results. A file that is really
 * called so is {@code ./-}.
 */
final class StandardStreams {
  private static final Path DASH = Path.of("-");

  /** Set by the launcher to the numbers of the standard streams that are terminals. */
  private static final String TERMINALS = "sardonyx.terminals";

  /** What the model's file would say; a name of a file is shown as it is. */
  private static final String INPUT = "standard input";

  private String taken = "";

  /** What can be read once only. */
  private final Map<Path, ReadModel> models = new HashMap<>();

  private record ReadModel(Model model, long size) {}

  /** Those of the command line that a command belongs to. */
  static StandardStreams of(CommandSpec spec) {
    return ((Sardonyx) spec.root().userObject()).streams();
  }

  /** Whether a name stands for one of them. */
  static boolean isMeant(Path file) {
    return file.equals(DASH);
  }

  /** How a file that is read is called. */
  static String input(Path file) {
    return isMeant(file) ? INPUT : file.toString();
  }

  /** How a file that is written is called. */
  static String output(Path file) {
    return isMeant(file) ? "standard output" : file.toString();
  }

  /**
   * Whether a standard stream, by its number, is a terminal. Without a launcher that knows, such as
   * that for Windows, whose shell cannot tell, Java is asked, which says it of them all at once.
   */
  static boolean isTerminal(int stream) {
    String told = System.getProperty(TERMINALS);
    return told == null ? isConsole(System.console()) : told.contains(String.valueOf(stream));
  }

  /**
   * Whether a person is there. Until JDK 21 there is no console otherwise; from 22 on there always
   * is one, and it says what it is.
   */
  private static boolean isConsole(java.io.@Nullable Console console) {
    if (console == null || Runtime.version().feature() < 22) {
      return console != null;
    }
    try {
      return Boolean.TRUE.equals(java.io.Console.class.getMethod("isTerminal").invoke(console));
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /**
   * Whether what a name stands for can be read once only: standard input, or a pipe such as the one
   * that a shell puts in the place of {@code <(command)}.
   */
  static boolean isReadOnce(Path file) {
    return isMeant(file)
        || (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file));
  }

  /**
   * The model on standard input or in a pipe, which is read when first asked for.
   *
   * @param withoutWeights whether tensors in external data files are left alone; else they are
   *     refused, for no folder is known where these could be
   */
  Model model(CommandSpec spec, Path file, boolean withoutWeights) throws IOException {
    return read(spec, file, withoutWeights).model;
  }

  private ReadModel read(CommandSpec spec, Path file, boolean withoutWeights) throws IOException {
    ReadModel known = models.get(file);
    if (known != null) {
      return known;
    }
    if (isMeant(file) && isTerminal(0)) {
      throw new ParameterException(
          spec.commandLine(),
          "'-' is standard input, which is a terminal: send a model into it, or name a file");
    }
    ReadModel read;
    if (isMeant(file)) {
      read = read(System.in, input(file), withoutWeights);
    } else {
      try (InputStream in = Files.newInputStream(file)) {
        read = read(in, input(file), withoutWeights);
      }
    }
    models.put(file, read);
    return read;
  }

  private static ReadModel read(InputStream from, String name, boolean withoutWeights)
      throws IOException {
    CountedInput in = new CountedInput(from);
    Model model =
        withoutWeights
            ? OnnxReader.readWithoutWeights(in, name)
            : OnnxReader.read(in, name, Limits.standard());
    return new ReadModel(model, in.count);
  }

  /** The bytes of the model that was read from there. */
  long size(Path file) {
    ReadModel read = models.get(file);
    return read == null ? 0 : read.size;
  }

  /**
   * Takes standard output for a file.
   *
   * @param option the option, or the label of the parameter, that names it
   * @param text whether it can be shown on a terminal
   * @throws ParameterException if it is taken already, or is a terminal that cannot show it
   */
  void take(CommandSpec spec, String option, boolean text) {
    if (!taken.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "%s and %s are both '-', but only one can go to standard output"
              .formatted(taken, option));
    }
    if (!text && isTerminal(1)) {
      throw new ParameterException(
          spec.commandLine(),
          "%s is '-', but standard output is a terminal, which cannot show it: send it into a pipe"
                  .formatted(option)
              + " or file");
    }
    taken = option;
  }

  /** Whether the content of a file goes to standard output. */
  boolean isTaken() {
    return !taken.isEmpty();
  }

  /** Whether the results themselves go to standard output, as JSON. */
  boolean isTakenByJson() {
    return taken.equals(JsonOption.NAME);
  }

  /** Writes a model to standard output, and returns its bytes. */
  static long write(Model model) throws IOException {
    CountedOutput out = new CountedOutput(System.out);
    OnnxWriter.write(model, out);
    out.flush();
    return out.count;
  }

  private static final class CountedInput extends FilterInputStream {
    private long count;

    CountedInput(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }

  private static final class CountedOutput extends FilterOutputStream {
    private long count;

    CountedOutput(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count += length;
    }
  }
}
