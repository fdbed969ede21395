package dev.sardonyx.samples;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The user's own defaults of options, from a file of properties such as {@code verify.rtol=1e-4}.
 *
 * <p>They become arguments before those that were given, of which the last counts. An option that
 * was given is left out, so that lists do not grow.
 */
final class DefaultOptions {
  private final @Nullable Path file;
  private final Map<String, String> properties;

  /** Keys by the option's names that they were put before the arguments for. */
  private final Map<String, String> used = new TreeMap<>();

  private DefaultOptions(@Nullable Path file, Map<String, String> properties) {
    this.file = file;
    this.properties = properties;
  }

  /**
   * Reads the file that {@code SARDONYX_CONFIG} names, or {@code sardonyx.properties} in {@code
   * XDG_CONFIG_HOME}, or in {@code .config} of {@code HOME}; those two need not be there.
   *
   * @throws IOException naming the file if it cannot be read
   */
  static DefaultOptions read(Map<String, String> environment) throws IOException {
    String named = environment.getOrDefault("SARDONYX_CONFIG", "");
    Optional<Path> file = named.isEmpty() ? usual(environment) : Optional.of(path(named));
    if (file.isEmpty() || (named.isEmpty() && !Files.exists(file.get()))) {
      return new DefaultOptions(null, Map.of());
    }
    Properties properties = new Properties();
    try (Reader text = Files.newBufferedReader(file.get())) {
      properties.load(text);
    } catch (FileSystemException e) {
      throw e;
    } catch (CharacterCodingException e) {
      throw wrong(file.get(), "is not text in UTF-8");
    } catch (IOException | IllegalArgumentException e) {
      throw wrong(file.get(), "is no file of properties (" + e.getMessage() + ")");
    }
    Map<String, String> sorted = new TreeMap<>();
    properties.stringPropertyNames().forEach(k -> sorted.put(k, properties.getProperty(k).strip()));
    return new DefaultOptions(file.get(), sorted);
  }

  private static Optional<Path> usual(Map<String, String> environment) throws IOException {
    String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
    String home = environment.getOrDefault("HOME", "");
    if (config.isEmpty() && home.isEmpty()) {
      return Optional.empty();
    }
    Path folder = config.isEmpty() ? path(home).resolve(".config") : path(config);
    return Optional.of(folder.resolve("sardonyx.properties"));
  }

  private static Path path(String name) throws IOException {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new FileSystemException(name, null, "is no name of a file");
    }
  }

  /**
   * The arguments with the defaults of their command.
   *
   * @throws IOException naming the file and the key if a key is none of a command, or of an option
   *     of the command that is called
   */
  String[] before(CommandLine root, String... arguments) throws IOException {
    boolean told =
        Arrays.stream(arguments).anyMatch(List.of("--help", "-h", "--version")::contains);
    if (file == null || told) {
      return arguments;
    }
    List<String> all = new ArrayList<>(List.of(arguments));
    CommandLine command = root;
    String prefix = "";
    int at = 0;
    while (at < arguments.length) {
      CommandLine sub = command.getSubcommands().get(arguments[at]);
      if (sub != null) {
        command = sub;
        prefix += arguments[at] + ".";
      } else if (command != root || !arguments[at].startsWith("-")) {
        break;
      }
      at++;
    }
    List<String> given = all.subList(at, all.size());
    List<String> defaults = new ArrayList<>();
    for (Map.Entry<String, String> property : properties.entrySet()) {
      String key = property.getKey();
      if (!key.contains(".") || !Sardonyx.isCommand(key.substring(0, key.indexOf('.')))) {
        throw wrong(file, "'" + key + "' does not begin with a command, as verify.rtol does");
      }
      if (key.startsWith(prefix) && command != root) {
        Optional<OptionSpec> option = option(command, key, key.substring(prefix.length()));
        if (option.isPresent() && given.stream().noneMatch(word -> isOf(word, option.get()))) {
          defaults.addAll(arguments(key, option.get(), property.getValue()));
        }
      }
    }
    all.addAll(at, defaults);
    return all.toArray(String[]::new);
  }

  /** The option that a key is for, or none if it is for a command below. */
  private Optional<OptionSpec> option(CommandLine command, String key, String name)
      throws IOException {
    OptionSpec option = command.getCommandSpec().findOption("--" + name);
    if (option != null && !option.usageHelp() && !option.versionHelp()) {
      return Optional.of(option);
    }
    int dot = name.indexOf('.');
    if (dot > 0 && command.getSubcommands().containsKey(name.substring(0, dot))) {
      return Optional.empty();
    }
    throw wrong(
        file, "'%s': %s has no option '--%s'".formatted(key, command.getCommandName(), name));
  }

  private static boolean isOf(String word, OptionSpec option) {
    return Arrays.stream(option.names())
        .anyMatch(
            name ->
                word.equals(name)
                    || word.startsWith(name.startsWith("--") ? name + "=" : name)
                    || (option.negatable() && word.equals("--no-" + name.substring(2))));
  }

  private List<String> arguments(String key, OptionSpec option, String value) throws IOException {
    String name = option.longestName();
    used.put(name, key);
    if (option.arity().max() > 0) {
      return List.of(name + "=" + value);
    }
    if (!value.equals("true") && !value.equals("false")) {
      throw wrong(file, "%s: '%s' is neither true nor false".formatted(key, value));
    }
    if (value.equals("true")) {
      return List.of(name);
    }
    return option.negatable() ? List.of("--no-" + name.substring(2)) : List.of();
  }

  /** Whether an option of this long name was put before the arguments. */
  boolean gives(String option) {
    return used.containsKey(option);
  }

  /** What is wrong with the arguments, naming the file and the key if it is one of its values. */
  Optional<String> blame(ParameterException failure) {
    String message = Arguments.message(failure);
    return used.entrySet().stream()
        .filter(entry -> message.contains("'" + entry.getKey() + "'"))
        .findFirst()
        .map(entry -> "%s: %s: %s".formatted(file, entry.getValue(), message));
  }

  private static FileSystemException wrong(@Nullable Path file, String reason) {
    return new FileSystemException(String.valueOf(file), null, reason);
  }
}
