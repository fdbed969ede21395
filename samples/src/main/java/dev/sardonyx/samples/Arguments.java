package dev.sardonyx.samples;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Converts arguments to numbers and files, with messages for invalid ones. */
final class Arguments {
  /** What Java makes of bytes that are not of its charset, so that they are lost. */
  private static final char NO_CHARACTER = '\uFFFD';

  private Arguments() {}

  /**
   * Registers these converters with a command line and its subcommands, which must have been added
   * before.
   */
  static CommandLine register(CommandLine commandLine) {
    // Named, for JDK 17 crashes when it archives two lambdas of a class that are the same.
    ITypeConverter<Integer> toInt = Arguments::toInt;
    ITypeConverter<Long> toLong = Arguments::toLong;
    ITypeConverter<Double> toDouble = Arguments::toDouble;
    return commandLine
        .registerConverter(int.class, toInt)
        .registerConverter(Integer.class, toInt)
        .registerConverter(long.class, toLong)
        .registerConverter(Long.class, toLong)
        .registerConverter(double.class, toDouble)
        .registerConverter(Double.class, toDouble)
        .registerConverter(Path.class, Arguments::path);
  }

  private static Integer toInt(String text) {
    return whole(text, Integer.MAX_VALUE, Integer::valueOf);
  }

  private static Long toLong(String text) {
    return whole(text, Long.MAX_VALUE, Long::valueOf);
  }

  private static <T> T whole(String text, long most, ITypeConverter<T> parse) {
    try {
      return parse.convert(text);
    } catch (Exception e) {
      throw new TypeConversionException(
          text.matches("[+-]?\\d+")
              ? "'%s' is beyond %,d".formatted(text, most)
              : "'%s' is not a whole number".formatted(text));
    }
  }

  private static Double toDouble(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'%s' is not a number".formatted(text));
    }
  }

  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("the name of a file is empty");
    }
    String charset = System.getProperty("sun.jnu.encoding");
    Path path;
    try {
      path = Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'%s' is no name of a file in the charset %s of the locale; try LC_ALL=C.UTF-8"
              .formatted(text, charset));
    }
    if (text.indexOf(NO_CHARACTER) >= 0 && Files.notExists(path)) {
      throw new TypeConversionException(
          "'%s' has bytes that are no characters in the charset %s of the locale, which Java cannot"
                  .formatted(text, charset)
              + " pass on; rename the file");
    }
    return path;
  }

  private static String unmatched(CommandLine command, boolean isOption, String word) {
    if (isOption) {
      List<String> options = new ArrayList<>();
      command.getCommandSpec().options().forEach(o -> options.addAll(List.of(o.names())));
      return "there is no option '%s'%s"
          .formatted(word, Spelling.question(word.replaceFirst("=.*", ""), options));
    }
    Set<String> commands = command.getSubcommands().keySet();
    return commands.isEmpty()
        ? "'%s' is one argument too many".formatted(word)
        : "there is no command '%s'%s".formatted(word, Spelling.question(word, commands));
  }

  /**
   * What to do about a word that begins like an option and may be the name of a file; empty if
   * there is none.
   */
  static String fileHint(CommandLine command, String... arguments) {
    for (String word : arguments) {
      if (word.equals("--")) {
        break;
      }
      boolean isNamed = word.matches("[^=]*\\.[A-Za-z]\\w*") || exists(word);
      if (word.matches("-[^-].*") && isNamed && !hasValue(command, word)) {
        return "; a file called '%s' goes behind --, or is written ./%s".formatted(word, word);
      }
    }
    return "";
  }

  /** Whether a word is an option of one letter with its value behind it. */
  private static boolean hasValue(CommandLine command, String word) {
    OptionSpec option = command.getCommandSpec().findOption(word.substring(0, 2));
    return option != null && option.arity().max() > 0;
  }

  private static boolean exists(String name) {
    try {
      return Files.exists(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * What is wrong with the arguments; reworded where picocli's message is written for programmers.
   */
  static String message(ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    if (failure instanceof UnmatchedArgumentException e) {
      return unmatched(command, e.isUnknownOption(), e.getUnmatched().get(0));
    }
    if ("Missing required subcommand".equals(failure.getMessage())) {
      return "a command is missing: one of " + String.join(", ", command.getSubcommands().keySet());
    }
    String message = String.valueOf(failure.getMessage());
    return message.replace("option option", "option").replaceAll(" at index [\\d.*]+ ", " ");
  }
}
