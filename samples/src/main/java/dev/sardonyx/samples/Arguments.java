package dev.sardonyx.samples;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Converts arguments to numbers and files, with messages for invalid ones. */
final class Arguments {
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
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'%s' is no name of a file in the charset %s of the locale; try LC_ALL=C.UTF-8"
              .formatted(text, System.getProperty("sun.jnu.encoding")));
    }
  }

  /**
   * What is wrong with the arguments; reworded where picocli's message is written for programmers.
   */
  static String message(ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    if (failure instanceof UnmatchedArgumentException e && !e.isUnknownOption()) {
      String first = e.getUnmatched().get(0);
      return command.getSubcommands().isEmpty()
          ? "'%s' is one argument too many".formatted(first)
          : "there is no command '%s'".formatted(first);
    }
    if ("Missing required subcommand".equals(failure.getMessage())) {
      return "a command is missing: one of " + String.join(", ", command.getSubcommands().keySet());
    }
    String message = String.valueOf(failure.getMessage());
    return message.replace("option option", "option").replaceAll(" at index [\\d.*]+ ", " ");
  }
}
